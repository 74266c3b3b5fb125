"""Both event logs under one face, with what a test must be able to do to them."""

import gc
import warnings
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

from kafka import KafkaAdminClient, KafkaProducer

from shared.messaging.kafka_log import KafkaLog
from shared.messaging.log import EventLog
from shared.messaging.sqlite_log import SqliteLog
from tests.servers import KafkaNode

PARTITIONS = 4


def open_url(url: str, topics: Mapping[str, int]) -> EventLog:
    """A log of its own, with short times."""
    scheme, _, rest = url.partition(":")
    if scheme == "sqlite":
        return SqliteLog(rest, topics=topics, busy_seconds=0.2)
    return KafkaLog(
        [rest.strip("/")],
        client_id="test",
        topics=topics,
        session_timeout_ms=6_000,
        delivery_timeout_ms=3_000,
    )


class Backend(ABC):
    """One installation of a log, with two topics of its own."""

    url: str

    def __init__(self) -> None:
        self.topic = f"cases-{uuid4().hex}"
        self.other_topic = f"other-{uuid4().hex}"
        self.topics = {self.topic: PARTITIONS, self.other_topic: 1}
        self._opened: list[EventLog] = []

    def open(self) -> EventLog:
        self._opened.append(open_url(self.url, self.topics))
        return self._opened[-1]

    def close(self) -> None:
        for log in self._opened:
            log.close()

    @abstractmethod
    def take_away(self) -> None:
        """Make it unavailable, as suddenly as it can happen."""

    @abstractmethod
    def bring_back(self) -> None: ...

    @abstractmethod
    def remake_topic(self) -> None:
        """Delete the topic with all that is in it, and make it again."""

    @abstractmethod
    def write_as_stranger(self) -> None:
        """Put a record without key and value into the other topic."""


class SqliteBackend(Backend):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self.url = f"sqlite:{path}"

    def take_away(self) -> None:
        self._path.parent.rename(self._path.parent.with_name("away"))

    def bring_back(self) -> None:
        self._path.parent.with_name("away").rename(self._path.parent)

    def remake_topic(self) -> None:
        for path in self._path.parent.glob(f"{self._path.name}*"):
            path.unlink()

    def write_as_stranger(self) -> None:
        log = SqliteLog(self._path, topics=self.topics)
        log.identity(self.other_topic)
        with log._file.writing() as connection:
            row = (self.other_topic, 0, 0, None, None, b"\x90", 0)
            connection.execute("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        log.close()


class KafkaBackend(Backend):
    def __init__(self, node: KafkaNode) -> None:
        super().__init__()
        self._node = node
        self.url = node.url
        log = self.open()
        assert isinstance(log, KafkaLog)
        log.ensure_topics()

    def take_away(self) -> None:
        self._node.kill()

    def bring_back(self) -> None:
        self._node.start()

    def remake_topic(self) -> None:
        admin = KafkaAdminClient(bootstrap_servers=self._node.bootstrap)
        admin.delete_topics([self.topic])
        admin.close()
        log = self.open()
        assert isinstance(log, KafkaLog)
        log.ensure_topics()

    def close(self) -> None:
        super().close()
        with warnings.catch_warnings():  # sockets that could not connect are left to the collector
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()

    def write_as_stranger(self) -> None:
        producer = KafkaProducer(bootstrap_servers=self._node.bootstrap)
        producer.send(self.other_topic, None, b"", [], 0)
        producer.flush()
        producer.close()
