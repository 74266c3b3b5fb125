"""How far behind each service is: events that wait in its outbox, and events it has not read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.ops.queries.looks import LISTENERS, Backbone, Look
from shared.messaging.log import Partition


@dataclass(frozen=True, kw_only=True)
class PartitionLag:
    topic: str
    partition: int
    end: int
    next: int
    lag: int


@dataclass(frozen=True, kw_only=True)
class ServiceLag:
    """``away``: it does not answer, and nothing is known. ``total_lag`` is None while the log is
    away. Seconds are the age of the oldest event that is not in the log yet.
    """

    service: str
    away: bool
    unpublished: int | None = None
    oldest_unpublished: datetime | None = None
    oldest_unpublished_seconds: float | None = None
    parked_cases: int | None = None
    parked_events: int | None = None
    dead_letters: int | None = None
    total_lag: int | None = None
    partitions: Sequence[PartitionLag] = ()


def lags(look: Look) -> Sequence[ServiceLag]:
    return [_lag(look, name, found) for name, found in look.backbones.items()]


def _lag(look: Look, service: str, found: Backbone | None) -> ServiceLag:
    if found is None:
        return ServiceLag(service=service, away=True)
    oldest = found.counts.oldest_unpublished
    listens = service in LISTENERS
    partitions = list(_partitions(look, found)) if listens else []
    known = look.ends is not None or not listens
    return ServiceLag(
        service=service,
        away=False,
        unpublished=found.counts.unpublished,
        oldest_unpublished=oldest,
        oldest_unpublished_seconds=(look.at - oldest).total_seconds() if oldest else None,
        parked_cases=found.counts.parked_keys,
        parked_events=found.counts.parked_events,
        dead_letters=found.counts.dead_letters,
        total_lag=sum(each.lag for each in partitions) if known else None,
        partitions=partitions,
    )


def _partitions(look: Look, found: Backbone) -> Iterator[PartitionLag]:
    for partition, end in sorted((look.ends or {}).items()):
        following = found.next_offset(Partition(*partition))
        yield PartitionLag(
            topic=partition.topic,
            partition=partition.number,
            end=end,
            next=following,
            lag=max(0, end - following),
        )
