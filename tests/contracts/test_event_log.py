"""What every event log does with records: one suite, on SQLite and on a real Apache Kafka."""

import random
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.clock import utc_now
from shared.messaging.log import EventLog, Partition, Position, Record, mark
from shared.messaging.topics import MAX_RECORD_BYTES, RecordRefused
from tests.contracts.logs import PARTITIONS, Backend
from tests.contracts.reading import Join, keys, read, records, values_by_key, written


def test_records_of_one_key_keep_their_order_over_appends(
    backend: Backend, log: EventLog, join: Join
) -> None:
    for number in range(10):
        log.append([Record(backend.topic, key, b"%d" % number) for key in keys(8)])

    found = read(join(), 80)

    assert values_by_key(found) == {key: list(range(10)) for key in keys(8)}


def test_offsets_of_a_partition_count_from_zero_without_a_gap(
    backend: Backend, log: EventLog
) -> None:
    placed: list[Position | None] = []
    for _ in range(3):
        placed += log.append([Record(backend.topic, key, b"") for key in keys(20)])

    by_partition: dict[int, list[int]] = defaultdict(list)
    for position in placed:
        assert position is not None
        by_partition[position.partition].append(position.offset)
    assert all(offsets == list(range(len(offsets))) for offsets in by_partition.values())
    assert len(by_partition) == PARTITIONS


def test_a_key_always_goes_to_the_same_partition(backend: Backend, log: EventLog) -> None:
    batch = [Record(backend.topic, key, b"") for key in [*keys(20), "案件-一"]]

    first, again = log.append(batch), backend.open().append(batch)

    assert [at and at.partition for at in first] == [at and at.partition for at in again]


def test_what_is_read_is_what_was_appended(backend: Backend, log: EventLog, join: Join) -> None:
    headers = (("ce_type", b"intake.dispute.registered.v1"), ("双", b"\x00\xff"), ("ce_type", b""))
    record = Record(backend.topic, "案件-一", "和睦".encode(), headers)

    [position] = log.append([record])
    [found] = read(join(), 1)

    assert (found.topic, found.partition, found.offset) == position
    assert found.key == record.key.encode()
    assert (found.value, found.headers) == (record.value, headers)
    assert found.appended_at.utcoffset() == timedelta(0)
    assert abs(utc_now() - found.appended_at) < timedelta(seconds=30)


def test_what_strangers_wrote_is_delivered_as_it_is(backend: Backend, join: Join) -> None:
    backend.write_as_stranger()

    [found] = read(join("mediation", backend.other_topic), 1)

    assert not found.key
    assert found.value is None
    assert found.headers == ()


def test_a_log_tells_where_its_partitions_begin_and_end(backend: Backend, log: EventLog) -> None:
    everywhere = [Partition(backend.topic, number) for number in range(PARTITIONS)]
    assert log.begins(backend.topic) == dict.fromkeys(everywhere, 0)
    assert log.ends(backend.topic) == dict.fromkeys(everywhere, 0)

    [*_, last] = log.append(records(backend.topic, "case-1", range(3)))

    assert last is not None
    ends = dict(log.ends(backend.topic))
    assert ends.pop(Partition(backend.topic, last.partition)) == 3
    assert set(ends.values()) == {0}
    assert log.begins(backend.topic) == dict.fromkeys(everywhere, 0)


def test_a_record_may_have_a_megabyte(backend: Backend, log: EventLog, join: Join) -> None:
    value = bytes(MAX_RECORD_BYTES - len("case-1"))

    log.append([Record(backend.topic, "case-1", value)])

    assert [each.value for each in read(join(), 1)] == [value]


def test_a_record_that_is_too_large_is_refused_by_name_and_nothing_is_written(
    backend: Backend, log: EventLog
) -> None:
    large = Record(backend.topic, "case-2", bytes(MAX_RECORD_BYTES))

    with pytest.raises(RecordRefused, match="case-2") as refused:
        log.append([Record(backend.topic, "case-1", b""), large])

    assert refused.value.record is large
    assert written(log, backend.topic) == 0


def test_a_record_for_an_unknown_topic_is_refused(log: EventLog) -> None:
    with pytest.raises(RecordRefused, match="no such topic"):
        log.append([Record("gossip", "case-1", b"")])


def test_single_records_can_be_read_wherever_they_stand(backend: Backend, log: EventLog) -> None:
    placed = log.append([Record(backend.topic, key, key.encode()) for key in keys(20)])
    wanted = {
        Partition(at.topic, at.partition): at.offset for at in placed if at is not None
    }  # the last one of each

    found = log.read(wanted)

    values = {
        (at.partition, at.offset): key.encode()
        for at, key in zip(placed, keys(20), strict=True)
        if at is not None
    }
    assert {place: record.value for place, record in found.items()} == {
        place: values[place.number, offset] for place, offset in wanted.items()
    }
    assert log.read({place: offset + 1 for place, offset in wanted.items()}) == {}
    assert log.read({}) == {}


def test_single_records_are_read_again_and_again_of_whatever_the_log_holds(
    backend: Backend, log: EventLog
) -> None:
    """Many small records: of one question more comes than the client gives away in one poll."""
    placed: list[Position | None] = []
    for _ in range(8):
        placed += log.append([Record(backend.topic, f"case-{each}", b"") for each in range(500)])
    chance = random.Random(1)
    offsets: dict[Partition, list[int]] = defaultdict(list)
    for at in placed:
        assert at is not None
        offsets[Partition(at.topic, at.partition)].append(at.offset)

    for _ in range(30):
        some = chance.sample(sorted(offsets), chance.randint(1, PARTITIONS))
        wanted = {place: chance.choice(offsets[place]) for place in some}
        found = log.read(wanted)
        assert {place: record.offset for place, record in found.items()} == wanted


def test_a_record_that_is_read_has_the_mark_of_what_was_written(
    backend: Backend, log: EventLog
) -> None:
    record = Record(backend.topic, "案件-一", "和睦".encode(), (("ce_id", b"1"), ("ce_type", b"x")))
    other = replace(record, headers=(("ce_id", b"2"), ("ce_type", b"x")))

    [at] = log.append([record])
    assert at is not None
    place = Partition(at.topic, at.partition)

    assert mark(log.read({place: at.offset})[place]) == mark(record) != mark(other)


def test_appending_nothing_writes_nothing(log: EventLog) -> None:
    assert log.append([]) == []
