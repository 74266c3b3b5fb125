"""The servers for tests do what their users rely on: they survive stop, kill and restart."""

from pathlib import Path

import psycopg
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.admin import NewTopic

from tests.conftest import needed
from tests.eventually import eventually
from tests.servers import KafkaNode, PostgresServer


def plain(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql")


@pytest.fixture
def own_server() -> PostgresServer:
    return needed(PostgresServer)


@pytest.fixture
def own_node(tmp_path: Path) -> KafkaNode:
    return needed(KafkaNode, tmp_path)


@pytest.mark.postgresql
def test_a_killed_postgresql_comes_back_with_what_was_committed(own_server: PostgresServer) -> None:
    with own_server as server:
        url = server.create_database()
        with psycopg.connect(plain(url)) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")

        server.kill()
        assert not server.running
        server.start()

        with psycopg.connect(plain(url)) as connection:
            assert connection.execute("SELECT one FROM kept").fetchall() == [(1,)]


def test_each_test_gets_a_database_of_its_own(postgresql: PostgresServer) -> None:
    first, second = postgresql.create_database(), postgresql.create_database()

    assert first != second


def test_a_database_url_can_be_opened(database_url: str) -> None:
    assert database_url.startswith(("sqlite:///", "postgresql+psycopg://"))


def send(node: KafkaNode, value: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=node.bootstrap, acks="all")
    try:
        producer.send("kept", value).get(timeout=20)
    finally:
        producer.close()


def values(node: KafkaNode) -> list[bytes]:
    consumer = KafkaConsumer(
        "kept",
        bootstrap_servers=node.bootstrap,
        auto_offset_reset="earliest",
        consumer_timeout_ms=1000,
    )
    try:
        return [record.value for record in consumer]
    finally:
        consumer.close()


@pytest.mark.kafka
@pytest.mark.slow
def test_a_killed_kafka_comes_back_with_what_was_acknowledged(own_node: KafkaNode) -> None:
    with own_node as node:
        admin = KafkaAdminClient(bootstrap_servers=node.bootstrap)
        admin.create_topics([NewTopic("kept", 3, 1)])
        admin.close()
        send(node, b"before the kill")

        node.kill()
        assert not node.running
        node.restart()
        send(node, b"after the kill")
        node.restart()

        assert sorted(values(node)) == [b"after the kill", b"before the kill"]


def test_waiting_ends_with_the_first_true_value() -> None:
    answers = iter([0, 0, 7])

    assert eventually(lambda: next(answers)) == 7


def test_waiting_in_vain_says_what_was_still_so() -> None:
    with pytest.raises(AssertionError, match="still 0"):
        eventually(lambda: 0, seconds=0.05)
