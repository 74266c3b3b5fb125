"""Real servers for tests: PostgreSQL and Apache Kafka, started, killed and started again."""

from tests.servers.kafka import KafkaNode
from tests.servers.postgresql import PostgresServer
from tests.servers.process import ServerMissing

__all__ = ["KafkaNode", "PostgresServer", "ServerMissing"]
