"""The same system on Kafka and PostgreSQL: the same story, also while either is away."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from shared.settings import DATABASES
from tests.conftest import needed
from tests.e2e.administering import work_a_day
from tests.e2e.filing import DISPUTE, file, reconciled, route_of
from tests.e2e.system import System
from tests.eventually import eventually
from tests.servers import KafkaNode, PostgresServer

pytestmark = [
    pytest.mark.slow,
    pytest.mark.kafka,
    pytest.mark.postgresql,
    pytest.mark.timeout(240),
    pytest.mark.xdist_group("e2e_kafka"),
]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaNode]:
    node = needed(KafkaNode, tmp_path_factory.mktemp("broker"))
    with node:
        yield node


@pytest.fixture(scope="module")
def database() -> Iterator[PostgresServer]:
    server = needed(PostgresServer)
    with server:
        yield server


@pytest.fixture(scope="module")
def system(
    tmp_path_factory: pytest.TempPathFactory, broker: KafkaNode, database: PostgresServer
) -> Iterator[System]:
    urls = {f"HEMU_{name.upper()}_DATABASE_URL": database.create_database() for name in DATABASES}
    home: Path = tmp_path_factory.mktemp("cluster") / "home"
    with System(home, HEMU_LOG=f"kafka://{broker.bootstrap}", **urls) as found:
        yield found


def test_all_samples_take_the_routes_they_must(system: System) -> None:
    done = system.run("demo")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 of 12 routes as expected" in done.stdout
    eventually(partial(reconciled, system), 30)


def test_an_administrator_imports_people_and_lets_a_mediator_leave_by_pages_alone(
    system: System,
) -> None:
    work_a_day(system)


def test_while_the_broker_is_away_cases_are_accepted_and_routed_when_it_is_back(
    system: System, broker: KafkaNode
) -> None:
    broker.kill()
    with system.client() as anyone, system.client("judicial_office") as office:
        case_id = file(anyone).json()["case_id"]
        assert route_of(office, case_id) is None

        broker.restart()

        assert eventually(partial(route_of, office, case_id), 90) == "ordinary_mediation"


def test_while_the_database_is_away_filing_answers_503_and_the_same_request_succeeds_later(
    system: System, database: PostgresServer
) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    with system.client() as anyone, system.client("judicial_office") as office:
        database.kill()
        refused = anyone.post("/intake/api/v1/disputes", json=DISPUTE, headers=headers)
        assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert int(refused.headers["Retry-After"]) > 0

        database.start()
        case_id = file(anyone, key=headers["Idempotency-Key"]).json()["case_id"]

        assert eventually(partial(route_of, office, case_id), 60)
    eventually(partial(reconciled, system), 60)
