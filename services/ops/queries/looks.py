"""One look at the whole system: what every service tells of its part of the backbone, and how far
the log has grown.

The order matters to whoever draws conclusions: first the other services, then the ends of the log,
last this service itself. What was published before a service was asked stands in the log by then;
and when this service has read up to those ends, it has seen it.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from services.ops.queries.recent import Recent
from shared.errors import AppError
from shared.events import CASES, TOPICS
from shared.messaging import backbone
from shared.messaging.backbone import Counts, DeadLetter, ParkedCase, ReadUpTo
from shared.messaging.log import LogUnavailable, Partition
from shared.readable import readable
from shared.settings import SERVICES
from shared.web.platform import Platform

PATH = "/internal/v1/backbone"
LISTENERS = frozenset({"intake", "mediation", "referral", "ops"})
"""Who reads the log; all of them read every topic."""

DECIDERS: Mapping[str, str] = {"dispute": "mediation", "lead": "referral"}
REGISTRAR = "intake"
OWN = "ops"
KEEP = timedelta(seconds=1)


@readable
@dataclass(frozen=True, kw_only=True)
class Backbone:
    """What one service tells."""

    counts: Counts
    read_up_to: Sequence[ReadUpTo]
    parked: Sequence[ParkedCase]
    dead_letters: Sequence[DeadLetter]

    def next_offset(self, partition: Partition) -> int:
        """0 where it has never begun to read."""
        for place in self.read_up_to:
            if (place.topic, place.partition) == partition:
                return place.next_offset
        return 0


@dataclass(frozen=True, kw_only=True)
class Look:
    """``backbones`` has None for a service that is away; ``ends`` is None when the log is."""

    at: datetime
    backbones: Mapping[str, Backbone | None]
    ends: Mapping[Partition, int] | None

    @property
    def away(self) -> tuple[str, ...]:
        missing = [name for name, found in self.backbones.items() if found is None]
        return (*missing, *(("log",) if self.ends is None else ()))

    def lag(self, service: str) -> int | None:
        """How many events about cases the service has not read; None when nobody can say."""
        found = self.backbones[service]
        if found is None or self.ends is None:
            return None
        return sum(
            max(0, end - found.next_offset(partition))
            for partition, end in self.ends.items()
            if partition.topic == CASES
        )

    def parked(self, subject: str) -> Mapping[str, ParkedCase]:
        """Which services have set the case aside."""
        return {
            name: case
            for name, found in self.backbones.items()
            for case in (found.parked if found else ())
            if case.key == subject
        }

    def caught_up(self, partition: Partition) -> bool:
        """Whether this service has seen all that the log holds there."""
        own = self.backbones[OWN]
        if own is None or self.ends is None:
            return False
        return own.next_offset(partition) >= self.ends.get(partition, 0)

    def all_published(self, service: str) -> bool:
        found = self.backbones[service]
        return found is not None and found.counts.unpublished == 0

    def parked_by(self, service: str) -> frozenset[str]:
        found = self.backbones[service]
        return frozenset(case.key for case in found.parked) if found else frozenset()

    def parked_unnamed(self, service: str) -> int:
        """How many the service has parked besides those it names: it lists the oldest only."""
        found = self.backbones[service]
        return max(0, found.counts.parked_keys - len(found.parked)) if found else 0

    @property
    def parked_subjects(self) -> frozenset[str]:
        return frozenset[str]().union(*(self.parked_by(service) for service in self.backbones))


def look(here: Platform) -> Look:
    """A fresh one; a service that does not answer, or not in a way that can be read, is away."""
    with ThreadPoolExecutor(max_workers=len(SERVICES)) as threads:
        asked = {name: threads.submit(_ask, here, name) for name in SERVICES if name != OWN}
    told = {name: answer.result() for name, answer in asked.items()}
    ends = _ends(here)
    told[OWN] = _own(here)
    found = Look(at=here.clock(), backbones={name: told[name] for name in SERVICES}, ends=ends)
    _RECENT.put(here.database, found)
    return found


def recent_look(here: Platform) -> Look:
    """At most a second old: for showing, not for drawing conclusions."""
    found = _RECENT.get(here.database)
    if found is not None and abs(here.clock() - found.at) < KEEP:
        return found
    return look(here)


def forget_looks(here: Platform) -> None:
    """After a change that the next page has to show."""
    _RECENT.forget(here.database)


def _ask(here: Platform, service: str) -> Backbone | None:
    try:
        return msgspec.convert(here.internal.get(service, PATH), Backbone)
    except (AppError, msgspec.MsgspecError, LookupError, ValueError):
        return None


def _ends(here: Platform) -> Mapping[Partition, int] | None:
    if here.log is None:
        return None
    try:
        return {place: end for topic in TOPICS for place, end in here.log.ends(topic).items()}
    except LogUnavailable:
        return None


def _own(here: Platform) -> Backbone:
    with here.database.reading() as session:
        return Backbone(
            counts=backbone.counts(session),
            read_up_to=backbone.read_up_to(session),
            parked=backbone.parked_cases(session),
            dead_letters=backbone.dead_letters(session),
        )


_RECENT: Recent[Look] = Recent()
