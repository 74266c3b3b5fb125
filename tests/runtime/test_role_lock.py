"""Of all processes that could do a role, one does; the next takes over when it dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from shared.db.role_lock import AdvisoryLock, FileLock, RoleLock
from tests.eventually import eventually
from tests.servers import PostgresServer

HOLD = {
    "file": """
from pathlib import Path
from shared.db.role_lock import FileLock
lock = FileLock(Path({target!r}))
""",
    "advisory": """
from sqlalchemy import create_engine
from shared.db.role_lock import AdvisoryLock
lock = AdvisoryLock(create_engine({target!r}), "intake.relay")
""",
}
REST = """
import time
assert lock.acquire()
print("held", flush=True)
time.sleep(60)
"""

Maker = Callable[[], RoleLock]


@pytest.fixture(params=["file", pytest.param("advisory", marks=pytest.mark.postgresql)])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def target(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    if kind == "file":
        return str(tmp_path / "locks" / "intake.relay")
    server: PostgresServer = request.getfixturevalue("postgresql")
    return server.create_database()


@pytest.fixture
def make(kind: str, target: str) -> Iterator[Maker]:
    engines: list[Engine] = []

    def new() -> RoleLock:
        if kind == "file":
            return FileLock(Path(target))
        engines.append(create_engine(target))
        return AdvisoryLock(engines[-1], "intake.relay")

    yield new
    for engine in engines:
        engine.dispose()


def test_one_holds_it_and_the_other_does_not(make: Maker) -> None:
    one, other = make(), make()

    assert one.acquire()
    assert not other.acquire()
    assert (one.held(), other.held()) == (True, False)
    one.release()


def test_who_releases_it_lets_the_next_have_it(make: Maker) -> None:
    one, other = make(), make()
    assert one.acquire()

    one.release()

    assert other.acquire()
    assert not one.held()
    other.release()


def test_it_passes_on_when_its_holder_is_killed(make: Maker, kind: str, target: str) -> None:
    code = HOLD[kind].format(target=target) + REST
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        lock = make()
        assert not lock.acquire()

        os.kill(holder.pid, signal.SIGKILL)
        killed = time.monotonic()

        assert eventually(lock.acquire, 2.0)
        assert time.monotonic() - killed < 2.0
    lock.release()
