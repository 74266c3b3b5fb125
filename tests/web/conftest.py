"""The notes service on a real database, and the people who use it."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine
from werkzeug.test import TestResponse

from shared.auth.actor import Actor, service_actor
from shared.auth.keys import Keyring
from shared.auth.tokens import signer, verifier
from shared.db.database import Database
from shared.settings import Settings
from shared.web import i18n
from shared.web.app import create_app
from shared.web.internal import InternalClient, remote
from shared.web.platform import Platform
from tests.migrated import migrated
from tests.web.notes.service import SERVICE

TRANSLATIONS = Path(i18n.__file__).parent / "translations"
ISSUERS = ("directory", "mediation")
MEDIATOR = Actor(id="m-001", roles=frozenset({"mediator"}), areas=("350599",))
PROSECUTOR = Actor(id="p-001", roles=frozenset({"prosecutor"}), areas=("350599",))

Headers = dict[str, str]


class SteppingClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, 1, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass(frozen=True, kw_only=True)
class Site:
    app: Flask
    platform: Platform
    clock: SteppingClock

    def headers(
        self, actor: Actor, *, issuer: str = "directory", audience: str = "notes"
    ) -> Headers:
        token = signer(self.platform.keys, issuer, self.clock).sign(actor, audience=audience)
        return {"Hemu-Actor": token, "Accept-Language": "en"}

    @property
    def mediator(self) -> Headers:
        return self.headers(MEDIATOR)

    @property
    def prosecutor(self) -> Headers:
        return self.headers(PROSECUTOR)

    @property
    def mediation(self) -> Headers:
        return self.headers(service_actor("mediation"), issuer="mediation")

    def on(self, database: Database) -> "Site":
        """The same service on another database."""
        platform = replace(self.platform, database=database)
        return replace(self, platform=platform, app=create_app(SERVICE, platform))

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def write(self, body: object | None = None, **headers: str) -> TestResponse:
        return self.client().post(
            "/api/v1/notes",
            json={"text": "水管漏水"} if body is None else body,
            headers={
                **self.mediator,
                **{name.replace("_", "-"): text for name, text in headers.items()},
            },
        )


def make_tables(database_url: str) -> None:
    migrated(database_url)
    engine = create_engine(database_url)
    SERVICE.metadata.create_all(engine)
    engine.dispose()


def make_site(database_url: str, home: Path) -> Site:
    """On a database that has its tables."""
    clock = SteppingClock()
    keys = Keyring(home / "keys")
    for name in (*ISSUERS, "notes"):
        keys.make(name)
    platform = Platform(
        settings=Settings(home=home),
        database=Database(database_url, name="notes", clock=clock),
        verifier=verifier(keys, "notes", ISSUERS, clock),
        keys=keys,
        internal=InternalClient("notes", signer(keys, "notes", clock), remote({})),
        clock=clock,
    )
    return Site(app=create_app(SERVICE, platform), platform=platform, clock=clock)


@pytest.fixture(scope="session", autouse=True)
def _catalogues() -> None:
    """Compile the translations, as the installation does."""
    for catalogue in TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"):
        with catalogue.open("rb") as file:
            read = read_po(file, locale=catalogue.parts[-3])
        draft = catalogue.with_suffix(f".{os.getpid()}")
        with draft.open("wb") as file:
            write_mo(file, read)
        draft.replace(catalogue.with_suffix(".mo"))


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Keys, and a database to copy."""
    folder = tmp_path_factory.mktemp("home")
    make_tables(f"sqlite:///{folder / 'notes.sqlite'}")
    return folder


@pytest.fixture
def site(tmp_path: Path, home: Path) -> Iterator[Site]:
    """The notes service on SQLite."""
    shutil.copy(home / "notes.sqlite", tmp_path)
    made = make_site(f"sqlite:///{tmp_path / 'notes.sqlite'}", home)
    yield made
    made.platform.database.close()


@pytest.fixture
def either_site(database_url: str, home: Path) -> Iterator[Site]:
    """The notes service on SQLite, and again on PostgreSQL."""
    make_tables(database_url)
    made = make_site(database_url, home)
    yield made
    made.platform.database.close()
