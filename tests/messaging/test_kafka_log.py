"""The log on Apache Kafka: what the contract does not say, because only a broker can have it."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from kafka import KafkaAdminClient

from shared.messaging import watchdog
from shared.messaging.kafka_log import KafkaLog, subscription
from shared.messaging.kafka_log.clients import new_consumer
from shared.messaging.kafka_log.subscription import KafkaSubscription
from shared.messaging.log import LogUnavailable, Partition, Record
from shared.messaging.topics import KAFKA_SETTINGS, TopicDiffers
from shared.messaging.watchdog import StallWatchdog
from tests.contracts.logs import KafkaBackend
from tests.eventually import eventually
from tests.servers import KafkaNode

pytestmark = pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestWarning")


@pytest.fixture
def backend(kafka_node: KafkaNode) -> Iterator[KafkaBackend]:
    backend = KafkaBackend(kafka_node)
    yield backend
    backend.close()


@pytest.fixture
def admin(kafka_node: KafkaNode) -> Iterator[KafkaAdminClient]:
    admin = KafkaAdminClient(bootstrap_servers=kafka_node.bootstrap)
    yield admin
    admin.close()


def log_of(node: KafkaNode, topics: dict[str, int]) -> KafkaLog:
    return KafkaLog([node.bootstrap], client_id="test", topics=topics)


def test_a_log_that_never_reached_a_broker_says_so_in_time() -> None:
    log = KafkaLog(["127.0.0.1:1"], client_id="test", delivery_timeout_ms=400)

    with pytest.raises(LogUnavailable):
        log.append([Record("hemu.cases", "case-1", b"")])
    member = log.subscribe("mediation", ["hemu.cases"])
    assert member.poll(0.2) == {}

    member.close()
    log.close()


def test_topics_are_made_once_and_found_again(kafka_node: KafkaNode) -> None:
    log = log_of(kafka_node, {f"made-{uuid4().hex}": 12})

    log.ensure_topics()
    log.ensure_topics()

    log.close()


@pytest.mark.parametrize(
    "made",
    [
        {"num_partitions": 3, "configs": KAFKA_SETTINGS},
        {"num_partitions": 12, "configs": {**KAFKA_SETTINGS, "retention.ms": "604800000"}},
        {"num_partitions": 12, "configs": {**KAFKA_SETTINGS, "cleanup.policy": "compact"}},
    ],
    ids=["partitions", "retention", "cleanup"],
)
def test_a_topic_that_was_made_otherwise_is_refused(
    kafka_node: KafkaNode, admin: KafkaAdminClient, made: dict[str, object]
) -> None:
    topic = f"differs-{uuid4().hex}"
    admin.create_topics({topic: made})
    log = log_of(kafka_node, {topic: 12})

    with pytest.raises(TopicDiffers, match=topic):
        log.ensure_topics()

    log.close()


def test_offsets_of_a_topic_that_is_not_there_are_unavailable(kafka_node: KafkaNode) -> None:
    log = log_of(kafka_node, {"nowhere": 1})

    with pytest.raises(LogUnavailable):
        log.ends("nowhere")
    with pytest.raises(LogUnavailable):
        log.identity("nowhere")

    log.close()


def test_a_log_used_before_a_fork_refuses_to_work_after_it(backend: KafkaBackend) -> None:
    log = backend.open()
    member = log.subscribe("mediation", [backend.topic])
    refused = 0

    pid = os.fork()
    if not pid:
        for work in (lambda: log.append([Record(backend.topic, "k", b"")]), lambda: member.poll(0)):
            try:
                work()
            except RuntimeError:
                refused += 1
        os._exit(refused)

    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 2
    member.close()


def test_closing_leaves_no_thread_behind(backend: KafkaBackend) -> None:
    before = threading.active_count()
    log = backend.open()
    log.append([Record(backend.topic, "case-1", b"")])
    log.ends(backend.topic)
    member = log.subscribe("mediation", [backend.topic])
    eventually(lambda: member.poll(0.1), seconds=30)

    member.close()
    log.close()

    eventually(lambda: threading.active_count() <= before)


def test_what_is_reported_is_true_when_the_broker_dies_in_the_middle(backend: KafkaBackend) -> None:
    log, observer = backend.open(), backend.open()
    batch = [Record(backend.topic, f"case-{n % 40}", b"%6d" % n * 150) for n in range(20_000)]

    with ThreadPoolExecutor(1) as thread:
        appending = thread.submit(log.append, batch)
        eventually(lambda: sum(observer.ends(backend.topic).values()) > 1_000)
        backend.take_away()
        placed = appending.result()
    backend.bring_back()

    positions = {at: record for at, record in zip(placed, batch, strict=True) if at is not None}
    assert 0 < len(positions) < len(batch)
    member = backend.open().subscribe("mediation", [backend.topic])
    found: dict[tuple[str, int, int], bytes | None] = {}
    while len(found.keys() & positions.keys()) < len(positions):
        for records in eventually(lambda: member.poll(1), seconds=20).values():
            found.update(
                {(each.topic, each.partition, each.offset): each.value for each in records}
            )
    assert all(found[at] == record.value for at, record in positions.items())
    member.close()


def test_records_of_a_topic_that_was_not_read_before_are_found(kafka_node: KafkaNode) -> None:
    topics = {f"{name}-{uuid4().hex}": 1 for name in ("first", "second")}
    log = log_of(kafka_node, topics)
    log.ensure_topics()
    for topic in topics:
        log.append([Record(topic, "case-1", b"")])
    first, second = (Partition(topic, 0) for topic in topics)

    for places in ({first: 0}, {first: 0}, {first: 0, second: 0}):
        assert log.read(places).keys() == places.keys()

    log.close()


class Watched:
    """A member whose watchdog is quick, and reports instead of ending the process."""

    def __init__(self, backend: KafkaBackend, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(watchdog, "LOOK_EVERY", 0.1)
        self.stalled = threading.Event()
        self.log = backend.open()
        self.topic = backend.topic
        self.consumer = new_consumer(
            {"bootstrap_servers": backend.url.removeprefix("kafka://")},
            [backend.topic],
            group="mediation",
            instance_id=None,
            session_timeout_ms=6_000,
        )
        dog = StallWatchdog(limit=1.0, on_stall=self.stalled.set)
        self.member = KafkaSubscription(self.consumer, self.log.ends, dog, spare=lambda: False)

    def append(self) -> Partition:
        [position] = self.log.append([Record(self.topic, "case-1", b"")])
        assert position is not None
        return Partition(position.topic, position.partition)

    def poll_for(self, polls: int) -> None:
        for _ in range(polls):
            self.member.poll(0.2)


@pytest.fixture
def watched(backend: KafkaBackend, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    watched = Watched(backend, monkeypatch)
    watched.append()
    eventually(lambda: watched.member.poll(0.2), seconds=20)
    yield watched
    watched.member.close()


def test_a_partition_that_silently_yields_nothing_is_a_stall(watched: Watched) -> None:
    watched.consumer.pause(*watched.consumer.assignment())
    watched.append()

    watched.poll_for(12)

    assert watched.stalled.is_set()


def test_a_poll_that_hangs_is_a_stall(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscription, "HANGS_AFTER", 0.3)
    again = threading.Event()

    def hang(_timeout_ms: int, _max_records: int) -> dict[object, object]:
        again.wait(10)
        return {}

    with monkeypatch.context() as patch:
        patch.setattr(watched.consumer, "poll", hang)
        polling = threading.Thread(target=watched.member.poll, args=(0.2,))
        polling.start()
        stalled = watched.stalled.wait(5)
        again.set()
        polling.join(10)

    assert stalled


def test_an_idle_member_has_not_stalled(watched: Watched) -> None:
    watched.poll_for(8)

    assert not watched.stalled.is_set()


def test_a_member_that_is_busy_with_other_things_has_not_stalled(watched: Watched) -> None:
    watched.append()

    assert not watched.stalled.wait(1.8)


def test_a_member_that_goes_back_again_and_again_has_not_stalled(watched: Watched) -> None:
    partition = watched.append()

    for _ in range(18):
        for records in watched.member.poll(0.5).values():
            assert len(records) == 1
        watched.member.seek(partition, 1)
        watched.stalled.wait(0.1)

    assert not watched.stalled.is_set()


def test_a_member_with_an_instance_id_keeps_its_partitions_over_a_restart(
    backend: KafkaBackend, kafka_node: KafkaNode
) -> None:
    log = KafkaLog([kafka_node.bootstrap], client_id="test", instance_id="0", topics=backend.topics)
    member, other = log.subscribe("mediation", [backend.topic]), backend.open()
    eventually(lambda: member.poll(0.1) or member.assignment(), seconds=20)
    waiting = other.subscribe("mediation", [backend.topic])
    eventually(lambda: member.poll(0.1) or waiting.poll(0.1) or waiting.assignment(), seconds=20)
    before = eventually(lambda: member.poll(0.1) or member.assignment(), seconds=20)

    member.close()
    again = log.subscribe("mediation", [backend.topic])
    after = eventually(lambda: again.poll(0.1) or again.assignment(), seconds=5)

    assert after == before
    assert waiting.assignment().isdisjoint(after)
    again.close()
    waiting.close()
    log.close()


def look_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Members look often for what they have lost."""
    monkeypatch.setattr(subscription, "LOST_LOOKS", 2)
    monkeypatch.setattr(subscription, "POSITIONS_EVERY", 0.1)


def test_a_member_that_is_left_without_partitions_says_so(
    kafka_node: KafkaNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_often(monkeypatch)
    topic = f"lost-{uuid4().hex}"
    log = log_of(kafka_node, {topic: 1})
    member = log.subscribe("mediation", [topic])

    def poll_until_lost() -> bool:
        try:
            member.poll(0.1)
        except LogUnavailable as error:
            return "no place" in str(error)
        return False

    eventually(poll_until_lost, seconds=20)

    member.close()
    log.close()


def test_a_spare_member_of_a_group_waits_for_its_turn(
    kafka_node: KafkaNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = f"spare-{uuid4().hex}"
    log = log_of(kafka_node, {topic: 1})
    log.ensure_topics()
    members = [log.subscribe(topic, [topic]) for _ in range(2)]

    def poll_all() -> list[KafkaSubscription]:
        for member in members:
            member.poll(0.1)
        return [member for member in members if member.assignment()]

    eventually(lambda: len(poll_all()) == 1 and log._brokers.members(topic) == 2, seconds=20)
    look_often(monkeypatch)
    for _ in range(20):
        poll_all()
    eventually(lambda: len(poll_all()) == 1, seconds=20)
    [placed] = poll_all()
    members.remove(placed)
    placed.close()
    monkeypatch.undo()
    eventually(poll_all, seconds=20)

    members[0].close()
    log.close()
