"""Questions to Kafka's brokers: offsets, identities, and whether the topics are as they must be."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TookTooLong
from typing import Any, TypeVar

from kafka import OffsetSpec, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from shared.messaging.kafka_log.clients import new_admin
from shared.messaging.log import LogUnavailable, Partition
from shared.messaging.topics import KAFKA_SETTINGS, TopicDiffers

SECONDS = 10.0
"""The longest a question takes; the client itself knows no limit."""
COPIES = 3

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

    def ensure_topics(self) -> None:
        """Make what is missing, with three copies of everything, or one per broker if there are
        fewer. Raises TopicDiffers for a topic that was made otherwise.
        """
        self._ask(self._make_topics)
        found = self._ask(lambda admin: {name: _made(admin, name) for name in self._topics})
        for name, settings in found.items():
            for setting, wanted in (("partitions", self._topics[name]), *KAFKA_SETTINGS.items()):
                if settings[setting] != str(wanted):
                    raise TopicDiffers(f"{name}: {setting} is {settings[setting]}, not {wanted}")

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

    def _make_topics(self, admin: Any) -> None:
        copies = min(COPIES, len(admin.describe_cluster()["brokers"]))
        settings = {**KAFKA_SETTINGS, "min.insync.replicas": str(max(1, copies - 1))}
        known = set(admin.list_topics())
        missing = {
            name: {"num_partitions": number, "replication_factor": copies, "configs": settings}
            for name, number in self._topics.items()
            if name not in known
        }
        if missing:
            try:
                admin.create_topics(missing)
            except TopicAlreadyExistsError:
                pass  # another process was faster
            admin.wait_for_topics(list(missing), timeout_ms=5_000)


def _described(admin: Any, topic: str) -> Any:
    [found] = admin.describe_topics([topic])
    if found["error_code"]:
        raise for_code(found["error_code"])(topic)
    return found


def _made(admin: Any, topic: str) -> Mapping[str, str]:
    """How a topic was made: its settings, and ``partitions``."""
    resource = ConfigResource(ConfigResourceType.TOPIC, topic)
    found = admin.describe_configs([resource], config_filter="all")["topic"][topic]
    settings = {name: setting["value"] for name, setting in found.items()}
    return {**settings, "partitions": str(len(_described(admin, topic)["partitions"]))}
