"""Every test of the event log runs on each log."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.messaging.log import EventLog, Subscription
from tests.contracts.logs import Backend, KafkaBackend, SqliteBackend
from tests.contracts.reading import Child, Join

ROOT = Path(__file__).parents[2]

KAFKA = pytest.param(
    "kafka",
    marks=[
        pytest.mark.kafka,
        pytest.mark.xdist_group("kafka_node"),
        # The client leaves sockets that could not connect to the garbage collector.
        pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestWarning"),
    ],
)


@pytest.fixture(params=["sqlite", KAFKA])
def backend(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backend]:
    if request.param == "kafka":
        backend: Backend = KafkaBackend(request.getfixturevalue("kafka_node"))
    else:
        folder = tmp_path / "log"
        folder.mkdir()
        backend = SqliteBackend(folder / "log.sqlite")
    yield backend
    backend.close()


@pytest.fixture
def log(backend: Backend) -> EventLog:
    return backend.open()


@pytest.fixture
def join(backend: Backend) -> Iterator[Join]:
    """Become a member of a group, through a log of its own."""
    members: list[Subscription] = []

    def member(group: str = "mediation", *topics: str) -> Subscription:
        members.append(backend.open().subscribe(group, topics or [backend.topic]))
        return members[-1]

    yield member
    for each in members:
        each.close()


@pytest.fixture
def child(backend: Backend) -> Iterator[Child]:
    started: list[subprocess.Popen[str]] = []

    def start(what: str, name: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "tests.contracts.child", backend.url, backend.topic]
        process = subprocess.Popen(
            [*command, what, name],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        with process:
            process.kill()
