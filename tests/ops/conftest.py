"""A system to watch, with operations' database on both kinds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops.system import System, open_system


@pytest.fixture
def either(database_url: str, tmp_path: Path) -> Iterator[System]:
    with open_system(database_url, tmp_path) as found:
        yield found


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """On SQLite, for what does not depend on the database."""
    with open_system(f"sqlite:///{tmp_path / 'ops.sqlite'}", tmp_path) as found:
        yield found
