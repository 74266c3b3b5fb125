"""The books of two services, and each service with its own tests' people; once per test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.directory.data import DEMO, load_district
from services.directory.manifest import SERVICE as DIRECTORY
from shared.db import Database
from tests.audit.books import Books, open_books
from tests.directory import site as of_directory
from tests.intake import site as of_intake
from tests.mediation import site as of_mediation
from tests.migrated import migrated
from tests.ops.system import System, open_system
from tests.referral import site as of_referral


@pytest.fixture
def books(database_url: str, tmp_path: Path) -> Iterator[Books]:
    with open_books(tmp_path, database_url) as found:
        yield found


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Books]:
    """On SQLite: what is looked at here does not depend on the database."""
    with open_books(tmp_path) as found:
        yield found


@pytest.fixture
def intake(database_url: str, tmp_path: Path) -> Iterator[of_intake.Site]:
    sealed = f"sqlite:///{tmp_path / 'sealed.sqlite'}"
    with of_intake.open_site(database_url, sealed, tmp_path) as site:
        site.know_the_district()
        yield site


@pytest.fixture
def mediation(database_url: str, tmp_path: Path) -> Iterator[of_mediation.Site]:
    with of_mediation.open_site(database_url, tmp_path) as site:
        yield site


@pytest.fixture
def referral(database_url: str, tmp_path: Path) -> Iterator[of_referral.Site]:
    of_referral.prepare(database_url, tmp_path)
    with of_referral.open_site(database_url, tmp_path) as site:
        yield site


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[of_directory.Site]:
    url = f"sqlite:///{tmp_path / 'directory.sqlite'}"
    migrated(url, DIRECTORY.folder / "migrations")
    database = Database(url, name="directory")
    with of_directory.open_site(database, load_district(DEMO), tmp_path) as site:
        yield site
    database.close()


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    empty = tmp_path / "empty.sqlite"
    migrated(f"sqlite:///{empty}")
    with open_system(f"sqlite:///{tmp_path / 'ops.sqlite'}", tmp_path, empty) as found:
        yield found
