"""What every event log keeps when many write at once, and when it or they are killed."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.messaging.log import EventLog, LogUnavailable, Record
from tests.contracts.child import ALL
from tests.contracts.logs import Backend
from tests.contracts.reading import Child, Join, keys, line, read, records, values_by_key, written
from tests.eventually import eventually


def test_appends_of_many_threads_lose_nothing_and_keep_each_keys_order(
    backend: Backend, log: EventLog, join: Join
) -> None:
    def append(key: str) -> None:
        for first in range(0, 50, 5):
            log.append(records(backend.topic, key, range(first, first + 5)))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(append, keys(8)))

    found = read(join(), 400)
    assert values_by_key(found) == {key: list(range(50)) for key in keys(8)}


def test_appends_of_many_processes_lose_nothing_and_keep_each_keys_order(
    backend: Backend, join: Join, child: Child
) -> None:
    for process in [child("append", key) for key in keys(3)]:
        process.communicate()
        assert process.returncode == 0

    found = read(join(), 3 * ALL)
    assert values_by_key(found) == {key: list(range(ALL)) for key in keys(3)}


def test_what_was_acknowledged_survives_a_crash(
    backend: Backend, log: EventLog, join: Join, child: Child
) -> None:
    """Three processes append; one is killed, then the log itself goes away, then the others."""
    processes = {name: child("append", name) for name in keys(3)}
    for process in processes.values():
        assert [line(process) for _ in range(5)] == ["4", "9", "14", "19", "24"]

    processes["case-0"].kill()
    backend.take_away()
    for process in processes.values():
        process.kill()
    backend.bring_back()

    acknowledged = {
        name: int(["24", *process.communicate()[0].split()][-1])
        for name, process in processes.items()
    }
    found = values_by_key(read(join(), sum(acknowledged.values()) + 3))
    for name, last in acknowledged.items():
        first_copies = list(dict.fromkeys(found[name]))
        assert first_copies[: last + 1] == list(range(last + 1))


def test_a_topic_made_again_has_another_identity(
    backend: Backend, log: EventLog, join: Join
) -> None:
    before = log.identity(backend.topic)
    log.append(records(backend.topic, "case-1", range(3)))
    assert backend.open().identity(backend.topic) == before

    backend.remake_topic()

    assert eventually(lambda: log.identity(backend.topic)) != before
    assert written(log, backend.topic) == 0
    log.append(records(backend.topic, "case-1", range(1)))
    assert values_by_key(read(join(), 1)) == {"case-1": [0]}


def test_a_log_that_is_away_says_so_and_works_again_when_it_is_back(
    backend: Backend, log: EventLog, join: Join
) -> None:
    log.append(records(backend.topic, "case-1", range(3)))
    member = join()
    read(member, 3)
    backend.take_away()

    with pytest.raises(LogUnavailable):
        log.append(records(backend.topic, "case-1", range(3, 6)))
    with pytest.raises(LogUnavailable):
        log.ends(backend.topic)
    backend.bring_back()

    def appended() -> bool:
        try:
            return None not in log.append(records(backend.topic, "case-1", range(3, 6)))
        except LogUnavailable:
            return False

    eventually(appended, seconds=20)
    found = read(member, 3)
    while (
        values_by_key(found)["case-1"][-1] != 5
    ):  # it may have to begin anew: nothing was committed
        found += read(member, 1)
    assert list(dict.fromkeys(values_by_key(found)["case-1"]))[-3:] == [3, 4, 5]


def test_a_large_batch_is_written_whole(backend: Backend, log: EventLog, join: Join) -> None:
    batch = [Record(backend.topic, f"case-{n % 50}", b"%d" % n) for n in range(5_000)]

    placed = log.append(batch)

    assert None not in placed
    values = values_by_key(read(join(), 5_000))
    assert values == {f"case-{n}": list(range(n, 5_000, 50)) for n in range(50)}
