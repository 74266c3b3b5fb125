"""The mediation service, once per test, on both kinds of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mediation.site import Site, open_site


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    with open_site(database_url, tmp_path) as found:
        yield found


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Site]:
    """On SQLite: what is looked at here does not depend on the database."""
    with open_site(f"sqlite:///{tmp_path / 'mediation.sqlite'}", tmp_path) as found:
        yield found
