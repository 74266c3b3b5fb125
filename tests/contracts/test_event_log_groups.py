"""What every event log does for consumer groups."""

import os
import threading
import time

import pytest

from shared.messaging.log import EventLog, Partition, Record, StoredRecord
from tests.contracts.logs import PARTITIONS, Backend
from tests.contracts.reading import (
    Child,
    Join,
    keys,
    line,
    next_offsets,
    poll_until_assigned,
    read,
    records,
    values_by_key,
)
from tests.eventually import eventually


def test_what_was_not_committed_is_delivered_again(
    backend: Backend, log: EventLog, join: Join
) -> None:
    log.append(records(backend.topic, "case-1", range(5)))
    first = join()
    read(first, 5)

    first.close()

    assert values_by_key(read(join(), 5)) == {"case-1": [0, 1, 2, 3, 4]}


def test_reading_goes_on_where_the_group_committed(
    backend: Backend, log: EventLog, join: Join
) -> None:
    log.append(records(backend.topic, "case-1", range(5)))
    first = join()
    found = read(first, 5)

    first.commit(next_offsets(found[:3]))
    first.close()

    assert values_by_key(read(join(), 2)) == {"case-1": [3, 4]}


def test_a_member_can_go_back(backend: Backend, log: EventLog, join: Join) -> None:
    log.append(records(backend.topic, "case-1", range(5)))
    member = join()
    found = read(member, 5)
    member.commit(next_offsets(found))

    member.seek(Partition(backend.topic, found[0].partition), 1)

    assert values_by_key(read(member, 4)) == {"case-1": [1, 2, 3, 4]}


def test_a_member_cannot_move_in_a_partition_that_is_not_its_own(
    backend: Backend, join: Join
) -> None:
    member = join()
    poll_until_assigned(member)

    with pytest.raises(ValueError, match="ssigned"):
        member.seek(Partition(backend.other_topic, 0), 0)


def test_a_poll_brings_no_more_than_asked_for_and_loses_nothing(
    backend: Backend, log: EventLog, join: Join
) -> None:
    log.append([Record(backend.topic, key, b"") for key in keys(50)])
    member = join()
    poll_until_assigned(member)
    for partition in member.assignment():
        member.seek(partition, 0)  # polling until assigned may have read some

    sizes: list[int] = []
    while sum(sizes) < 50:
        sizes.append(sum(map(len, member.poll(5, max_records=7).values())))

    assert max(sizes) <= 7
    assert sum(sizes) == 50


def test_a_busy_partition_does_not_starve_the_others(
    backend: Backend, log: EventLog, join: Join
) -> None:
    for _ in range(4):  # more than one fetch of Kafka holds
        log.append([Record(backend.topic, "case-1", os.urandom(5_000)) for _ in range(200)])
    log.append([Record(backend.topic, key, b"") for key in keys(20)])
    member = join()

    found: list[StoredRecord] = []
    while {each.partition for each in found} != set(range(PARTITIONS)):
        found += read(member, 1)

    assert len([each for each in found if each.key == b"case-1"]) < 800


def test_a_partition_belongs_to_one_member_at_a_time(
    backend: Backend, log: EventLog, join: Join
) -> None:
    first, second = join(), join()

    def shared_out() -> bool:
        first.poll(0.1)
        second.poll(0.1)
        return len(first.assignment()) + len(second.assignment()) == PARTITIONS

    eventually(shared_out, seconds=20)

    assert first.assignment().isdisjoint(second.assignment())


def test_a_member_that_closes_hands_over(backend: Backend, log: EventLog, join: Join) -> None:
    first = join()
    poll_until_assigned(first)
    second = join()
    second.poll(0.2)

    first.close()
    log.append([Record(backend.topic, key, b"1") for key in keys(20)])

    assert set(values_by_key(read(second, 20))) == set(keys(20))
    assert first.assignment() == frozenset()


def test_a_member_that_is_killed_hands_over(
    backend: Backend, log: EventLog, join: Join, child: Child
) -> None:
    member = child("hold", "mediation")
    assert line(member) == "assigned"

    member.kill()
    log.append(records(backend.topic, "case-1", range(3)))

    assert values_by_key(read(join(), 3)) == {"case-1": [0, 1, 2]}


def test_two_groups_read_independently(backend: Backend, log: EventLog, join: Join) -> None:
    log.append(records(backend.topic, "case-1", range(3)))
    mediation, referral = join("mediation"), join("referral")

    found = read(mediation, 3)
    mediation.commit(next_offsets(found))

    assert values_by_key(read(referral, 3)) == values_by_key(found)


def test_a_member_reads_all_its_topics(backend: Backend, log: EventLog, join: Join) -> None:
    log.append([Record(backend.topic, "case-1", b"1"), Record(backend.other_topic, "org-1", b"2")])

    found = read(join("mediation", backend.topic, backend.other_topic), 2)

    assert {each.topic for each in found} == {backend.topic, backend.other_topic}


def test_closing_ends_a_waiting_poll(backend: Backend, join: Join) -> None:
    member = join()
    poll_until_assigned(member)
    ended: list[float] = []

    def wait() -> None:
        assert member.poll(60) == {}
        ended.append(time.monotonic())

    waiting = threading.Thread(target=wait)
    waiting.start()
    time.sleep(0.3)
    before = time.monotonic()
    member.close()
    closed = time.monotonic()
    waiting.join(5)

    assert closed - before < 0.5
    assert ended[0] - before < 0.5
    assert member.poll(5) == {}
    member.close()
