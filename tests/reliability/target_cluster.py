"""The cluster as a target: every process by itself on PostgreSQL and Kafka, under supervisord."""

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import Engine, create_engine, func, inspect, select, text
from sqlalchemy import table as sql_table

from services.topology import Role
from shared.messaging.topics import TOPIC_PARTITIONS
from shared.settings import DATABASES, Settings
from tests.cluster.system import Cluster
from tests.reliability.target import Logged, kill_process
from tests.reliability.target_embedded import FAILPOINT_LINE, from_headers

WORKER = "worker"
ROLES: Mapping[str, Role] = {
    "web": Role.WEB,
    "relay": Role.RELAY,
    "consumer": Role.CONSUMER,
    "broker": Role.LOG,
    "postgresql": Role.DATABASE,
    "gateway": Role.GATEWAY,
}


class ClusterTarget:
    """supervisord starts again what was killed."""

    kills_all = False
    kinds: Mapping[str, int] = {
        WORKER: 8,
        "web": 4,
        "relay": 8,
        "consumer": 8,
        "broker": 1,
        "postgresql": 1,
        "gateway": 1,
    }

    def __init__(
        self,
        folder: Path,
        *,
        chance: random.Random,
        brokers: int = 1,
        module: str = "services",
    ) -> None:
        self._cluster = Cluster(folder, brokers=brokers, module=module)
        self._chance = chance

    @property
    def url(self) -> str:
        return self._cluster.url

    @property
    def settings(self) -> Settings:
        return self._cluster.seen_settings

    def start(self) -> None:
        self._cluster.start()

    def break_down(self, failpoints: str) -> None:
        self._cluster.restart(environment={"HEMU_FAILPOINTS": failpoints})

    def calm(self) -> None:
        self._cluster.restart(environment={})

    def await_serving(self) -> None:
        self._cluster.await_healthy()

    def stop(self) -> None:
        self._cluster.stop()

    def tend(self, failpoints: str) -> None:
        """It is supervisord that does."""

    def kill(self, kind: str) -> bool:
        role = Role.WEB if kind == WORKER else ROLES[kind]
        pids = self._cluster.pids()
        running = [name for name in self._cluster.plan.of(role) if name in pids]
        if not running:
            return False
        name = self._chance.choice(running)
        workers = self._cluster.workers(name) if kind == WORKER else []
        return kill_process(self._chance.choice(workers or [pids[name]]))

    def engines(self) -> Mapping[str, Engine]:
        return {name: create_engine(self._cluster.database_url(name)) for name in DATABASES}

    def logged(self) -> Sequence[Logged]:
        return logged(self._cluster.bootstrap)

    def unsound(self) -> Iterator[str]:
        for name, engine in self.engines().items():
            yield from (f"{name}: {text}" for text in unsound(engine))
            engine.dispose()

    def failpoints_reached(self) -> int:
        names = self._cluster.plan.processes
        return sum(self._cluster.log(name).count(FAILPOINT_LINE.decode()) for name in names)

    def restarts(self) -> int:
        return self._cluster.log("supervisord").count(" exited: ")


def logged(bootstrap: str) -> Sequence[Logged]:
    """All that Kafka has, each partition in its order."""
    places = [
        TopicPartition(topic, number)
        for topic, partitions in TOPIC_PARTITIONS.items()
        for number in range(partitions)
    ]
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap.split(","),
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
    )
    with closing(consumer):
        consumer.assign(places)
        ends = consumer.end_offsets(places)
        found: dict[TopicPartition, list[Logged]] = {place: [] for place in places}
        while any(consumer.position(place) < ends[place] for place in places):
            for place, records in consumer.poll(500).items():
                found[place] += [from_headers(each.key, dict(each.headers)) for each in records]
    return [record for place in places for record in found[place]]


def unsound(engine: Engine) -> Iterator[str]:
    """Tables whose primary key does not find the rows that are there."""
    tables = inspect(engine).get_table_names()
    with engine.connect() as connection:
        for table in tables:
            counts = []
            for way, other in (("seqscan", "indexscan"), ("indexscan", "seqscan")):
                connection.execute(text(f"SET LOCAL enable_{way} = on"))
                connection.execute(text(f"SET LOCAL enable_{other} = off"))
                connection.execute(text("SET LOCAL enable_bitmapscan = off"))
                statement = select(func.count()).select_from(sql_table(table))
                counts.append(connection.execute(statement).scalar())
            if counts[0] != counts[1]:
                yield f"{table}: {counts[0]} rows, {counts[1]} by its index"
