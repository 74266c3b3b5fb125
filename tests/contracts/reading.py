"""What tests of the event log write, read and expect."""

import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

from shared.messaging.log import EventLog, Partition, Record, StoredRecord, Subscription
from tests.contracts.logs import PARTITIONS
from tests.eventually import eventually

Join = Callable[..., Subscription]
"""Join a group (``mediation``), for topics (the first): a member with a log of its own."""

Child = Callable[[str, str], "subprocess.Popen[str]"]
"""Start ``child.py`` to do something under a name."""


def records(topic: str, key: str, numbers: range) -> list[Record]:
    return [Record(topic, key, b"%d" % number) for number in numbers]


def keys(number: int) -> list[str]:
    return [f"case-{n}" for n in range(number)]


def read(subscription: Subscription, number: int, *, seconds: float = 20) -> list[StoredRecord]:
    """At least so many records; fails when they do not come."""
    found: list[StoredRecord] = []
    deadline = time.monotonic() + seconds
    while len(found) < number and time.monotonic() < deadline:
        for partition, batch in subscription.poll(0.5).items():
            assert {Partition(each.topic, each.partition) for each in batch} == {partition}
            found.extend(batch)
    assert len(found) >= number
    return found


def values_by_key(found: Sequence[StoredRecord]) -> dict[str, list[int]]:
    values: dict[str, list[int]] = defaultdict(list)
    for each in found:
        assert each.key is not None
        assert each.value is not None
        values[each.key.decode()].append(int(each.value))
    return dict(values)


def next_offsets(found: Sequence[StoredRecord]) -> dict[Partition, int]:
    return {Partition(each.topic, each.partition): each.offset + 1 for each in found}


def line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def poll_until_assigned(subscription: Subscription, partitions: int = PARTITIONS) -> None:
    def assigned() -> bool:
        subscription.poll(0.1)
        return len(subscription.assignment()) == partitions

    eventually(assigned, seconds=20)


def written(log: EventLog, topic: str) -> int:
    return sum(log.ends(topic).values())
