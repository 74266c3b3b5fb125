"""What a service consists of: one manifest, plain data, made at import without side effects."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

from flask import Blueprint
from sqlalchemy import MetaData
from sqlalchemy.orm import Session

from shared.auth.actor import Viewer
from shared.auth.policy import Policy
from shared.clock import Clock
from shared.db.database import Database
from shared.messaging.reactions import Reaction
from shared.messaging.replica import Person, person
from shared.settings import Settings

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class InternalReader(Protocol):
    """Reads another service's internal API under this service's own identity."""

    def get(self, service: str, path: str) -> object:
        """The decoded JSON; raises shared.errors.AppError (Unavailable when it is away)."""

    def post(self, service: str, path: str, body: object) -> object:
        """Likewise."""


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """What a background worker has at hand."""

    settings: Settings
    database: Database
    internal: InternalReader
    clock: Clock


@dataclass(frozen=True, kw_only=True)
class Worker:
    """Work that nobody asks for, done by one process at a time. ``run`` does a bounded piece and
    says whether there may be more; when not, it rests for ``every`` seconds.
    """

    name: str
    run: Callable[[Workplace], bool]
    every: float


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a record is called by people, and where they look at it."""

    text: str
    path: str | None = None


Records = Callable[[Session, Viewer, Sequence[str]], Mapping[str, Known]]
"""Of these ids those that the viewer may know, by id."""


def uuids(ids: Sequence[str]) -> list[UUID]:
    """Those that are of cases: the audit knows other records, too."""
    return [UUID(one) for one in ids if _UUID.fullmatch(one)]


@dataclass(frozen=True, kw_only=True)
class Service:
    """``ready`` says why the service cannot serve yet, or None when it can. ``sealed`` is the
    metadata of a second database, for what must be kept apart. ``person`` names a member, for the
    head of each page; ``records`` names what the audit knows by id.
    """

    name: str
    folder: Path
    metadata: MetaData
    blueprints: tuple[Blueprint, ...]
    policy: Policy
    reactions: tuple[Reaction, ...] = ()
    workers: tuple[Worker, ...] = ()
    ready: Callable[[Database], str | None] = lambda _database: None
    sealed: MetaData | None = None
    person: Callable[[Session, str], Person | None] = person
    records: Records = lambda _session, _viewer, _ids: {}

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics the reactions need; empty for a service that listens to nothing."""
        return tuple(sorted({topic for reaction in self.reactions for topic in reaction.topics}))
