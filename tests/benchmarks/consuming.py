"""From the log to all effects committed, on Kafka and PostgreSQL. Beside it FastStream with one
SQLAlchemy transaction per message.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from uuid_utils.compat import uuid7

from services.assembly import prepare
from services.intake.manifest import SERVICE as INTAKE
from services.mediation.manifest import SERVICE as MEDIATION
from shared.db import Database
from shared.db.migrate import migrate
from shared.messaging.kafka_log import KafkaLog
from shared.messaging.relay import Relay
from shared.settings import Settings
from tests.benchmarks.frame import Bar, Benchmark, Check, Result, Setting, ratio, take_turns
from tests.benchmarks.intake_site import learn_the_directory
from tests.benchmarks.processes import Server, python
from tests.registrations import dispute_from, samples
from tests.servers import KafkaNode, PostgresServer

COMMUNITIES = ("350599001001", "350599001002", "350599002001")
BATCH = 500
WARM = 50
"""The part of the events that is handled before the clock starts."""
LOOK = 0.05
PATIENCE = 60.0
TARGET = 10.0
OURS, PEER = "Hemu", "FastStream"
EFFECTS = {"routed": "Routing a dispute", "noted": "A row and an event"}
TABLES = {"routed": "mediations", "noted": "noted"}


@dataclass(frozen=True, kw_only=True)
class Site:
    """A topic full of registered disputes, and a PostgreSQL for whoever handles them."""

    setting: Setting
    kafka: KafkaNode
    postgres: PostgresServer
    events: int

    @property
    def home(self) -> Path:
        return self.setting.folder / "home"

    def fill(self) -> None:
        """The topic, with what intake's own outbox and relay make of the registrations."""
        url = f"sqlite:///{self.setting.folder / 'intake.sqlite'}"
        migrate(url, INTAKE.folder / "migrations")
        log = KafkaLog([self.kafka.bootstrap], client_id="filling")
        log.ensure_topics()
        database = Database(url, name=INTAKE.name)
        bodies = [one["body"] for one in samples() if one["kind"] == "dispute"]
        try:
            for first in range(0, self.events, BATCH):
                with database.transaction() as tx:
                    for number in range(first, min(first + BATCH, self.events)):
                        event = dispute_from(bodies[number % len(bodies)])
                        area = COMMUNITIES[number % len(COMMUNITIES)]
                        case_id = UUID(str(uuid7()))
                        tx.emit(
                            replace(
                                event,
                                case_id=case_id,
                                number=f"JF350599-2026-{number:06}",
                                area=area,
                            )
                        )
            relay = Relay(database, log)
            while relay.step():
                pass
        finally:
            database.close()
            log.close()

    def handled(self, name: str, effect: str) -> float:
        """Events per second of one side, each time on a new database and from the beginning."""
        url = self.new_database()
        with (
            psycopg.connect(_plain(url), autocommit=True) as connection,
            self.server(name, effect, url) as server,
        ):
            rate = self._watch(connection, TABLES[effect], server)
        self.postgres.drop_database(url)
        return rate

    def new_database(self) -> str:
        """Of a mediation that knows the directory and nothing else."""
        url = self.postgres.create_database()
        prepare(Settings(home=self.home, database_urls={MEDIATION.name: url}), [MEDIATION])
        learn_the_directory(url, MEDIATION.name)
        with psycopg.connect(_plain(url), autocommit=True) as connection:
            connection.execute(NOTED)
        return url

    def server(self, name: str, effect: str, url: str) -> Server:
        group = f"{name}-{uuid4().hex[:8]}"
        if name == PEER:
            module = ["tests.benchmarks.peers.consumer", effect]
            database = url.replace("psycopg", "asyncpg")
            settings = {"PEER_DATABASE": database, "PEER_GROUP": group}
            settings["PEER_KAFKA"] = self.kafka.bootstrap
        elif effect == "noted":
            module = ["tests.benchmarks.noting"]
            settings = {"NOTING_DATABASE": url, "NOTING_GROUP": group}
            settings["NOTING_KAFKA"] = self.kafka.bootstrap
        else:
            module = ["services", "consume", MEDIATION.name]
            settings = {
                "HEMU_HOME": str(self.home),
                "HEMU_LOG": self.kafka.url,
                "HEMU_MEDIATION_DATABASE_URL": url,
            }
        return Server(
            [python(), "-m", *module],
            output=self.setting.folder / f"{name}.out",
            settings=settings,
        )

    def _watch(self, connection: psycopg.Connection, table: str, server: Server) -> float:
        """From when both are well under way (a group of twelve takes a while to form) to the last
        committed, or for some seconds.
        """
        count = partial(_count, connection, table)
        seconds = self.setting.pick(10, 3)
        _until(lambda: count() >= self.events // WARM, server)
        first, began = count(), time.perf_counter()
        last, ended = first, began
        while last < self.events and ended - began < seconds:
            time.sleep(LOOK)
            last, ended = count(), time.perf_counter()
        return (last - first) / (ended - began)


NOTED = (
    "CREATE TABLE noted (case_id uuid PRIMARY KEY, number varchar(64) NOT NULL, "
    "category varchar(64) NOT NULL, area varchar(15) NOT NULL, at timestamptz NOT NULL)"
)


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql")


def _count(connection: psycopg.Connection, table: str) -> int:
    query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
    found: tuple[int] | None = connection.execute(query).fetchone()
    return found[0] if found else 0


def _until(holds: Callable[[], bool], server: Server) -> None:
    limit = time.monotonic() + PATIENCE
    while not holds():
        if not server.running or time.monotonic() > limit:
            raise AssertionError(f"nothing is handled:\n{server.last_words()}")
        time.sleep(LOOK)


def measure(setting: Setting) -> Result:
    bars: list[Bar] = []
    checks: list[Check] = []
    node = setting.folder / "kafka"
    node.mkdir()
    with (
        KafkaNode(node) as kafka,
        PostgresServer(durable=True) as postgres,
    ):
        site = Site(
            setting=setting, kafka=kafka, postgres=postgres, events=setting.pick(20_000, 2_000)
        )
        site.fill()
        for effect, says in EFFECTS.items():
            print(f"  {says}")
            sides = {name: partial(site.handled, name, effect) for name in (OURS, PEER)}
            found = take_turns(sides, setting.pick(5, 1))
            bars += [Bar(group=says, label=name, values=found[name]) for name in sides]
            checks.append(_check(says, effect, found))
    return Result(
        title="From the log to all effects committed",
        unit="events per second",
        how=HOW,
        bars=bars,
        checks=checks,
        bound=BOUND,
    )


def _check(says: str, effect: str, found: Mapping[str, list[float]]) -> Check:
    return Check(
        says=f"{says}: events handled per second, of FastStream's",
        value=ratio(found[OURS], found[PEER]),
        unit="×",
        at_least=TARGET if effect == "routed" else None,
    )


HOW = (
    "A topic of twelve partitions holds 20,000 registered disputes, as intake's relay published "
    "them; one process of each side in turn reads it from the beginning into a new PostgreSQL "
    "database (fsync on). Counted from when a fiftieth is committed to the last, or for ten "
    "seconds. Routing a dispute: rules decided, decision, mediation, dossier, time line, workload "
    "of the mediator, events to publish. A row and an event: what the backbone alone costs. Both "
    "know repeated events by an inbox. FastStream with aiokafka, uvloop, twelve workers (one per "
    "partition), acknowledging after the commit, SQLAlchemy's asyncio ORM on asyncpg, and the "
    "same rules; Hemu is `hemu consume mediation`, with its checks of order and of its own "
    "offsets besides."
)
BOUND = "The processor of one process: deciding by rules and encoding events are Python."

BENCHMARK = Benchmark(number=2, name="consuming", run=measure)
