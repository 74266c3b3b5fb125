"""No page and no list gets slower because there are more cases.

What is asked of the databases is looked at, not timed: the plans are the same with a million cases
(nothing is ever analysed, so SQLite goes by the indexes there are).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from werkzeug.test import Client, TestResponse

from services import registry
from services.assembly import Assembly, wakeups
from services.embedded import entrance
from shared.auth.actor import Actor
from shared.db import Database
from shared.db.migrate import migrate
from shared.messaging.sqlite_log import SqliteLog
from shared.settings import Settings
from tests.benchmarks.million.homes import make_home
from tests.benchmarks.pages_asked import API, OPERATOR, Asked, Examples, everything
from tests.db.plans import complaints, statements
from tests.holders import api_token
from tests.messaging.line import Line

pytestmark = pytest.mark.xdist_group("plans")  # so many cases are made once

CASES = 2_000
ONCE = "FROM key_counter"
"""Counted once per process (shared/messaging/subjects.py)."""


@dataclass(frozen=True)
class Site:
    home: Path
    assembly: Assembly
    client: Client

    def ask(self, asked: Asked) -> TestResponse:
        who = Actor(id=asked.member, roles=frozenset())
        token = api_token(self.assembly.settings, who)
        return self.client.get(asked.path, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    home = tmp_path_factory.mktemp("many") / "home"
    make_home(home, CASES, kinds=3, say=lambda _: None)
    assembly = Assembly(Settings(home=home), registry.load_all(), wakeups=wakeups())
    gateway = entrance(assembly, assembly.make_applications())
    yield Site(home, assembly, Client(gateway))
    assembly.runtime.stop()


@pytest.mark.timeout(600)
def test_a_home_with_many_cases_balances(site: Site) -> None:
    found = site.ask(Asked(member=OPERATOR, path=f"/ops{API}/reconciliation")).get_json()

    assert found["accepted"] == CASES
    assert found["balanced"]
    assert found["unexplained"] == found["waiting"] == 0


@pytest.mark.timeout(600)
def test_no_page_reads_or_sorts_all_cases(site: Site) -> None:
    wrong = set()
    site.ask(Asked(member=OPERATOR, path=f"/ops{API}/lag"))  # counts what is counted once
    for asked in everything(Examples.of(site.home)):
        with statements() as found:
            answer = site.ask(asked)
        assert answer.status_code in {200, 404}, asked.path
        wrong |= {
            f"{asked.path}: {complaint}"
            for statement in found
            if ONCE not in statement.text
            for complaint in complaints(statement)
        }

    assert not wrong, "\n".join(sorted(wrong))


def test_a_consumer_finds_what_it_knows_of_a_case_by_its_key(tmp_path: Path) -> None:
    urls = {name: f"sqlite:///{tmp_path / name}.sqlite" for name in ("intake", "mediation")}
    for url in urls.values():
        migrate(url)
    databases = {name: Database(url, name=name) for name, url in urls.items()}
    line = Line(databases["intake"], SqliteLog(tmp_path / "log.sqlite"), databases["mediation"])
    line.send(uuid4(), 1)
    line.publish()

    with statements() as found:
        line.consume()
    wrong = [complaint for statement in found for complaint in complaints(statement)]

    assert any("key_cursor" in statement.text for statement in found)
    assert wrong == []
    for database in databases.values():
        database.close()
    line.log.close()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM mediations",
        "SELECT * FROM inbox WHERE consumer = 'mediation'",
        "SELECT count(*) FROM flows",
        "SELECT * FROM mediations WHERE state = 'closed' ORDER BY number LIMIT 10",
    ],
)
@pytest.mark.timeout(600)
def test_reading_or_sorting_all_cases_is_noticed(site: Site, query: str) -> None:
    service = "ops" if "flows" in query else "mediation"
    database = site.home / f"{service}.sqlite"
    engine = create_engine(f"sqlite:///{database}")
    with statements() as found, engine.connect() as connection:
        connection.execute(text(query))
    engine.dispose()

    assert [complaint for statement in found for complaint in complaints(statement)]
