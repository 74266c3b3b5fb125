"""Cases that somebody has opened: for how long they see more of one, why, and who looked at it.

Two kinds. With a ``reason`` somebody opens what their work gives them anyway. Who breaks the glass
opens a case that is none of theirs; somebody else must look at that afterwards.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Index,
    LargeBinary,
    MetaData,
    Row,
    Select,
    String,
    Table,
    Uuid,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Session
from uuid_utils.compat import uuid7

from shared.auth.actor import Actor, Viewer
from shared.auth.policy import check_fresh
from shared.auth.sealing import Sealer
from shared.clock import CHINA
from shared.db.scope import Found, decided
from shared.db.transaction import Transaction
from shared.db.types import UtcDateTime
from shared.errors import Forbidden, NotFound, Rejected

REASON, BREAK_GLASS = "reason", "break_glass"
LASTS = timedelta(minutes=30)
REVIEW_DAYS = 3
SATURDAY = 6
MOST = 200

CODE = String(64)


def openings_table(metadata: MetaData) -> Table:
    """The same in every service that needs it; migrations/0001 of the service makes it."""
    table = Table(
        "openings",
        metadata,
        Column("opening_id", Uuid, primary_key=True),
        Column("case_id", Uuid, nullable=False),
        Column("member_id", CODE, nullable=False),
        Column("role", CODE, nullable=False),
        Column("kind", String(20), nullable=False),
        Column("reason_code", CODE, nullable=False),
        Column("reason", LargeBinary, nullable=False),
        Column("opened_at", UtcDateTime, nullable=False),
        Column("until", UtcDateTime, nullable=False),
        Column("review_by", UtcDateTime),
        Column("reviewed_at", UtcDateTime),
        Column("reviewed_by", CODE),
        Column("result", CODE),
    )
    Index("openings_member", table.c.member_id, table.c.until, table.c.case_id)
    waiting = table.c.review_by.is_not(None) & table.c.reviewed_at.is_(None)
    Index(
        "openings_to_review",
        table.c.review_by,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    return table


@dataclass(frozen=True, kw_only=True)
class Open:
    """``reason`` are the actor's own words."""

    reason_code: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Judge:
    """What somebody else found on looking at why a case was opened."""

    result: str


@dataclass(frozen=True, kw_only=True)
class Opening:
    opening_id: UUID
    case_id: UUID
    member_id: str
    role: str
    reason_code: str
    reason: str
    opened_at: datetime
    review_by: datetime


def opened(
    table: Table, case: InstrumentedAttribute[UUID] | ColumnElement[UUID], viewer: Viewer
) -> ColumnElement[bool]:
    return exists().where(table.c.case_id == case, *_valid(table, viewer))


def opened_cases(table: Table, viewer: Viewer) -> Select[Any]:
    return select(table.c.case_id).where(*_valid(table, viewer))


def open_case(
    tx: Transaction, table: Table, case_id: UUID, kind: str, command: Open, sealer: Sealer
) -> UUID:
    """From now on, for ``LASTS``. That the actor may do so is checked before."""
    opening_id = uuid7()
    row = {
        "opening_id": opening_id,
        "case_id": case_id,
        "member_id": tx.actor,
        "role": tx.role,
        "kind": kind,
        "reason_code": command.reason_code,
        "reason": sealer.seal(command.reason.encode(), about=str(opening_id)),
        "opened_at": tx.now,
        "until": tx.now + LASTS,
        "review_by": _working_days_after(tx.now, REVIEW_DAYS) if kind == BREAK_GLASS else None,
    }
    tx.execute(insert(table), row)
    return opening_id


def judge_opening(
    tx: Transaction, table: Table, case_id: UUID, opening_id: UUID, command: Judge
) -> None:
    """Raises NotFound unless it is one of the case that waits for it, Forbidden for one's own."""
    row = tx.execute(
        select(table).where(
            table.c.opening_id == opening_id,
            table.c.case_id == case_id,
            table.c.review_by.is_not(None),
        )
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such record.")
    if row.member_id == tx.actor:
        raise Forbidden("Somebody else has to look at what you opened yourself.")
    if row.reviewed_at is not None:
        raise Rejected("Somebody has looked at this already.")
    judged = {"reviewed_at": tx.now, "reviewed_by": tx.actor, "result": command.result}
    tx.execute(update(table).where(table.c.opening_id == opening_id).values(judged))


@dataclass(frozen=True, kw_only=True)
class Openable:
    """Cases that can be opened, and where it is kept that they were; a service that has some says
    so in its ``relations``.

    ``case`` is the column of their ids, ``purpose`` that of the seal around a reason. ``load``
    looks for one case, ``within`` is the condition for many.
    """

    table: Table
    case: InstrumentedAttribute[UUID]
    purpose: str
    load: Callable[[Session, Viewer, str, UUID], Found[Any]]
    within: Callable[[Viewer, str], ColumnElement[bool]]
    open_action: str
    glass_action: str
    review_action: str

    def open(
        self, tx: Transaction, case_id: UUID, by: Actor, command: Open, sealer: Sealer
    ) -> UUID:
        """See all of a case for half an hour, having said why. Returns the opening's id."""
        self.load(tx.session, Viewer(actor=by, now=tx.now), self.open_action, case_id)
        return open_case(tx, self.table, case_id, REASON, command, sealer)

    def break_glass(
        self, tx: Transaction, case_id: UUID, by: Actor, command: Open, sealer: Sealer
    ) -> UUID:
        """Likewise with a case that is not theirs; somebody else looks at it afterwards.

        Raises StepUpRequired.
        """
        found = self.load(tx.session, Viewer(actor=by, now=tx.now), self.glass_action, case_id)
        check_fresh(by, found.decision, tx.now)
        return open_case(tx, self.table, case_id, BREAK_GLASS, command, sealer)

    def number(self, session: Session, viewer: Viewer, case_id: UUID) -> str:
        """Raises NotFound for a case that the actor cannot break the glass of."""
        found: str = self.load(session, viewer, self.glass_action, case_id).row.number
        return found

    def to_review(self, session: Session, viewer: Viewer, sealer: Sealer) -> Sequence[Opening]:
        """Those that nobody has looked at, the most urgent first; one's own are for somebody
        else.
        """
        query = self._waiting(select(self.table), viewer).order_by(self.table.c.review_by)
        return [_unsealed(row, sealer) for row in session.execute(query.limit(MOST))]

    def waiting(self, session: Session, viewer: Viewer) -> int:
        """How many of these there are; no reason is opened for that."""
        some = self._waiting(select(literal(1)).select_from(self.table), viewer).limit(MOST)
        return session.scalars(select(func.count()).select_from(some.subquery())).one()

    def review(
        self, tx: Transaction, case_id: UUID, opening_id: UUID, by: Actor, command: Judge
    ) -> None:
        """Say whether the reason was good; raises what ``judge_opening`` does."""
        self.load(tx.session, Viewer(actor=by, now=tx.now), self.review_action, case_id)
        judge_opening(tx, self.table, case_id, opening_id, command)

    def _waiting(self, query: Select[Any], viewer: Viewer) -> Select[Any]:
        columns = self.table.c
        return query.join(self.case.class_, self.case == columns.case_id).where(
            columns.review_by.is_not(None),
            columns.reviewed_at.is_(None),
            columns.member_id != viewer.actor.id,
            decided(self.within(viewer, self.review_action)),
        )


def _unsealed(row: Row[Any], sealer: Sealer) -> Opening:
    return Opening(
        opening_id=row.opening_id,
        case_id=row.case_id,
        member_id=row.member_id,
        role=row.role,
        reason_code=row.reason_code,
        reason=sealer.open(row.reason, about=str(row.opening_id)).decode(),
        opened_at=row.opened_at,
        review_by=row.review_by,
    )


def _valid(table: Table, viewer: Viewer) -> tuple[ColumnElement[bool], ...]:
    mine = table.c.member_id == viewer.actor.id
    return mine, table.c.until > viewer.now


def _working_days_after(moment: datetime, days: int) -> datetime:
    """Mondays to Fridays; a holiday makes the time shorter, never longer."""
    while days:
        moment += timedelta(days=1)
        days -= moment.astimezone(CHINA).isoweekday() < SATURDAY
    return moment
