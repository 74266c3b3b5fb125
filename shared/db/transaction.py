"""One transaction as handlers see it: read, write, announce; never commit."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import Connection, Engine, Executable, Result, Table
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from uuid_utils.compat import uuid7

from shared.auth.actor import ANONYMOUS_ID, Actor
from shared.db.bulk import bulk_insert, bulk_upsert
from shared.db.message_tables import key_counter, outbox
from shared.db.prepared import Prepared
from shared.db.single_event import WRITE_EVENT
from shared.db.together import together
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
class Told:
    """What an emitted event is about, as far as it says so. ``coarse``: it does not say exactly
    when, so nothing else must.
    """

    subject: str
    actor: str
    at: datetime
    coarse: bool


@dataclass(frozen=True, kw_only=True)
class _Emitted:
    event: Event
    key: str
    data: bytes
    id: UUID
    at: datetime
    actor: str
    coarse: bool
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
        self._rows: dict[Executable | Prepared | tuple[Table, tuple[str, ...]], list[Row]] = {}
        self._emitted: list[_Emitted] = []

    @property
    def actor(self) -> str:
        """The opaque id of who acts."""
        return self._actor.id

    @property
    def role(self) -> str:
        return self._actor.main_role

    @property
    def told(self) -> Sequence[Told]:
        """What was emitted so far."""
        return [
            Told(subject=each.key, actor=each.actor, at=each.at, coarse=each.coarse)
            for each in self._emitted
        ]

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
        self._rows.setdefault((table, tuple(row)), []).append(row)

    def queue(self, statement: Executable | Prepared, row: Row) -> None:
        """Keep a row back for a statement that is then run for all of its rows at once. Rows of
        one statement keep their order; statements run in the order of their first row, or all at
        once: none may need what another one of those that are kept back has written.
        """
        self._rows.setdefault(statement, []).append(row)

    def execute(
        self, statement: Executable, params: Row | Sequence[Row] | None = None
    ) -> Result[Any]:
        """Run a Core statement; sees everything written so far."""
        self._write_all()
        return self._connection.execute(statement, params)

    def upsert(
        self, table: Table, rows: Sequence[Row], on_conflict: str, returning: tuple[str, ...] = ()
    ) -> list[tuple[Any, ...]]:
        """Insert rows with the same columns, or what ``on_conflict`` says, in one statement; what
        is returned comes in no particular order. Sees everything written so far.
        """
        self._write_all()
        run = bulk_upsert(self._connection.dialect, table, tuple(rows[0]), on_conflict, returning)
        return run.run(self._connection, rows)

    def returned(self, statement: Prepared, row: Row) -> tuple[Any, ...] | None:
        """Run a statement for one row; sees everything written so far."""
        self._write_all()
        return statement.returned(self._connection, row)

    def emit(self, event: Event, *, unlinked: bool = False, at: datetime | None = None) -> UUID:
        """Publish an event if, and only if, this transaction commits; returns the event's id.

        ``unlinked``: the event carries no trace of who or what caused it; it looks like one that
        somebody caused who is not signed in. ``at``: when it happened, if that is not to be
        told exactly.
        """
        actor = self.role if isinstance(event, LeadEvent) else self.actor
        emitted = _Emitted(
            event=event,
            key=event.subject,
            data=encode(event),  # fails here, at its cause, rather than when all is written
            id=uuid7() if at is None else uuid4(),  # one that tells no exact time by its id, either
            actor=ANONYMOUS_ID if unlinked else actor,
            at=at or self.now,
            coarse=unlinked or at is not None,
            cause=None if unlinked else self.cause,
            traceparent=new_traceparent() if unlinked else self._trace(),
        )
        self._emitted.append(emitted)
        return emitted.id

    def finish(self) -> bool:
        """Write what was kept back; says whether there are events to publish. Only the database
        calls this, right before the commit.
        """
        if self._written_at_once():
            return True
        self._write_rows()
        if self._has_session:
            try:
                self._session.commit()  # ends the session's savepoint, not the transaction
            except StaleDataError as error:
                raise Conflict("Someone else has changed this case. Please reload.") from error
        if self._emitted:
            self._write_emitted()
        return bool(self._emitted)

    def _written_at_once(self) -> bool:
        """What most requests have left to write, an event and single rows, in one round trip."""
        rows = self._rows
        if (
            self.dialect != "postgresql"
            or self._has_session
            or len(self._emitted) != 1
            or not rows
            or not all(isinstance(each, Prepared) for each in rows)
            or any(len(each) > 1 for each in rows.values())
        ):
            return False
        [emitted] = self._emitted
        statements = tuple(each for each in rows if isinstance(each, Prepared))
        given = [*(row for [row] in rows.values()), _row(emitted, 1, _correlation(emitted))]
        together((*statements, WRITE_EVENT)).run(self._connection, given)
        self._rows = {}
        return True

    def abandon(self) -> None:
        """Let go of the session; only the database calls this."""
        if self._has_session:
            self._session.close()

    def _trace(self) -> str | None:
        return self.cause.envelope.traceparent if self.cause else self._traceparent

    def _write_all(self) -> None:
        """What was kept back until now, so that the next statement sees it."""
        self._write_rows()
        if self._has_session:
            self._session.flush()

    def _write_rows(self) -> None:
        pending, self._rows = self._rows, {}
        for statement, rows in pending.items():
            if isinstance(statement, tuple):
                table, columns = statement
                bulk_insert(self._connection.dialect, table, columns).run(self._connection, rows)
            elif isinstance(statement, Prepared):
                statement.run(self._connection, rows)
            else:
                self._connection.execute(statement, rows)

    def _write_emitted(self) -> None:
        if len(self._emitted) == 1 and self.dialect == "postgresql":
            [emitted] = self._emitted
            WRITE_EVENT.run(self._connection, [_row(emitted, 1, _correlation(emitted))])
            return
        counters = self._raise_counters()
        rows = []
        for emitted in self._emitted:
            number, correlation_id = counters[emitted.key]
            counters[emitted.key] = number + 1, correlation_id
            rows.append(_row(emitted, number, correlation_id))
        to_outbox = bulk_insert(self._connection.dialect, outbox, tuple(rows[0]))
        to_outbox.run(self._connection, rows)

    def _raise_counters(self) -> dict[str, tuple[int, UUID]]:
        """The first number, and the correlation id, per key. The row lock on the counter makes the
        order of numbers the order of commits.
        """
        wanted = Counter([emitted.key for emitted in self._emitted])
        first: dict[str, _Emitted] = {}
        for emitted in self._emitted:
            first.setdefault(emitted.key, emitted)
        # Sorted: two transactions that raise the same counters must not wait for each other.
        rows = [
            {"key": key, "last": wanted[key], "correlation_id": _correlation(first[key])}
            for key in sorted(wanted)
        ]
        counters = bulk_upsert(self._connection.dialect, key_counter, _COUNTER, _RAISE, _COUNTER)
        return {
            key: (last - wanted[key] + 1, correlation_id)
            for key, last, correlation_id in counters.run(self._connection, rows)
        }


def _row(emitted: _Emitted, number: int, correlation_id: UUID) -> Row:
    cause = emitted.cause.envelope if emitted.cause else None
    return {
        "event_id": emitted.id,
        "topic": emitted.event.topic,
        "key": emitted.key,
        "kseq": number,
        "type": emitted.event.event_type,
        "time": emitted.at,
        "actor": emitted.actor,
        "correlation_id": correlation_id,
        "causation_id": cause.id if cause and cause.subject == emitted.key else None,
        "traceparent": emitted.traceparent,
        "data": emitted.data,
    }


def _correlation(emitted: _Emitted) -> UUID:
    if emitted.cause is not None and emitted.cause.envelope.subject == emitted.key:
        return emitted.cause.envelope.correlation_id
    return emitted.id


_COUNTER = ("key", "last", "correlation_id")
_RAISE = "(key) DO UPDATE SET last = key_counter.last + excluded.last"
