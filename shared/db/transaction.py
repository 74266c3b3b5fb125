"""One transaction as handlers see it: read, write, announce; never commit."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, Executable, Result, Table, insert
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from uuid_utils.compat import uuid7

from shared.auth.actor import ANONYMOUS_ID, Actor
from shared.db.message_tables import key_counter, outbox
from shared.db.upsert import DIALECTS, upsert
from shared.errors import Conflict, NotFound
from shared.events import Envelope, Event, LeadEvent, encode
from shared.telemetry import new_traceparent

M = TypeVar("M")
Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Delivered:
    """An event as it was read from the log; ``appended_at`` is the log's time, ``event`` None when
    this release does not know the type.
    """

    envelope: Envelope
    event: Event | None
    topic: str
    partition: int
    offset: int
    appended_at: datetime


@dataclass(frozen=True, kw_only=True)
class _Emitted:
    event: Event
    data: bytes
    id: UUID
    at: datetime
    actor: str
    cause: Delivered | None
    traceparent: str | None


class Transaction:
    """Everything done through it becomes true together, or not at all.

    Core inserts and emits are kept back and written in sets: before the next read, and at the end.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        now: datetime,
        actor: Actor,
        traceparent: str | None = None,
    ) -> None:
        self.now = now
        self.cause: Delivered | None = None
        self._actor = actor
        self._traceparent = traceparent
        self._connection = connection
        self._rows: dict[Executable, list[Row]] = {}
        self._emitted: list[_Emitted] = []

    @property
    def actor(self) -> str:
        """The opaque id of who acts."""
        return self._actor.id

    @property
    def role(self) -> str:
        return self._actor.main_role

    @property
    def dialect(self) -> str:
        return self._connection.dialect.name

    @property
    def engine(self) -> Engine:
        return self._connection.engine

    @property
    def session(self) -> Session:
        """For entities; sees everything written so far."""
        self._write_rows()
        return self._session

    @cached_property
    def _session(self) -> Session:
        return Session(
            self._connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        )

    @property
    def _has_session(self) -> bool:
        return "_session" in self.__dict__

    def get(self, model: type[M], key: object) -> M:
        """Raises NotFound."""
        found = self.session.get(model, key)
        if found is None:
            raise NotFound("There is no such record.")
        return found

    def add(self, instance: object) -> None:
        self._session.add(instance)

    def insert(self, table: Table, row: Row) -> None:
        """Rows of one table must all have the same columns."""
        self.queue(_insert(table), row)

    def queue(self, statement: Executable, row: Row) -> None:
        """Keep a row back for a statement that is then run for all of its rows at once. Rows of
        one statement keep their order; statements run in the order of their first row.
        """
        self._rows.setdefault(statement, []).append(row)

    def execute(
        self, statement: Executable, params: Row | Sequence[Row] | None = None
    ) -> Result[Any]:
        """Run a Core statement; sees everything written so far."""
        self._write_rows()
        if self._has_session:
            self._session.flush()
        return self._connection.execute(statement, params)

    def emit(self, event: Event, *, unlinked: bool = False, at: datetime | None = None) -> UUID:
        """Publish an event if, and only if, this transaction commits; returns the event's id.

        ``unlinked``: the event carries no trace of who or what caused it; it looks like one that
        somebody caused who is not signed in. ``at``: when it happened, if that is not to be
        told exactly.
        """
        actor = self.role if isinstance(event, LeadEvent) else self.actor
        emitted = _Emitted(
            event=event,
            data=encode(event),  # fails here, at its cause, rather than when all is written
            id=uuid7() if at is None else uuid4(),  # one that tells no exact time by its id, either
            actor=ANONYMOUS_ID if unlinked else actor,
            at=at or self.now,
            cause=None if unlinked else self.cause,
            traceparent=new_traceparent() if unlinked else self._trace(),
        )
        self._emitted.append(emitted)
        return emitted.id

    def finish(self) -> bool:
        """Write what was kept back; says whether there are events to publish. Only the database
        calls this, right before the commit.
        """
        self._write_rows()
        if self._has_session:
            try:
                self._session.commit()  # ends the session's savepoint, not the transaction
            except StaleDataError as error:
                raise Conflict("Someone else has changed this case. Please reload.") from error
        if self._emitted:
            self._write_emitted()
        return bool(self._emitted)

    def abandon(self) -> None:
        """Let go of the session; only the database calls this."""
        if self._has_session:
            self._session.close()

    def _trace(self) -> str | None:
        return self.cause.envelope.traceparent if self.cause else self._traceparent

    def _write_rows(self) -> None:
        pending, self._rows = self._rows, {}
        for statement, rows in pending.items():
            self._connection.execute(statement, rows)

    def _write_emitted(self) -> None:
        counters = self._raise_counters()
        rows = []
        for emitted in self._emitted:
            key = emitted.event.subject
            number, correlation_id = counters[key]
            counters[key] = number + 1, correlation_id
            caused_here = emitted.cause is not None and emitted.cause.envelope.subject == key
            rows.append(
                {
                    "event_id": emitted.id,
                    "topic": emitted.event.topic,
                    "key": key,
                    "kseq": number,
                    "type": emitted.event.event_type,
                    "time": emitted.at,
                    "actor": emitted.actor,
                    "correlation_id": correlation_id,
                    "causation_id": emitted.cause.envelope.id
                    if caused_here and emitted.cause
                    else None,
                    "traceparent": emitted.traceparent,
                    "data": emitted.data,
                }
            )
        self._connection.execute(_INSERT_OUTBOX, rows)

    def _raise_counters(self) -> dict[str, tuple[int, UUID]]:
        """The first number, and the correlation id, per key. The row lock on the counter makes the
        order of numbers the order of commits.
        """
        wanted = Counter(emitted.event.subject for emitted in self._emitted)
        first: dict[str, _Emitted] = {}
        for emitted in self._emitted:
            first.setdefault(emitted.event.subject, emitted)
        # Sorted: two transactions that raise the same counters must not wait for each other.
        rows = [
            {"key": key, "last": wanted[key], "correlation_id": _correlation(first[key])}
            for key in sorted(wanted)
        ]
        found = self._connection.execute(_RAISE[self.dialect], rows)
        return {
            key: (last - wanted[key] + 1, correlation_id) for key, last, correlation_id in found
        }


@cache
def _insert(table: Table) -> Executable:
    return insert(table).inline()


def _correlation(emitted: _Emitted) -> UUID:
    if emitted.cause is not None and emitted.cause.envelope.subject == emitted.event.subject:
        return emitted.cause.envelope.correlation_id
    return emitted.id


def _raise_counter(dialect: str) -> Executable:
    new = upsert(dialect, key_counter)
    return new.on_conflict_do_update(
        index_elements=["key"], set_={"last": key_counter.c.last + new.excluded.last}
    ).returning(key_counter.c.key, key_counter.c.last, key_counter.c.correlation_id)


_RAISE = {dialect: _raise_counter(dialect) for dialect in DIALECTS}
_INSERT_OUTBOX = insert(outbox).inline()
