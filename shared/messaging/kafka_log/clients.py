"""Kafka's clients, set up for a log that loses nothing and says so when it cannot be reached."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.coordinator.assignors.range import RangePartitionAssignor
from kafka.errors import KafkaError
from kafka.net.compat import KafkaNetClient

from shared.messaging.kafka_log.decoding import one_at_a_time

one_at_a_time()

COMMON = {
    # Given, a client can be made while no broker answers. A broker that is older says so when it
    # is connected to; a newer one is spoken to in this version.
    "api_version": (4, 0),
    "reconnect_backoff_max_ms": 2_000,
}
PRODUCER = {
    **COMMON,
    "enable_idempotence": True,  # said aloud: then a setting against it raises
    "acks": "all",
    "max_in_flight_requests_per_connection": 5,  # keeps the order, being idempotent
    "linger_ms": 5,
    "batch_size": 131_072,
    "compression_type": "lz4",
    "max_request_size": 1_048_576,
    "retry_backoff_ms": 100,
    "metadata_max_age_ms": 60_000,
    "allow_auto_create_topics": False,
}
CONSUMER = {
    **COMMON,
    "enable_auto_commit": False,
    "auto_offset_reset": "earliest",
    "isolation_level": "read_committed",
    # Eager on purpose: the cooperative assignor is the newest code of the client and had its worst
    # bugs. A rebalance takes half a second, and what it interrupts is read again.
    "partition_assignment_strategy": [RangePartitionAssignor],
    "heartbeat_interval_ms": 500,  # how soon a member hears of a rebalance
    "max_poll_interval_ms": 300_000,
    "fetch_max_wait_ms": 250,
    # One partition is delivered whole before the next: what is fetched of one bounds how long the
    # others have to wait for their turn while a consumer catches up.
    "max_partition_fetch_bytes": 65_536,
    "metadata_max_age_ms": 5_000,  # how soon a topic is found that was not there when we joined
    "request_timeout_ms": 15_000,
    "allow_auto_create_topics": False,
    "check_crcs": True,
}
READER = {
    **COMMON,
    "group_id": None,
    "enable_auto_commit": False,
    "auto_offset_reset": "earliest",
    "fetch_max_wait_ms": 100,
    "max_partition_fetch_bytes": 16_384,  # at least one batch of records comes, however large
    "request_timeout_ms": 5_000,
    "allow_auto_create_topics": False,
}
ADMIN = {**COMMON, "request_timeout_ms": 5_000, "bootstrap_timeout_ms": 5_000}

CLOSE_SECONDS = 1.0

logger = logging.getLogger(__name__)


def new_producer(client: Mapping[str, Any], delivery_timeout_ms: int) -> Any:
    return KafkaProducer(
        **PRODUCER,
        **client,
        delivery_timeout_ms=delivery_timeout_ms,
        request_timeout_ms=min(15_000, delivery_timeout_ms // 2),
        max_block_ms=min(10_000, delivery_timeout_ms),
    )


def close_producer(producer: Any) -> None:
    """What it has not sent by now it will not send later either."""
    try:
        producer.close(timeout=CLOSE_SECONDS)
    except KafkaError:
        # With a broker away in the middle of a batch it can wait for a new producer id for ever,
        # and never gives the rest up; then close raises, and leaves its thread running.
        sender = producer._sender  # noqa: SLF001 – there is no public way to end it
        sender.force_close()
        sender.join(CLOSE_SECONDS)
        try:
            producer.close(timeout=0)
        except KafkaError as error:
            logger.warning("a producer could not be closed and is abandoned: %s", error)


def new_consumer(
    client: Mapping[str, Any],
    topics: Sequence[str],
    *,
    group: str,
    instance_id: str | None,
    session_timeout_ms: int,
) -> Any:
    return KafkaConsumer(
        *topics,
        **CONSUMER,
        **client,
        group_id=group,
        group_instance_id=f"{group}-{instance_id}" if instance_id else None,
        session_timeout_ms=session_timeout_ms,
    )


def new_reader(client: Mapping[str, Any]) -> Any:
    """Reads where it is told to; a member of no group."""
    return KafkaConsumer(**READER, **client)


def new_admin(client: Mapping[str, Any]) -> Any:
    """Raises KafkaError when no broker answers in five seconds.

    A constructor that fails would leave a thread behind if its connections were not closed.
    """
    made: list[Any] = []

    def connections(**settings: Any) -> Any:
        made.append(KafkaNetClient(**settings))
        return made[-1]

    try:
        return KafkaAdminClient(**ADMIN, **client, kafka_client=connections)
    except KafkaError:
        for each in made:
            each.close()
        raise
