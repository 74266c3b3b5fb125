"""The audit of a running Hemu: witnessed by itself, whole after a kill, and a lie in it is told."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.e2e.system import System, samples
from tests.eventually import eventually
from tests.running import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture
def running(tmp_path: Path) -> System:
    return System(tmp_path / "home", HEMU_CHECKPOINT_SECONDS="1")


def verified(system: System) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "services", "audit", "verify"]
    return subprocess.run(
        command, cwd=ROOT, env=system.environment, capture_output=True, text=True, check=False
    )


def file_everything(system: System) -> None:
    for sample in samples():
        kind = "disputes" if sample["kind"] == "dispute" else "leads"
        answer = httpx.post(f"{system.url}/intake/api/v1/{kind}", json=sample["body"])
        assert answer.status_code == 201, answer.text


def witnessed(system: System, service: str, witness: str) -> int:
    """Up to which row of the service."""
    with closing(sqlite3.connect(system.home / f"{witness}.sqlite")) as connection:
        query = "SELECT max(seq) FROM audit_checkpoint WHERE service = ?"
        found = connection.execute(query, (service,)).fetchone()[0]
    return int(found or 0)


def chained(system: System, service: str) -> int:
    with closing(sqlite3.connect(system.home / f"{service}.sqlite")) as connection:
        return int(connection.execute("SELECT count(*) FROM audit_log").fetchone()[0])


def test_the_audit_of_a_running_system_is_witnessed_and_whole(running: System) -> None:
    with running as system:
        file_everything(system)

        def everything_is_witnessed() -> bool:
            rows = chained(system, "intake")
            disputes = sum(one["kind"] == "dispute" for one in samples())
            return rows >= disputes and witnessed(system, "intake", "mediation") == rows

        eventually(everything_is_witnessed, 30)
        whole = verified(system)
        assert whole.returncode == 0, whole.stdout
        assert whole.stdout.splitlines() == [
            f"{name}: whole" for name in ("directory", "intake", "mediation", "referral", "ops")
        ]


def test_after_a_kill_the_audit_goes_on_where_it_was(running: System) -> None:
    with running as system:
        file_everything(system)
        system.kill_all()
        system.start()
        before = chained(system, "intake")
        file_everything(system)

        eventually(lambda: chained(system, "intake") > before, 30)
        assert verified(system).returncode == 0


def test_a_lie_in_what_was_witnessed_is_told(running: System) -> None:
    with running as system:
        file_everything(system)
        eventually(lambda: witnessed(system, "intake", "mediation") > 0, 30)
        system.stop()
        with closing(sqlite3.connect(system.home / "intake.sqlite")) as connection:
            connection.execute("DROP TRIGGER audit_log_no_update")
            connection.execute("UPDATE audit_log SET actor = 'm-0001' WHERE seq = 1")
            connection.commit()

        told = verified(system)

        assert told.returncode == 1
        assert "intake: not as it was" in told.stdout
        assert "row 1: it does not say what it said when it was hashed" in told.stdout
