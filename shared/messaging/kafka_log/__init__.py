"""The event log on Apache Kafka: the only package that imports its client."""

from shared.messaging.kafka_log.log import KafkaLog

__all__ = ["KafkaLog"]
