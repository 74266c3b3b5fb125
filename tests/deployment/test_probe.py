"""A relay or consumer tells whether it lives, and its figures, at a port of its own."""

import socket

import httpx
import pytest

from services.commands.probe import LIMIT, serve_probe
from shared.settings import Settings, SettingsError
from tests.servers.process import free_port

BUSY = {"intake.relay": 0.1, "intake.dossiers": LIMIT - 1}


def test_it_lives_while_every_role_shows_signs_of_life() -> None:
    with serve_probe("0", lambda: BUSY) as url:
        found = httpx.get(f"{url}/health/live")

    assert (found.status_code, found.json()) == (200, {"status": "live"})


def test_a_role_that_is_silent_for_long_is_named() -> None:
    with serve_probe("0", lambda: {**BUSY, "intake.relay": LIMIT + 1}) as url:
        found = httpx.get(f"{url}/health/live")

    assert found.status_code == 503
    assert found.json() == {"status": "hanging", "roles": ["intake.relay"]}


def test_its_figures_are_prometheus_s() -> None:
    with serve_probe("0", dict) as url:
        found = httpx.get(f"{url}/metrics")

    assert found.headers["Content-Type"].startswith("text/plain; version=")
    assert "python_info" in found.text


def test_nothing_else_is_there() -> None:
    with serve_probe("0", dict) as url:
        assert httpx.get(f"{url}/").status_code == 404


def test_a_port_alone_is_of_this_machine_only() -> None:
    port = free_port()

    with serve_probe(str(port), dict), socket.socket() as outside:
        assert httpx.get(f"http://127.0.0.1:{port}/health/live").status_code == 200
        assert outside.connect_ex(("127.0.0.2", port)) != 0


def test_it_is_gone_when_the_process_ends() -> None:
    with serve_probe("0", dict) as url:
        pass

    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_without_an_address_there_is_none() -> None:
    with serve_probe("", dict) as url:
        assert not url


@pytest.mark.parametrize("address", ["9100", "127.0.0.1:9100", "0.0.0.0:9100"])
def test_an_address_is_a_port_or_host_and_port(address: str) -> None:
    assert Settings.from_env({"HEMU_METRICS_ADDRESS": address}).metrics_address == address


def test_another_address_is_refused() -> None:
    with pytest.raises(SettingsError, match="HEMU_METRICS_ADDRESS"):
        Settings.from_env({"HEMU_METRICS_ADDRESS": "localhost"})
