"""The cluster works, keeps its parts apart, and goes on whichever process is killed."""

import os
import stat
from functools import partial
from pathlib import Path

import httpx
import psycopg
import pytest

from services.commands.cluster.passwords import read_passwords, role_of
from services.topology import Role, owner_of
from shared.settings import DATABASES, SERVICES
from tests.cluster.system import Cluster
from tests.e2e.administering import work_a_day
from tests.e2e.filing import file, reconciled, route_of
from tests.eventually import eventually

pytestmark = [
    pytest.mark.slow,
    pytest.mark.kafka,
    pytest.mark.postgresql,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("cluster"),
]
VICTIMS = (
    "postgresql",
    "kafka-1",
    "gateway",
    "intake",
    "mediation",
    "directory",
    "intake-relay",
    "mediation-relay",
    "mediation-consumer-1",
)


def is_routed(cluster: Cluster) -> bool:
    """A new case goes all the way."""
    with cluster.client() as anyone, cluster.client("judicial_office") as office:
        case_id = file(anyone).json()["case_id"]
        return eventually(partial(route_of, office, case_id), 90) == "ordinary_mediation"


def connection(cluster: Cluster, role: str, password: str, database: str) -> psycopg.Connection:
    return psycopg.connect(
        host="127.0.0.1",
        port=cluster.plan.ports["postgresql"],
        user=role,
        password=password,
        dbname=database,
        passfile="/dev/null",
    )


def alive(pids: list[int]) -> list[int]:
    """Those that run; the ended whose parent has not looked yet are no more than a number."""
    states = {pid: Path(f"/proc/{pid}/stat") for pid in pids}
    return [pid for pid, path in states.items() if path.exists() and ") Z" not in path.read_text()]


def test_all_samples_take_the_routes_they_must(cluster: Cluster) -> None:
    done = cluster.run("demo")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 of 12 routes as expected" in done.stdout
    eventually(partial(reconciled, cluster), 60)


def test_an_administrator_imports_people_and_lets_a_mediator_leave_by_pages_alone(
    cluster: Cluster,
) -> None:
    work_a_day(cluster)


def test_what_it_prints_signs_in_and_signing_out_counts_at_the_next_request(
    cluster: Cluster,
) -> None:
    director = next(line.split() for line in cluster.output if "director-a" in line.split())
    form = {"login": director[0], "password": director[1]}

    with httpx.Client(base_url=cluster.url, timeout=20) as browser:
        opened = browser.post("/directory/sign-in", data=form)
        held = dict(browser.cookies)
        queue = browser.get("/mediation/mediations")
        browser.post("/directory/sign-out")
        browser.cookies.update(held)
        after = browser.get("/mediation/mediations")

    assert opened.headers["Location"] == "/mediation/"
    assert (queue.status_code, after.status_code) == (200, 401)


# -- databases and passwords ----------------------------------------------------------------------


@pytest.mark.parametrize("mine", DATABASES)
def test_a_role_connects_to_its_own_database_and_to_no_other(cluster: Cluster, mine: str) -> None:
    role = role_of(mine)
    password = read_passwords(cluster.plan.passwords)[role]
    others = [role_of(name) for name in DATABASES if name != mine]

    with connection(cluster, role, password, role) as own:
        owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
        assert own.execute(owner).fetchone() == (role,)
    for other in ("postgres", "template1", *others):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            connection(cluster, role, password, other)


def test_nobody_gets_in_without_the_password(cluster: Cluster) -> None:
    for role in ("postgres", *(role_of(name) for name in DATABASES)):
        for password in ("", "wrong"):
            with pytest.raises(psycopg.OperationalError, match="password"):
                connection(cluster, role, password, "postgres")


def test_passwords_stand_in_files_that_nobody_else_can_read_and_nowhere_else(
    cluster: Cluster,
) -> None:
    passwords = set(read_passwords(cluster.plan.passwords).values())
    known = [
        Path(f"/proc/{pid}/{what}").read_bytes().decode(errors="replace")
        for pid in cluster.all_pids()
        for what in ("cmdline", "environ")
    ]
    written = [path for path in cluster.plan.folder.rglob("*.*") if path.is_file()]
    known += [path.read_text(errors="replace") for path in written if "/data/" not in str(path)]

    assert len(passwords) == len(DATABASES) + 1
    assert [password for password in passwords for text in known if password in text] == []
    for path in cluster.plan.passwords.rglob("*"):
        if path.is_file():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("service", SERVICES)
def test_a_process_has_the_password_file_of_its_own_service_only(
    cluster: Cluster, service: str
) -> None:
    for name, process in cluster.plan.processes.items():
        if process.service == service:
            environment = Path(f"/proc/{cluster.pids()[name]}/environ").read_text()
            named = {each for each in SERVICES if f"passwords/{each}/" in environment}
            assert named == {service}
            assert all(owner_of(database) == service for database in process.databases)


# -- health and figures ---------------------------------------------------------------------------


def test_relays_and_consumers_tell_their_health_and_figures(cluster: Cluster) -> None:
    figures = {
        "intake-relay": "relay_publish_total",
        "mediation-consumer-1": "last_beat_age",
        "ops-consumer-2": "last_beat_age",
        "mediation": "http_request_seconds",
    }

    for name, figure in figures.items():
        assert figure in httpx.get(cluster.metrics_url(name)).text
    for role in (Role.RELAY, Role.CONSUMER):
        for name in cluster.plan.of(role):
            health = httpx.get(f"http://{cluster.plan.local(name)}/health/live")
            assert (health.status_code, health.json()) == (200, {"status": "live"})


def test_health_and_figures_are_not_for_the_outside(cluster: Cluster) -> None:
    with cluster.client("ops") as client:
        for path in ("metrics", "health/live", "ops/metrics", "intake/health/ready", "ops-relay/"):
            assert client.get(f"/{path}").status_code == 404


# -- going on -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", VICTIMS)
def test_a_killed_process_is_started_again_and_everything_goes_on(
    cluster: Cluster, name: str
) -> None:
    old = cluster.kill(name)

    cluster.await_restart(name, old)

    assert is_routed(cluster)


def test_a_killed_worker_of_a_web_is_started_again(cluster: Cluster) -> None:
    master = cluster.pids()["intake"]
    [old] = cluster.workers("intake")

    os.kill(old, 9)

    eventually(lambda: cluster.workers("intake") not in ([], [old]), 60)
    assert cluster.pids()["intake"] == master
    assert is_routed(cluster)


def test_a_killed_gateway_leaves_no_worker_that_serves_in_its_old_way(cluster: Cluster) -> None:
    old = cluster.pids()["gateway"]
    orphans = cluster.workers("gateway")

    cluster.kill("gateway")
    cluster.await_restart("gateway", old)

    assert orphans
    eventually(lambda: not alive(orphans))


def test_another_environment_reaches_the_services_and_the_data_stay(cluster: Cluster) -> None:
    with cluster.client() as anyone, cluster.client("judicial_office") as office:
        case_id = file(anyone).json()["case_id"]
        eventually(partial(route_of, office, case_id), 60)
        servers = {name: cluster.pids()[name] for name in ("postgresql", "kafka-1", "gateway")}

        cluster.restart(environment={"HEMU_LOG_LEVEL": "info"})

        for name in ("intake", "intake-relay", "ops-consumer-2"):
            environment = Path(f"/proc/{cluster.pids()[name]}/environ").read_text()
            assert "HEMU_LOG_LEVEL=info" in environment
        assert {name: cluster.pids()[name] for name in servers} == servers
        assert route_of(office, case_id) == "ordinary_mediation"
    assert is_routed(cluster)


def test_what_was_killed_altogether_goes_on_where_it_was(cluster: Cluster) -> None:
    with cluster.client() as anyone:
        case_id = file(anyone).json()["case_id"]

    cluster.kill_all()
    cluster.start()

    with cluster.client("judicial_office") as office:
        assert eventually(partial(route_of, office, case_id), 90) == "ordinary_mediation"
    eventually(partial(reconciled, cluster), 60)


def test_a_second_cluster_on_the_same_data_is_refused(cluster: Cluster) -> None:
    refused = cluster.run("cluster")

    assert refused.returncode == 1
    assert "runs in" in refused.stderr


def test_without_supervisord_nothing_goes_on(cluster: Cluster) -> None:
    everything = cluster.all_pids()

    cluster.kill("supervisord")

    eventually(lambda: not alive(everything), 120)
    cluster.stop()
    cluster.start()


def test_a_clean_stop_leaves_no_process_and_a_start_goes_on(cluster: Cluster) -> None:
    everything = cluster.all_pids()
    with cluster.client() as anyone:
        case_id = file(anyone).json()["case_id"]

    cluster.stop()

    assert alive(everything) == []
    assert "database system is shut down" in cluster.log("postgresql")
    assert "with SIGKILL" not in cluster.log("supervisord")

    cluster.start()

    with cluster.client("judicial_office") as office:
        assert eventually(partial(route_of, office, case_id), 90) == "ordinary_mediation"


def test_the_number_of_brokers_is_settled_at_the_first_start(cluster: Cluster) -> None:
    cluster.stop()
    try:
        refused = cluster.run("cluster", "--brokers", "3")
    finally:
        cluster.start()

    assert refused.returncode == 1
    assert "made with 1 broker" in refused.stderr
