"""Figures of a service's part of the backbone, taken now and then by whoever holds its roles."""

from collections.abc import Sequence

from shared.db import Database
from shared.messaging import backbone
from shared.messaging.log import EventLog, LogUnavailable, Partition
from shared.telemetry import (
    CONSUMER_LAG,
    OUTBOX_OLDEST_SECONDS,
    OUTBOX_UNPUBLISHED,
    PARKED_EVENTS,
    PARKED_KEYS,
)


def measure_outbox(database: Database) -> None:
    with database.reading() as session:
        waiting, oldest = backbone.unpublished(session)
    age = (database.clock() - oldest).total_seconds() if oldest else 0.0
    OUTBOX_UNPUBLISHED.labels(database.name).set(waiting)
    OUTBOX_OLDEST_SECONDS.labels(database.name).set(age)


def measure_consumer(database: Database, log: EventLog, topics: Sequence[str]) -> None:
    """Without the lag while the log cannot tell it."""
    with database.reading() as session:
        keys, events = backbone.parked(session)
        places = backbone.read_up_to(session)
    PARKED_KEYS.labels(database.name).set(keys)
    PARKED_EVENTS.labels(database.name).set(events)
    try:
        ends = {place: end for topic in topics for place, end in log.ends(topic).items()}
    except LogUnavailable:
        return
    for place in places:
        end = ends.get(Partition(place.topic, place.partition), 0)
        gauge = CONSUMER_LAG.labels(database.name, place.topic, str(place.partition))
        gauge.set(max(0, end - place.next_offset))
