"""One list of processes is what supervisord runs, what docker-compose.yml describes, and what the
services need."""

import shlex
from collections.abc import Mapping
from configparser import RawConfigParser
from pathlib import Path

import pytest
import yaml
from supervisor.datatypes import dict_of_key_value_pairs

from services import registry
from services.commands.cluster import programs
from services.commands.cluster.plan import Plan
from services.topology import (
    DEAF,
    SILENT,
    Need,
    Process,
    Role,
    databases_of,
    processes,
)
from shared.events import EVENT_CLASSES
from shared.settings import DATABASES, SERVICES, Settings
from tests.architecture.tree import ROOT

COMPOSITION = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
PARTS: Mapping[str, Mapping[str, object]] = COMPOSITION["services"]
CONDITIONS = {
    Need.HEALTHY: "service_healthy",
    Need.COMPLETED: "service_completed_successfully",
}
TOPOLOGY = {process.name: process for process in processes()}
HARMLESS = r"a 100% <odd> va,lue=1;2"


@pytest.fixture(params=[1, 3], ids=["one broker", "three brokers"])
def plan(request: pytest.FixtureRequest, tmp_path: Path) -> Plan:
    made = Plan(
        home=tmp_path / "home",
        address="127.0.0.1:8080",
        first_port=8101,
        brokers=request.param,
        environment={"HEMU_LOG_LEVEL": "info", "ODD": HARMLESS},
    )
    (made.folder / "kafka").mkdir(parents=True)
    (made.folder / "kafka" / "cluster-id").write_text("x")
    return made


def configuration(plan: Plan) -> RawConfigParser:
    """Read as supervisord reads it."""
    read = RawConfigParser(inline_comment_prefixes=(";", "#"))
    read.read_string(programs.supervisord_text(plan))
    return read


def program(plan: Plan, name: str) -> Mapping[str, str]:
    return dict(configuration(plan)[f"program:{name}"])


def environment_in(section: Mapping[str, str]) -> Mapping[str, str]:
    found: Mapping[str, str] = dict_of_key_value_pairs(section["environment"].replace("%%", "%"))
    return found


def databases_in(environment: Mapping[str, str]) -> set[str]:
    return {name for name in DATABASES if f"HEMU_{name.upper()}_DATABASE_URL" in environment}


# -- docker-compose.yml ---------------------------------------------------------------------------


def test_docker_compose_has_the_processes_of_the_topology_and_no_others() -> None:
    assert set(PARTS) == set(TOPOLOGY)


@pytest.mark.parametrize("process", TOPOLOGY.values(), ids=TOPOLOGY.keys())
def test_docker_compose_runs_each_process_as_the_topology_says(process: Process) -> None:
    part = PARTS[process.name]
    deploy = part.get("deploy", {})
    environment = part.get("environment", {})
    needs = part.get("depends_on", {})
    assert isinstance(deploy, dict)
    assert isinstance(environment, dict)
    assert isinstance(needs, dict)

    if process.command:
        assert part["command"] == list(process.command)
        assert part["image"] == "hemu"
        Settings.from_env({name: str(value) for name, value in environment.items()})
    else:
        assert part["image"] != "hemu"
    assert deploy.get("replicas", 1) == process.count
    assert databases_in(environment) == set(process.databases)
    assert needs == {name: {"condition": CONDITIONS[need]} for name, need in process.needs.items()}
    assert ("build" in part) == (process.name == "passwords")


@pytest.mark.parametrize("process", TOPOLOGY.values(), ids=TOPOLOGY.keys())
def test_docker_compose_checks_the_health_of_all_that_go_on(process: Process) -> None:
    check = PARTS[process.name]["healthcheck"]
    assert isinstance(check, dict)

    assert check.get("disable", False) == (process.role == Role.PREPARING)
    if process.role in {Role.WEB, Role.RELAY, Role.CONSUMER}:
        assert "/health/live" in str(check["test"])


@pytest.mark.parametrize("service", SERVICES)
def test_docker_compose_gives_a_service_no_password_but_its_own(service: str) -> None:
    for process in TOPOLOGY.values():
        volumes = PARTS[process.name].get("volumes", [])
        assert isinstance(volumes, list)
        if any(str(volume).startswith(f"{service}-passwords:") for volume in volumes):
            assert process.service == service or process.role == Role.PREPARING


# -- supervisord ----------------------------------------------------------------------------------


def test_supervisord_has_the_processes_of_the_topology_and_no_others(plan: Plan) -> None:
    found = {
        section.removeprefix("program:")
        for section in configuration(plan).sections()
        if section.startswith("program:")
    }

    assert found == {name for each in processes(plan.brokers) for name in each.names}


def test_supervisord_runs_each_of_our_processes_as_the_topology_says(plan: Plan) -> None:
    for process in processes(plan.brokers):
        if not process.command:
            continue
        for name in process.names:
            section = program(plan, name)
            environment = environment_in(section)

            assert shlex.split(section["command"])[-len(process.command) :] == list(process.command)
            assert databases_in(environment) == set(process.databases)
            assert Settings.from_env(_settings(environment)).log_url == plan.log_url


def test_what_is_set_for_the_cluster_reaches_webs_relays_and_consumers(plan: Plan) -> None:
    for name in ("intake", "ops-consumer-2", "directory-relay"):
        environment = environment_in(program(plan, name))

        assert environment["HEMU_LOG_LEVEL"] == "info"
        assert environment["ODD"] == HARMLESS
    assert "HEMU_LOG_LEVEL" not in environment_in(program(plan, "migrate"))


def test_supervisord_starts_again_what_ends_but_not_what_is_done_once(plan: Plan) -> None:
    for process in processes(plan.brokers):
        for name in process.names:
            again = program(plan, name)["autorestart"]

            assert again == ("false" if process.role == Role.PREPARING else "true")


def test_supervisord_stops_the_gateway_first_and_the_servers_last(plan: Plan) -> None:
    read = configuration(plan)
    priorities = {
        section.removeprefix("group:"): int(read[section]["priority"])
        for section in read.sections()
        if section.startswith("group:")
    }

    last_first = sorted(priorities, key=lambda name: -priorities[name])
    assert last_first == [
        "gateway", "web", "consumer", "relay", "log", "database", "prepare",
    ]  # fmt: skip


def test_every_port_is_used_once(plan: Plan) -> None:
    listening = [
        name
        for each in processes(plan.brokers)
        if each.role not in {Role.PREPARING, Role.GATEWAY}
        for name in each.names
    ]

    assert {name for name in plan.ports if ":" not in name} == set(listening)
    assert len(set(plan.ports.values())) == len(plan.ports)


def test_a_setting_that_supervisord_cannot_be_told_is_refused(plan: Plan) -> None:
    for text in ('"', "a ;b", "a\nb"):
        odd = Plan(
            home=plan.home, address=plan.address, first_port=1, environment={"HEMU_THREADS": text}
        )

        with pytest.raises(programs.Unusable):
            programs.supervisord_text(odd)


# -- what the services need -----------------------------------------------------------------------


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_consumers_if_it_listens_and_a_relay_if_it_has_work(name: str) -> None:
    service = registry.load(name)
    publishes = any(kind.startswith(f"{name}.") for kind in EVENT_CLASSES)

    assert (name not in DEAF) == bool(service.reactions)
    assert (name not in SILENT) == (publishes or bool(service.workers))
    assert len(databases_of(name)) == (1 if service.sealed is None else 2)


@pytest.mark.parametrize("process", TOPOLOGY.values(), ids=TOPOLOGY.keys())
def test_a_process_is_listed_after_what_it_needs(process: Process) -> None:
    order = list(TOPOLOGY)

    assert all(order.index(need) < order.index(process.name) for need in process.needs)


def _settings(environment: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value for name, value in environment.items() if name.startswith("HEMU_")}
