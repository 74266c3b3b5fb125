"""docker-compose.yml is well formed and names the whole cluster with settings that Hemu accepts."""

import subprocess
from collections.abc import Mapping

import pytest
import yaml

from shared.settings import DATABASES, SERVICES, Settings
from tests.architecture.tree import ROOT
from tests.deployment.tools import tool

COMPOSITION = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
PARTS: Mapping[str, Mapping[str, object]] = COMPOSITION["services"]
OURS = [name for name, part in PARTS.items() if part.get("image") == "hemu"]


def environment(part: str) -> dict[str, str]:
    found = PARTS[part].get("environment")
    assert isinstance(found, dict)
    return {str(name): str(value) for name, value in found.items()}


def command(part: str) -> tuple[str, ...]:
    found = PARTS[part]["command"]
    assert isinstance(found, list)
    return tuple(found)


@pytest.mark.slow
def test_docker_compose_accepts_it() -> None:
    check = [tool("docker-compose"), "config", "-q"]

    checked = subprocess.run(check, cwd=ROOT, check=False, capture_output=True, text=True)

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


@pytest.mark.parametrize("part", OURS)
def test_every_part_gets_settings_that_are_accepted(part: str) -> None:
    settings = Settings.from_env(environment(part))

    assert settings.log_url.startswith("kafka://kafka:")
    assert set(settings.urls) == set(SERVICES)


@pytest.mark.parametrize("database", DATABASES)
def test_each_database_is_a_server_that_only_its_service_reaches(database: str) -> None:
    service = database.removesuffix("_sealed")
    server = f"{database.replace('_', '-')}-database"

    assert PARTS[server]["networks"] == [service]
    assert environment("migrate")[f"HEMU_{database.upper()}_DATABASE_URL"].endswith(
        f"@{server}/hemu"
    )
    for other in set(SERVICES) - {service}:
        assert f"HEMU_{database.upper()}_DATABASE_URL" not in environment(other)


def test_each_service_has_its_web_relay_and_consumers() -> None:
    commands = {command(part) for part in OURS}

    assert commands == {
        ("migrate",),
        ("topics",),
        ("district",),
        *(("web", service) for service in SERVICES),
        *(("relay", service) for service in SERVICES if service != "ops"),
        *(("consume", service) for service in SERVICES if service != "directory"),
    }
