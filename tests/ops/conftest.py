"""A system to watch, with operations' database on both kinds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.migrated import migrated
from tests.ops.system import System, open_system


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the tables of messaging, to be copied."""
    file = tmp_path_factory.mktemp("empty") / "empty.sqlite"
    migrated(f"sqlite:///{file}")
    return file


@pytest.fixture
def either(database_url: str, tmp_path: Path, empty: Path) -> Iterator[System]:
    with open_system(database_url, tmp_path, empty) as found:
        yield found


@pytest.fixture
def system(tmp_path: Path, empty: Path) -> Iterator[System]:
    """On SQLite, for what does not depend on the database."""
    with open_system(f"sqlite:///{tmp_path / 'ops.sqlite'}", tmp_path, empty) as found:
        yield found
