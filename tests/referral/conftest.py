"""The referral service on each kind of database."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import pytest

from tests.referral.site import Site, open_site, prepare


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with keys and an SQLite database that knows the demo district; copy it."""
    home = tmp_path_factory.mktemp("prepared")
    prepare(sqlite_in(home), home)
    return home


@pytest.fixture
def site(prepared: Path, tmp_path: Path) -> Iterator[Site]:
    """On SQLite."""
    home = tmp_path / "home"
    copytree(prepared, home)
    with open_site(sqlite_in(home), home) as found:
        yield found


@pytest.fixture
def either_site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    """On SQLite, and again on PostgreSQL."""
    prepare(database_url, tmp_path)
    with open_site(database_url, tmp_path) as found:
        yield found


def sqlite_in(home: Path) -> str:
    return f"sqlite:///{home / 'referral.sqlite'}"
