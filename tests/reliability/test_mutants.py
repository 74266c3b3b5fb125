"""Each mutant of the backbone is told from the product, in the same scene that the product passes.

Those of the soak, which need a whole Hemu that is killed, stand in ``test_soak``.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from shared.db import Database
from shared.db.migrate import migrate
from shared.messaging.kafka_log import KafkaLog
from shared.messaging.sqlite_log import SqliteLog
from tests.conftest import needed
from tests.messaging.line import Line
from tests.reliability.mutants import MUTANTS
from tests.reliability.scenes import (
    commits_out_of_order,
    duplicate_append,
    relays_side_by_side,
    zombie_twin,
)
from tests.servers import KafkaNode, PostgresServer

PRODUCT = "product"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    found = SqliteLog(tmp_path / "log.sqlite")
    yield found
    found.close()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    yield from opened(database_url, "mediation")


@pytest.fixture
def line(tmp_path: Path, log: SqliteLog, database: Database) -> Iterator[Line]:
    for producer in opened(f"sqlite:///{tmp_path / 'intake.sqlite'}", "intake"):
        found = Line(producer, log, database)
        yield found
        found.subscription.close()


@pytest.fixture
def postgresql_url(postgresql: PostgresServer) -> Iterator[str]:
    url = postgresql.create_database()
    migrate(url)
    yield url
    postgresql.drop_database(url)


def opened(url: str, name: str) -> Iterator[Database]:
    migrate(url)
    found = Database(url, name=name)
    yield found
    found.close()


def judge(who: str, scene: Callable[[], Sequence[str]]) -> None:
    """The product passes; a mutant is caught by what it is known to do."""
    with pytest.MonkeyPatch.context() as patches:
        if who != PRODUCT:
            MUTANTS[who].apply(patches)
        wrong = scene()

    if who == PRODUCT:
        assert wrong == []
    else:
        assert any(MUTANTS[who].caught in each for each in wrong), wrong


@pytest.mark.parametrize("who", [PRODUCT, "no-inbox"])
def test_what_is_appended_twice_takes_effect_once_thanks_to_the_inbox(who: str, line: Line) -> None:
    judge(who, lambda: duplicate_append(line))


@pytest.mark.parametrize("who", [PRODUCT, "no-compare-and-set"])
def test_a_zombie_twin_does_nothing_thanks_to_the_offset(who: str, line: Line) -> None:
    judge(who, lambda: zombie_twin(line))


@pytest.mark.timeout(90)
@pytest.mark.parametrize("who", [PRODUCT, "id-cursor"])
def test_a_relay_does_not_trust_the_order_of_numbers(
    who: str, postgresql_url: str, log: SqliteLog, tmp_path: Path
) -> None:
    for producer in opened(postgresql_url, "intake"):
        for database in opened(f"sqlite:///{tmp_path / 'mediation.sqlite'}", "mediation"):
            line = Line(producer, log, database)
            judge(who, partial(commits_out_of_order, line, postgresql_url))
            line.subscription.close()


@pytest.fixture(scope="module")
def own_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaNode]:
    """The topics have the names of the product: no other test may use them."""
    node = needed(KafkaNode, tmp_path_factory.mktemp("kafka"))
    with node:
        yield node


@pytest.mark.slow
@pytest.mark.kafka
@pytest.mark.timeout(180)
@pytest.mark.xdist_group("own_node")
@pytest.mark.parametrize("who", [PRODUCT, "two-relays"])
def test_one_relay_at_a_time_keeps_the_order(
    who: str, postgresql_url: str, own_node: KafkaNode, tmp_path: Path
) -> None:
    log = KafkaLog([own_node.bootstrap], client_id="test")
    log.ensure_topics()
    log.close()
    for database in opened(f"sqlite:///{tmp_path / 'mediation.sqlite'}", "mediation"):
        scene = partial(relays_side_by_side, postgresql_url, own_node.bootstrap, database, tmp_path)
        judge(who, scene)
