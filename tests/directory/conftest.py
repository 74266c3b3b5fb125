"""The directory's database, empty, on both kinds."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.directory.data import DEMO, District, load_district
from shared.db.database import Database
from shared.db.migrate import migrate
from tests.directory.site import Site, open_site

MIGRATIONS = Path(__file__).parents[2] / "services" / "directory" / "migrations"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    migrate(database_url, MIGRATIONS)
    found = Database(database_url, name="directory")
    yield found
    found.close()


@pytest.fixture(scope="session")
def demo() -> District:
    return load_district(DEMO)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, demo: District) -> Iterator[Site]:
    """On SQLite: what is looked at here does not depend on the database."""
    home = tmp_path_factory.mktemp("directory")
    url = f"sqlite:///{home / 'directory.sqlite'}"
    migrate(url, MIGRATIONS)
    database = Database(url, name="directory")
    with open_site(database, demo, home) as found:
        yield found
    database.close()


@pytest.fixture
def site(running: Site) -> Site:
    """One for all tests, with a browser of its own; nothing in it may be changed."""
    return replace(running, client=running.client.application.test_client())
