"""PostgreSQL is killed, in part or as a whole, or will not let a transaction go on: 503 and never
500, and everything is done once.
"""

import os
import random
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psycopg
import pytest

from shared.settings import DATABASES
from tests.conftest import needed
from tests.e2e.system import System
from tests.eventually import eventually
from tests.reliability.books import settle
from tests.reliability.filing import PATIENCE, Accepted, Filing
from tests.reliability.size import SIZE
from tests.servers import PostgresServer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.postgresql,
    pytest.mark.timeout(120 + 90 * SIZE),
    pytest.mark.xdist_group("reliability_postgres"),
]

BACKENDS = "SELECT pid, datname FROM pg_stat_activity WHERE datname = ANY(%s)"
BLOCKED = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()"
)
PLACES = "SELECT part FROM consumer_offset WHERE topic = 'hemu.cases' ORDER BY part"
HOLD = "UPDATE consumer_offset SET updated = updated WHERE topic = 'hemu.cases' AND part = ANY(%s)"
DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


@dataclass(kw_only=True)
class Stored:
    """A running system on one PostgreSQL server, and all that was filed."""

    system: System
    server: PostgresServer
    urls: dict[str, str]
    accepted: Accepted = field(default_factory=Accepted)

    @contextmanager
    def session(self, service: str, name: str = "") -> Iterator[psycopg.Connection]:
        """Somebody else's, in the database of a service (or in another by name)."""
        plain = self.urls[service].replace("+psycopg", "")
        if name:
            plain = f"{plain.rpartition('/')[0]}/{name}"
        with psycopg.connect(plain, autocommit=not name) as connection:
            yield connection

    @property
    def names(self) -> list[str]:
        return [url.rpartition("/")[2] for url in self.urls.values()]

    def backends(self) -> list[int]:
        with self.session("ops") as connection:
            return [row[0] for row in connection.execute(BACKENDS, [self.names]).fetchall()]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    server = needed(PostgresServer)
    home: Path = tmp_path_factory.mktemp("postgres") / "home"
    with server:
        urls = {name: server.create_database() for name in DATABASES}
        settings = {f"HEMU_{name.upper()}_DATABASE_URL": url for name, url in urls.items()}
        with System(home, **settings) as system:
            yield Stored(system=system, server=server, urls=urls)


@contextmanager
def filing_during(stored: Stored, patience: float = PATIENCE) -> Iterator[Filing]:
    """Cases are filed before, during and after; in the end all must be well."""
    with Filing(stored.system.url, accepted=stored.accepted, patience=patience) as filing:
        filing.until(stored.accepted.count + 10)
        yield filing
        filing.until(stored.accepted.count + 20)
        filing.stop()
    settle(stored.system, stored.accepted)


def test_when_connections_are_ended_all_the_time_every_201_is_routed_once(stored: Stored) -> None:
    chance = random.Random(1)
    with filing_during(stored), stored.session("ops") as connection:
        for _ in range(40 * SIZE):
            own = connection.info.backend_pid
            victims = [pid for pid in stored.backends() if pid != own]
            for pid in chance.sample(victims, min(3, len(victims))):
                connection.execute("SELECT pg_terminate_backend(%s)", [pid])
            time.sleep(0.05)


def test_after_a_kill_of_the_server_every_201_is_routed_once(stored: Stored) -> None:
    for _ in range(2 * SIZE):
        with filing_during(stored):
            stored.server.kill()
            time.sleep(1)
            stored.server.start()


def test_after_a_kill_of_one_of_its_processes_every_201_is_routed_once(stored: Stored) -> None:
    """The server then ends all others as well, and recovers."""
    for _ in range(2 * SIZE):
        with filing_during(stored):
            with stored.session("ops") as connection:
                found = connection.execute(BACKENDS, [stored.names]).fetchall()
                own = connection.info.backend_pid
            os.kill(next(pid for pid, _ in found if pid != own), signal.SIGKILL)


def test_where_a_lock_is_not_to_be_had_requests_are_refused_or_wait(stored: Stored) -> None:
    before = stored.accepted.answers[503]
    with (
        filing_during(stored, patience=20),
        stored.session("intake", name=stored.names[1]) as connection,
    ):
        # in the writers' own order: in the other one, this is the victim of a deadlock
        connection.execute("LOCK TABLE key_counter, outbox IN ACCESS EXCLUSIVE MODE")
        # intake waits for ten seconds, its lock_timeout
        eventually(lambda: stored.accepted.answers[503] > before, 30)
        connection.rollback()


def test_the_victim_of_a_deadlock_tries_again(stored: Stored) -> None:
    with stored.session("mediation") as watcher:

        def deadlocks() -> int:
            return int(watcher.execute(DEADLOCKS).fetchall()[0][0])

        before = deadlocks()
        with filing_during(stored):
            for _ in range(4 * SIZE):
                _deadlock(stored)
        eventually(lambda: deadlocks() > before, 30)  # idle servers count theirs after ten seconds


def test_where_transactions_cannot_be_put_in_an_order_they_are_tried_again(stored: Stored) -> None:
    """PostgreSQL refuses serializable transactions (40001) that touch the same rows."""
    with filing_during(stored) as filing:
        _isolation(stored, "serializable")
        filing.until(stored.accepted.count + 50)
        _isolation(stored, "read committed")


def _isolation(stored: Stored, level: str) -> None:
    """For all connections from now on, of which there are none yet."""
    for service in stored.urls:
        with stored.session(service) as connection:
            name = connection.info.dbname
            connection.execute(
                f"ALTER DATABASE \"{name}\" SET default_transaction_isolation = '{level}'"
            )
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


def _deadlock(stored: Stored) -> None:
    """Hold what the consumer takes last, and when it waits for that, take what it took first."""
    with (
        stored.session("mediation", name=stored.names[2]) as holder,
        stored.session("mediation") as watcher,
    ):
        parts = [row[0] for row in watcher.execute(PLACES).fetchall()]
        holder.execute("SET deadlock_timeout = '60s'")  # so that the other one is the victim
        holder.execute(HOLD, [parts[-1:]])
        eventually(lambda: watcher.execute(BLOCKED).fetchone() != (0,), 20)
        taking = threading.Thread(target=partial(_take, holder, parts[:-1]))
        taking.start()
        taking.join(30)
        assert not taking.is_alive()
        holder.rollback()


def _take(holder: psycopg.Connection, parts: list[int]) -> None:
    holder.execute(HOLD, [parts])
