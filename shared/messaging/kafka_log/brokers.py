"""Questions to Kafka's brokers: offsets, identities, and whether the topics are as they must be."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TookTooLong
from functools import partial
from typing import Any, TypeVar

from kafka import OffsetSpec, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from shared.messaging.kafka_log.clients import new_admin
from shared.messaging.log import LogUnavailable, Partition
from shared.messaging.topics import MOST_COPIES, TopicDiffers, TopicMade, difference, kafka_settings

SECONDS = 10.0
"""The longest a question takes; the client itself knows no limit."""

T = TypeVar("T")


class Brokers:
    """Every method raises LogUnavailable when there is no answer. Thread-safe."""

    def __init__(self, client: Mapping[str, Any], topics: Mapping[str, int]) -> None:
        self._client = client
        self._topics = topics
        self._mutex = threading.Lock()
        self._admin: Any = None

    def begins(self, topic: str) -> Mapping[Partition, int]:
        return self._offsets(topic, OffsetSpec.EARLIEST)

    def ends(self, topic: str) -> Mapping[Partition, int]:
        return self._offsets(topic, OffsetSpec.LATEST)

    def identity(self, topic: str) -> str:
        return self._ask(lambda admin: str(_described(admin, topic)["topic_id"]))

    def members(self, group: str) -> int:
        """How many are in a consumer group now."""
        return self._ask(lambda admin: len(admin.describe_groups([group])[group]["members"]))

    def ensure_topics(self) -> None:
        """Make what is missing, with three copies of everything, or one per broker if there are
        fewer. Raises TopicDiffers for a topic that was made otherwise, and LogUnavailable while
        fewer brokers are there than we were told of: a topic made now would lack copies for good.
        """
        self._ask(self._make_topics)
        copies = self._ask(self._copies)
        for name, partitions in self._topics.items():
            differs = difference(self._ask(partial(_made, topic=name)), partitions, copies)
            if differs:
                raise TopicDiffers(f"{name}: {differs}")

    def close(self) -> None:
        admin, self._admin = self._admin, None
        if admin is not None:
            admin.close()

    def _offsets(self, topic: str, spec: Any) -> Mapping[Partition, int]:
        wanted = {TopicPartition(topic, number): spec for number in range(self._topics[topic])}
        found = self._ask(lambda admin: admin.list_partition_offsets(wanted))
        return {Partition(*place): answer.offset for place, answer in found.items()}

    def _ask(self, question: Callable[[Any], T]) -> T:
        answer: Future[T] = Future()

        def ask() -> None:
            try:
                answer.set_result(question(self._opened()))
            except BaseException as error:  # noqa: BLE001 – it is raised by whoever asked
                answer.set_exception(error)

        threading.Thread(target=ask, name="kafka-question", daemon=True).start()
        try:
            return answer.result(SECONDS)
        except TookTooLong as error:
            self._admin = None  # it hangs; leave it to its thread
            raise LogUnavailable(f"no answer in {SECONDS:g} s") from error
        except (KafkaError, OSError) as error:
            raise LogUnavailable(str(error) or type(error).__name__) from error

    def _opened(self) -> Any:
        with self._mutex:
            if self._admin is None:
                self._admin = new_admin(self._client)
            return self._admin

    def _copies(self, admin: Any) -> int:
        """How many copies a topic needs: of brokers that are named to us, one may be away now."""
        known = len(self._client["bootstrap_servers"])
        return min(MOST_COPIES, max(known, len(admin.describe_cluster()["brokers"])))

    def _make_topics(self, admin: Any) -> None:
        known = set(admin.list_topics())
        missing = [name for name in self._topics if name not in known]
        if not missing:
            return
        copies = self._copies(admin)
        made = {
            name: {
                "num_partitions": self._topics[name],
                "replication_factor": copies,
                "configs": kafka_settings(copies),
            }
            for name in missing
        }
        try:
            admin.create_topics(made)
        except TopicAlreadyExistsError:
            pass  # another process was faster
        admin.wait_for_topics(missing, timeout_ms=5_000)


def _described(admin: Any, topic: str) -> Any:
    [found] = admin.describe_topics([topic])
    if found["error_code"]:
        raise for_code(found["error_code"])(topic)
    return found


def _made(admin: Any, topic: str) -> TopicMade:
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    found = admin.describe_configs([resource], config_filter="all")["topic"][topic]
    partitions = _described(admin, topic)["partitions"]
    return TopicMade(
        partitions=len(partitions),
        copies=min(len(partition["replica_nodes"]) for partition in partitions),
        settings={name: setting["value"] for name, setting in found.items()},
    )
