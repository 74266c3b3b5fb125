"""One producing and one consuming service with real databases and the embedded log."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.db import Database
from shared.messaging.sqlite_log import SqliteLog
from tests.migrated import migrated


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    found = SqliteLog(tmp_path / "log.sqlite")
    yield found
    found.close()


@pytest.fixture
def producer(tmp_path: Path) -> Iterator[Database]:
    yield from _database(f"sqlite:///{tmp_path / 'intake.sqlite'}", "intake")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The consumer's, on both kinds."""
    yield from _database(database_url, "mediation")


def _database(url: str, name: str) -> Iterator[Database]:
    migrated(url)
    found = Database(url, name=name)
    yield found
    found.close()
