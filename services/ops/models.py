"""The tables of operations: one row per case and one per event about it, no content of any case.

They are written in sets, as this service hears of every event there is.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Executable,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Uuid,
    func,
)

from shared.db.types import UtcDateTime
from shared.db.upsert import DIALECTS, upsert

metadata = MetaData()

SUBJECT = String(64)
CODE = String(64)
TYPE = String(120)

flows = Table(
    "flows",
    metadata,
    Column("subject", SUBJECT, primary_key=True),
    Column("kind", String(20)),
    Column("number", CODE),
    Column("area", String(15)),
    Column("registered_at", UtcDateTime),
    Column("first_part", Integer),
    Column("first_off", BigInteger),
    Column("route", CODE),
    Column("rule", CODE),
    Column("routed_at", UtcDateTime),
    Column("holder_org", CODE),
    Column("holder_member", CODE),
    Column("state", CODE),
    Column("outcome", CODE),
    Column("concluded_at", UtcDateTime),
    Column("last_type", TYPE, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
)
"""``first_part`` and ``first_off`` are where the registration stands in the log. A holder that is
"" is none any more. Everything may be missing but what every event has.
"""

hops = Table(
    "hops",
    metadata,
    Column("subject", SUBJECT, primary_key=True),
    Column("source", String(40), primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", Uuid, nullable=False),
    Column("type", TYPE, nullable=False),
    Column("time", UtcDateTime, nullable=False),
    Column("appended_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("causation_id", Uuid),
    Column("topic", String(60), nullable=False),
    Column("part", Integer, nullable=False),
    Column("off", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

tallies = Table(
    "tallies",
    metadata,
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("registered", BigInteger, nullable=False),
)
"""How many registrations were noted, by the partition they came from: each partition has one
consumer at a time, so nobody waits for another.
"""

_UNDECIDED = flows.c.routed_at.is_(None)
_UNREGISTERED = flows.c.registered_at.is_(None)
_CONCLUDED = flows.c.concluded_at.is_not(None)

Index("hops_by_source", hops.c.source, hops.c.appended_at)
Index("flows_newest", flows.c.registered_at, flows.c.subject)
Index("flows_newest_of_kind", flows.c.kind, flows.c.registered_at, flows.c.subject)
Index("flows_area", flows.c.area, flows.c.registered_at, flows.c.subject)
Index("flows_number", flows.c.number)
Index(
    "flows_undecided",
    flows.c.registered_at,
    flows.c.subject,
    sqlite_where=_UNDECIDED,
    postgresql_where=_UNDECIDED,
)
Index(
    "flows_concluded",
    flows.c.registered_at,
    flows.c.subject,
    sqlite_where=_CONCLUDED,
    postgresql_where=_CONCLUDED,
)
Index(
    "flows_unregistered",
    flows.c.subject,
    sqlite_where=_UNREGISTERED,
    postgresql_where=_UNREGISTERED,
)

NOTHING_TOLD = {column.name: None for column in flows.columns}
"""All rows of a set must have all columns; what an event does not tell stays as it was."""


def _tell_flow(dialect: str) -> Executable:
    new = upsert(dialect, flows)
    told = {
        column.name: func.coalesce(new.excluded[column.name], column)
        for column in flows.columns
        if not column.primary_key
    }
    return new.on_conflict_do_update(index_elements=["subject"], set_=told)


def _raise_tally(dialect: str) -> Executable:
    new = upsert(dialect, tallies)
    more = tallies.c.registered + new.excluded.registered
    return new.on_conflict_do_update(index_elements=["part"], set_={"registered": more})


TELL_FLOW = {dialect: _tell_flow(dialect) for dialect in DIALECTS}
ADD_HOP = {dialect: upsert(dialect, hops).on_conflict_do_nothing() for dialect in DIALECTS}
RAISE_TALLY = {dialect: _raise_tally(dialect) for dialect in DIALECTS}
