"""The directory's database, empty, on both kinds."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from services.directory.data import DEMO, District, load_district
from services.directory.models.passwords import QUICK, Passwords
from shared.db.database import Database
from tests.directory.office import Keepers, Office
from tests.directory.people import Person
from tests.directory.site import Site, open_site
from tests.migrated import migrated

MIGRATIONS = Path(__file__).parents[2] / "services" / "directory" / "migrations"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    migrated(database_url, MIGRATIONS)
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
    migrated(url, MIGRATIONS)
    database = Database(url, name="directory")
    with open_site(database, demo, home) as found:
        yield found
    database.close()


@pytest.fixture
def fresh(running: Site, demo: District, tmp_path: Path) -> Iterator[Site]:
    """A site of one's own, to change things in."""
    url = f"sqlite:///{tmp_path / 'directory.sqlite'}"
    with closing(sqlite3.connect(str(running.database.engine.url.database))) as connection:
        connection.execute("VACUUM INTO ?", (str(tmp_path / "directory.sqlite"),))
    database = Database(url, name="directory")
    with open_site(database, demo, tmp_path) as found:
        quick = Passwords(QUICK)  # the rules are the same, however long hashing takes
        found.client.application.extensions["hemu.kept"][Passwords] = quick
        yield found
    database.close()


@pytest.fixture
def site(running: Site) -> Site:
    """One for all tests, with a browser of its own; nothing in it may be changed."""
    return replace(running, client=running.client.application.test_client())


@pytest.fixture
def office(database: Database, demo: District, tmp_path: Path) -> Iterator[Office]:
    """The directory to be changed, on both kinds of database."""
    keepers = Keepers()
    with open_site(database, demo, tmp_path, keepers) as site:
        yield Office(site=site, keepers=keepers)


@pytest.fixture
def mediator(fresh: Site) -> Person:
    person = Person.of(fresh, "mediator")
    person.sign_in()
    return person
