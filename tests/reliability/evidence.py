"""What is left when a soak is over: databases and log, read directly."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from sqlalchemy import ColumnElement, Engine, FromClause, Row, select

from services import registry
from shared.db.message_tables import inbox, outbox
from shared.settings import SERVICES
from tests.reliability.clients import Account
from tests.reliability.target import Logged, Target


@dataclass(frozen=True, kw_only=True)
class Emitted:
    """A row of an outbox."""

    event_id: UUID
    topic: str
    type: str
    source: str
    key: str
    sequence: int
    published: bool


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A consumer: what it reads, and the types it does something about (None: all)."""

    name: str
    topics: Collection[str]
    types: Collection[str] | None

    @classmethod
    def of(cls, name: str) -> "Listener":
        service = registry.load(name)
        classes = [reaction.event_class for reaction in service.reactions]
        types = None if None in classes else {one.event_type for one in classes if one}
        return cls(name=name, topics=service.topics, types=types)

    def wants(self, event: Emitted) -> bool:
        known = self.types is None or event.type in self.types
        return event.topic in self.topics and known


LISTENERS = tuple(
    listener for listener in (Listener.of(name) for name in SERVICES) if listener.topics
)


@dataclass(frozen=True)
class Evidence:
    """``with`` it, else the databases stay open. Everything is read once, when first asked for."""

    account: Account
    engines: Mapping[str, Engine]
    log: Sequence[Logged]

    def rows(
        self, database: str, table: FromClause, *conditions: ColumnElement[bool]
    ) -> Sequence[Row[Any]]:
        with self.engines[database].connect() as connection:
            return connection.execute(select(table).where(*conditions)).all()

    @cached_property
    def accepted(self) -> Mapping[str, frozenset[UUID]]:
        """The ids of what was answered with 201, by kind."""
        found: dict[str, set[UUID]] = {"dispute": set(), "lead": set()}
        for one in self.account.accepted:
            for kind, case in one.cases:
                found[kind].add(case)
        return {kind: frozenset(cases) for kind, cases in found.items()}

    @cached_property
    def emitted(self) -> Sequence[Emitted]:
        """What stands in the outboxes of all services."""
        return [
            Emitted(
                event_id=row.event_id,
                topic=row.topic,
                type=row.type,
                source=service,
                key=row.key,
                sequence=row.kseq,
                published=row.published_at is not None,
            )
            for service in SERVICES
            for row in self.rows(service, outbox)
        ]

    @cached_property
    def by_key(self) -> Mapping[tuple[str, str], Sequence[Emitted]]:
        """By service and key."""
        found: dict[tuple[str, str], list[Emitted]] = defaultdict(list)
        for event in self.emitted:
            found[event.source, event.key].append(event)
        return found

    @cached_property
    def heard(self) -> Mapping[str, frozenset[UUID]]:
        """The inboxes."""
        return {
            listener.name: frozenset(
                row.event_id
                for row in self.rows(listener.name, inbox, inbox.c.consumer == listener.name)
            )
            for listener in LISTENERS
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with ExitStack() as stack:
            for engine in self.engines.values():
                stack.callback(engine.dispose)


def gather(target: Target, account: Account) -> Evidence:
    return Evidence(account, target.engines(), target.logged())
