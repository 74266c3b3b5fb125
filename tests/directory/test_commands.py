"""``hemu account`` and ``hemu token``: for when nobody can sign in to help, and for scripts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from services.commands.people import account, token
from services.directory.data import District
from services.directory.handlers import publish_district
from services.directory.holders import StoredHolders
from shared.clock import utc_now
from shared.db import Database
from shared.db.audit_tables import audit_new
from shared.db.migrate import migrate
from shared.settings import Settings
from tests.directory.conftest import MIGRATIONS
from tests.directory.people import Person
from tests.directory.site import Site, open_site


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def installed(settings: Settings, demo: District) -> Iterator[Site]:
    url = settings.database_url("directory")
    migrate(url, MIGRATIONS)
    database = Database(url, name="directory")
    with database.transaction() as tx:
        publish_district(tx, demo)
    with open_site(database, demo, settings.home) as site:
        yield site
    database.close()


def run(settings: Settings, *arguments: str) -> str:
    group = token if arguments[0] == "token" else account
    done = CliRunner().invoke(group, list(arguments[1:]), obj=settings)
    assert done.exit_code == 0, done.output
    return done.output.strip()


def acts(site: Site) -> list[tuple[str, str, str | None]]:
    with site.database.reading() as session:
        rows = session.execute(select(audit_new).where(audit_new.c.actor == "command"))
        return [(row.action, row.role, row.resource) for row in rows]


def test_a_token_is_one_of_a_member_for_so_long(installed: Site, settings: Settings) -> None:
    found = run(settings, "token", "--as", "mediator", "--area", "350599001001")

    actor = StoredHolders(installed.database, utc_now).of_api_token(found)
    assert actor.roles == {"mediator"}
    assert acts(installed) == [("token.issue", "ops", actor.id)]


def test_an_account_is_opened_for_the_first_administrator(
    installed: Site, settings: Settings
) -> None:
    password = run(settings, "account", "open", "m-0076", "First.Admin")

    client = installed.client.application.test_client()
    person = Person(installed, client, "first.admin", "m-0076", password)
    assert person.sign_in().location == "/directory/account/password"
    assert acts(installed) == [("account.open", "ops", "m-0076")]


def test_an_account_is_unlocked_whatever_had_locked_it(installed: Site, settings: Settings) -> None:
    person = Person.of(installed, "pmc_director")
    person.set_up_second_factor()
    for _ in range(6):
        person.sign_in(password="wrong")
    assert person.sign_in().status_code == 429

    run(settings, "account", "unlock", person.login, "--without-second-factor")

    assert person.sign_in().status_code == 303
    assert sorted(acts(installed)) == [
        ("account.drop_factor", "ops", person.member_id),
        ("account.unlock", "ops", person.member_id),
    ]


def test_a_forgotten_password_is_replaced(installed: Site, settings: Settings) -> None:
    person = Person.of(installed, "pmc_director")

    password = run(settings, "account", "unlock", person.login, "--new-password")

    assert person.sign_in().status_code == 401
    assert person.sign_in(password=password).location == "/directory/account/password"


@pytest.mark.parametrize(
    "arguments", [("unlock", "nobody"), ("open", "m-9999", "x"), ("open", "m-0076", "")]
)
def test_who_is_not_there_is_named(
    installed: Site, settings: Settings, arguments: tuple[str, ...]
) -> None:
    done = CliRunner().invoke(account, list(arguments), obj=settings)

    assert done.exit_code == 1
    assert done.output.startswith("Error: ")
