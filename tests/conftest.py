"""Fixtures of all tests: real servers, started when the first test asks for one."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import pytest

from tests.servers import KafkaNode, PostgresServer, ServerMissing

T = TypeVar("T")


def missing(error: ServerMissing) -> NoReturn:
    """A server that cannot be had skips its tests, but fails them where all must run."""
    if os.environ.get("CI") == "true":
        pytest.fail(str(error), pytrace=False)
    pytest.skip(str(error))


def needed(make: Callable[..., T], *given: Any, **named: Any) -> T:
    """What ``make`` gives, or as ``missing`` when it raises ServerMissing."""
    try:
        return make(*given, **named)
    except ServerMissing as error:
        missing(error)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use a shared server. Those of the broker share it, however many
    processes run the tests."""
    for item in items:
        if not isinstance(item, pytest.Function):
            continue
        if "kafka_node" in item.fixturenames:
            item.add_marker(pytest.mark.kafka)
            item.add_marker(pytest.mark.xdist_group("kafka_node"))
        if "postgresql" in item.fixturenames:
            item.add_marker(pytest.mark.postgresql)


@pytest.fixture(scope="session")
def kafka_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaNode]:
    """One broker for all tests: use topics of your own, and leave it running."""
    node = needed(KafkaNode, tmp_path_factory.mktemp("kafka"))
    with node:
        yield node


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    """One server for all tests: make databases of your own, and leave it running."""
    server = needed(PostgresServer)
    with server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty database; a test that uses it runs on both kinds."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'database.sqlite'}"
        return
    server: PostgresServer = request.getfixturevalue("postgresql")
    url = server.create_database()
    yield url
    server.drop_database(url)
