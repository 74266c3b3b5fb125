"""The flows of cases: lists of them, and one with all its hops."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from services.ops.models import flows, hops
from shared.db.areas import areas_within, within
from shared.db.walks import Walk, unindexed, walked
from shared.errors import NotFound
from shared.events.intake import LeadRegistered
from shared.messaging.replica import Directory, Named, area_named, directory, named

MOST_HOPS = 500
LEAD_FILED = LeadRegistered.event_type

_NUMBER = re.compile(r"[A-Z]{2}[0-9]{6}-[0-9]{4}-[0-9]{6,}")


class Stage(StrEnum):
    """How far a case is; a case that is set aside anywhere counts as parked."""

    WAITING = "waiting"
    ROUTED = "routed"
    CONCLUDED = "concluded"
    PARKED = "parked"


@dataclass(frozen=True, kw_only=True)
class Filters:
    """``parked``: the subjects that are set aside now. ``after``: the place of the last row seen.
    The newest come first.
    """

    kind: str | None = None
    stage: Stage | None = None
    area: str | None = None
    parked: Collection[str] = ()
    after: tuple[datetime, str] | None = None
    limit: int = 50


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Where one case is. Without ``registered_at`` its registration was never seen."""

    subject: str
    kind: str | None
    number: str | None
    area: Named | None
    stage: Stage
    state: str | None
    route: str | None
    rule: str | None
    holder: Named | None
    holder_member: Named | None
    outcome: str | None
    registered_at: datetime | None
    routed_at: datetime | None
    concluded_at: datetime | None
    last_type: str
    last_at: datetime


@dataclass(frozen=True, kw_only=True)
class Hop:
    """One event on its way. Milliseconds: from its commit to the log, from the log's having its
    cause to its own commit, and since the first event about the case. A negative one says that the
    clocks of two machines differ.
    """

    event: str
    event_id: UUID
    source: str
    sequence: int
    time: datetime
    appended_at: datetime
    seen_at: datetime
    topic: str
    partition: int
    offset: int
    causation: UUID | None
    publish_ms: float | None
    react_ms: float | None
    since_start_ms: float


def listed(session: Session, wanted: Filters) -> Sequence[Flow]:
    """Those whose registration was seen; the others are gaps of the ledger."""
    walk = Walk(limit=wanted.limit, after=wanted.after)
    pieces = _pieces(session, wanted)
    query = walked(flows, flows.c.registered_at, flows.c.subject, pieces, walk)
    snapshot = directory(session)
    return [_flow(row, snapshot, wanted.parked) for row in session.execute(query)]


def find(session: Session, wanted: str, parked: Collection[str]) -> Flow:
    """By the id of the case or its registration number. Raises NotFound."""
    text = wanted.strip()
    if _NUMBER.fullmatch(text.upper()):
        found = flows.c.number == text.upper()
    else:
        found = flows.c.subject == text.lower()
    row = session.execute(select(flows).where(found).limit(1)).first()
    if row is None:
        raise NotFound("There is no such case, or nothing has been heard of it yet.")
    return _flow(row, directory(session), parked)


def hops_of(session: Session, subject: str) -> Sequence[Hop]:
    """In the order of the log."""
    rows = session.execute(
        select(hops)
        .where(hops.c.subject == subject)
        .order_by(hops.c.appended_at, hops.c.off)
        .limit(MOST_HOPS)
    ).all()
    appended = {row.event_id: row.appended_at for row in rows}
    return [_hop(row, appended, rows[0].time) for row in rows]


def _pieces(session: Session, wanted: Filters) -> Sequence[Sequence[ColumnElement[bool]]]:
    """An area is walked place by place, unless only those are wanted that wait: they have an index
    of their own, and are few.
    """
    every = list(_conditions(wanted))
    if wanted.area is None:
        return [every]
    few = wanted.stage in {Stage.WAITING, Stage.PARKED}
    areas = None if few else areas_within(session, flows.c.area, wanted.area)
    if areas is None:
        return [[*every, within(unindexed(flows.c.area), wanted.area)]]
    return [[flows.c.area == area, *every] for area in areas]


def _conditions(wanted: Filters) -> Iterator[ColumnElement[bool]]:
    yield flows.c.registered_at.is_not(None)
    if wanted.kind is not None:
        yield flows.c.kind == wanted.kind
    match wanted.stage:
        case Stage.PARKED:
            yield flows.c.subject.in_(wanted.parked)
        case Stage.CONCLUDED:
            yield flows.c.concluded_at.is_not(None)
        case Stage.ROUTED:
            yield flows.c.routed_at.is_not(None)
            yield flows.c.concluded_at.is_(None)
        case Stage.WAITING:
            yield flows.c.routed_at.is_(None)
        case None:
            return
    if wanted.stage is not Stage.PARKED and wanted.parked:
        yield flows.c.subject.not_in(wanted.parked)


def _stage(row: Row[Any], parked: Collection[str]) -> Stage:
    if row.subject in parked:
        return Stage.PARKED
    if row.concluded_at is not None:
        return Stage.CONCLUDED
    return Stage.WAITING if row.routed_at is None else Stage.ROUTED


def _flow(row: Row[Any], snapshot: Directory, parked: Collection[str]) -> Flow:
    return Flow(
        subject=row.subject,
        kind=row.kind,
        number=row.number,
        area=area_named(snapshot, row.area),
        stage=_stage(row, parked),
        state=row.state,
        route=row.route,
        rule=row.rule,
        holder=named(snapshot, row.holder_org),
        holder_member=named(snapshot, row.holder_member),
        outcome=row.outcome,
        registered_at=row.registered_at,
        routed_at=row.routed_at,
        concluded_at=row.concluded_at,
        last_type=row.last_type,
        last_at=row.last_at,
    )


def _hop(row: Row[Any], appended: Mapping[UUID, datetime], start: datetime) -> Hop:
    cause = appended.get(row.causation_id)
    return Hop(
        event=row.type,
        event_id=row.event_id,
        source=row.source.lstrip("/"),
        sequence=row.sequence,
        time=row.time,
        appended_at=row.appended_at,
        seen_at=row.seen_at,
        topic=row.topic,
        partition=row.part,
        offset=row.off,
        causation=row.causation_id,
        # When a lead was filed is told to the minute only.
        publish_ms=None if row.type == LEAD_FILED else _ms(row.time, row.appended_at),
        react_ms=None if cause is None else _ms(cause, row.time),
        since_start_ms=_ms(start, row.time),
    )


def _ms(start: datetime, end: datetime) -> float:
    return round((end - start).total_seconds() * 1000, 1)
