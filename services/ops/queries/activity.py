"""How much each service has published about cases in the last 24 hours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from services.ops.models import flows, hops
from services.ops.queries.looks import DECIDERS, REGISTRAR
from services.ops.queries.recent import Recent
from shared.web.platform import Platform

HOURS = 24
HOUR = timedelta(hours=1)
KEEP = timedelta(minutes=1)
"""Counting a busy day takes a moment, and a curve of a day does not change in one."""

PUBLISHERS = (REGISTRAR, *DECIDERS.values())
"""Who publishes events about cases; the directory's are about itself."""


@dataclass(frozen=True, kw_only=True)
class Activity:
    """``hours``: events by service and hour up to ``at``, the oldest first; ``registered``: cases
    registered in the same time.
    """

    at: datetime
    hours: Mapping[str, Sequence[int]]
    registered: int


_LAST: Recent[Activity] = Recent()


def activity(here: Platform) -> Activity:
    """At most a minute old."""
    now = here.clock()
    last = _LAST.get(here.database)
    if last is not None and abs(now - last.at) < KEEP:
        return last
    with here.database.reading() as session:
        found = Activity(at=now, hours=_hours(session, now), registered=_registered(session, now))
    _LAST.put(here.database, found)
    return found


def _hours(session: Session, now: datetime) -> Mapping[str, Sequence[int]]:
    """Each hour of each service is a piece of the index, counted without sorting anything."""
    parts = []
    for name in PUBLISHERS:
        for ago in range(HOURS):
            until = now - ago * HOUR
            lies_in = (hops.c.appended_at > until - HOUR, hops.c.appended_at <= until)
            place = (literal(name), literal(HOURS - 1 - ago), func.count())
            parts.append(select(*place).where(hops.c.source == f"/{name}", *lies_in))
    found = {name: [0] * HOURS for name in PUBLISHERS}
    for name, hour, count in session.execute(union_all(*parts)):
        found[name][hour] = count
    return found


def _registered(session: Session, now: datetime) -> int:
    since = now - HOURS * HOUR
    query = select(func.count()).select_from(flows).where(flows.c.registered_at >= since)
    return session.scalars(query).one()
