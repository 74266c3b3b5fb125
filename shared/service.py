"""What a service consists of: one manifest, plain data, made at import without side effects."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from flask import Blueprint
from sqlalchemy import MetaData

from shared.auth.policy import Policy
from shared.clock import Clock
from shared.db.database import Database
from shared.messaging.reactions import Reaction
from shared.settings import Settings


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
class Service:
    """``ready`` says why the service cannot serve yet, or None when it can. ``sealed`` is the
    metadata of a second database, for what must be kept apart.
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

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics the reactions need; empty for a service that listens to nothing."""
        return tuple(sorted({topic for reaction in self.reactions for topic in reaction.topics}))
