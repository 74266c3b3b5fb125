"""The intake service, once per test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.intake.site import Site, open_site
from tests.servers import PostgresServer


@pytest.fixture
def site(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Site]:
    """On both kinds of database; it knows the demo district."""
    if database_url.startswith("sqlite"):
        with open_site(database_url, f"sqlite:///{tmp_path / 'sealed.sqlite'}", tmp_path) as found:
            found.know_the_district()
            yield found
        return
    server: PostgresServer = request.getfixturevalue("postgresql")
    sealed_url = server.create_database()
    with open_site(database_url, sealed_url, tmp_path) as found:
        found.know_the_district()
        yield found
    server.drop_database(sealed_url)


@pytest.fixture
def new_site(tmp_path: Path) -> Iterator[Site]:
    """On SQLite; the directory has not arrived."""
    url = f"sqlite:///{tmp_path / 'intake.sqlite'}"
    with open_site(url, f"sqlite:///{tmp_path / 'sealed.sqlite'}", tmp_path) as found:
        yield found


@pytest.fixture
def web(new_site: Site) -> Site:
    """On SQLite: what is looked at here does not depend on the database."""
    new_site.know_the_district()
    return new_site


@pytest.fixture(scope="session")
def quiet_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all tests in which nothing is registered."""
    home = tmp_path_factory.mktemp("intake")
    url = f"sqlite:///{home / 'intake.sqlite'}"
    with open_site(url, f"sqlite:///{home / 'sealed.sqlite'}", home) as found:
        found.know_the_district()
        yield found
