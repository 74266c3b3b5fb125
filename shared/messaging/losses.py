"""Finds what a log has lost of what a service had published to it (broker amnesia).

A broker that comes back without its end, or from an older copy, gives the same offsets again, also
to others: so events are compared, not numbers. What a log loses is always its end; so of the rows
published to a partition all are there up to one, and none after it.
"""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, select

from shared.db.message_tables import outbox
from shared.events.codec import ID_HEADER
from shared.messaging.log import EventLog, Partition, StoredRecord


def last_published(connection: Connection) -> dict[Partition, int]:
    """The last offset in each partition that the outbox knows."""
    statement = (
        select(outbox.c.topic, outbox.c.pub_partition, func.max(outbox.c.pub_offset))
        .where(outbox.c.pub_offset.is_not(None))
        .group_by(outbox.c.topic, outbox.c.pub_partition)
    )
    found = connection.execute(statement)
    return {Partition(topic, number): last for topic, number, last in found}


def first_lost(
    connection: Connection, log: EventLog, last: Mapping[Partition, int]
) -> Mapping[Partition, int]:
    """For each partition whose event at its ``last`` offset is not in the log (any more), the
    first offset whose event is not. Raises LogUnavailable.
    """
    there = _there(connection, log, last)
    lost = {place: offset for place, offset in last.items() if not there[place]}
    kept = dict.fromkeys(lost, -1)
    between = _between(connection, kept, lost)
    while between:
        there = _there(connection, log, between)
        for place, offset in between.items():
            (kept if there[place] else lost)[place] = offset
        between = _between(connection, kept, lost)
    return lost


def _there(
    connection: Connection, log: EventLog, places: Mapping[Partition, int]
) -> Mapping[Partition, bool]:
    found = log.read(places)
    there = {}
    for place, offset in places.items():
        ids = _ids(connection, place, offset)
        # An outbox forgets what is old; then there is nothing to send again.
        there[place] = not ids or (place in found and _event_id(found[place]) in ids)
    return there


def _event_id(record: StoredRecord) -> str:
    return dict(record.headers).get(ID_HEADER, b"").decode(errors="replace")


def _ids(connection: Connection, place: Partition, offset: int) -> set[str]:
    statement = select(outbox.c.event_id).where(_in(place), outbox.c.pub_offset == offset)
    ids: list[UUID] = list(connection.execute(statement).scalars())
    return {str(each) for each in ids}


def _between(
    connection: Connection, kept: Mapping[Partition, int], lost: Mapping[Partition, int]
) -> dict[Partition, int]:
    """An offset of ours near the middle between what is known to be there and to be lost."""
    found = {}
    for place, end in lost.items():
        middle = (kept[place] + end) // 2
        offset = outbox.c.pub_offset
        below = select(func.max(offset)).where(_in(place), offset > kept[place], offset <= middle)
        above = select(func.min(offset)).where(_in(place), offset > middle, offset < end)
        for statement in (below, above):
            near = connection.execute(statement).scalar()
            if near is not None:
                found[place] = near
                break
    return found


def _in(place: Partition) -> ColumnElement[bool]:
    return (outbox.c.topic == place.topic) & (outbox.c.pub_partition == place.number)
