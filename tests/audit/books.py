"""Two services, one the witness of the other, with real applications and databases."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Row, Table, select

from shared.audit.chaining import chain
from shared.audit.handing import hand_over
from shared.audit.rows import Doing, write_change, write_view
from shared.audit.verifier import Problem, problems
from shared.auth.actor import Actor
from shared.auth.keys import Keyring
from shared.auth.policy import Policy
from shared.auth.tokens import signer, verifier
from shared.db import Database
from shared.db.audit_tables import audit_log, metadata
from shared.service import Service, Workplace
from shared.settings import SERVICES, Settings
from shared.web.app import create_app
from shared.web.internal import InternalClient, local
from shared.web.platform import Platform
from tests.migrated import migrated

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
OURS, WITNESS = "mediation", "referral"
MEDIATOR = Actor(id="m-0002", roles=frozenset({"mediator"}), organisation_id="o-021")


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(kw_only=True)
class Books:
    """``OURS`` writes; what it hands over goes to ``WITNESS`` over its internal API."""

    home: Path
    urls: Mapping[str, str]
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.keys = Keyring(self.home / "keys")
        self.settings = Settings(home=self.home)
        self.databases = {}
        for name, url in self.urls.items():
            self.keys.make(name)
            migrated(url)
            self.databases[name] = Database(url, name=name, clock=self.clock)
        self.applications: dict[str, object] = {}
        for name in self.urls:
            self.applications[name] = create_app(_service(name), self._platform(name))

    @property
    def database(self) -> Database:
        return self.databases[OURS]

    @property
    def short(self) -> Settings:
        """With a witness every second."""
        return Settings(home=self.home, checkpoint_seconds=1)

    @property
    def workplace(self) -> Workplace:
        return Workplace(
            settings=self.settings,
            database=self.database,
            internal=self._internal(OURS),
            clock=self.clock,
        )

    def act(self, number: int = 1, **about: Any) -> None:
        """So many changes and views, each in a transaction of its own."""
        for count in range(number):
            told = {"action": "mediation.read", "resource": f"case-{count % 7}", "request_id": "r"}
            doing = Doing(**{**told, **about})
            with self.database.transaction(actor=MEDIATOR) as tx:
                (write_view if count % 3 else write_change)(tx, doing, MEDIATOR)

    def chain(self) -> int:
        """Everything there is, sealed batch by batch."""
        moved = 0
        while found := chain(self.database, self.keys.signing(OURS)):
            moved += found
        return moved

    def hand_over(self) -> None:
        """What is due, to the end."""
        while hand_over(self.workplace):
            pass

    def rows(self, table: Table = audit_log, name: str = OURS) -> list[Row[Any]]:
        with self.databases[name].reading() as session:
            return list(session.execute(select(table).order_by(*table.primary_key)))

    def wrong(self) -> list[Problem]:
        """What the verifier says."""
        return problems(OURS, self.urls[OURS], self.urls[WITNESS], self.keys.public_file(OURS))

    def close(self) -> None:
        for database in self.databases.values():
            database.close()

    def _platform(self, name: str) -> Platform:
        return Platform(
            settings=self.settings,
            database=self.databases[name],
            verifier=verifier(self.keys, name, tuple(self.urls), self.clock),
            keys=self.keys,
            internal=self._internal(name),
            clock=self.clock,
        )

    def _internal(self, name: str) -> InternalClient:
        signed = signer(self.keys, name, self.clock)
        return InternalClient(name, signed, local(self.applications))


@contextmanager
def open_books(home: Path, url: str | None = None) -> Iterator[Books]:
    """On SQLite, or with our own database elsewhere."""
    files = {name: f"sqlite:///{home / name}.sqlite" for name in (OURS, WITNESS)}
    books = Books(home=home, urls=files | ({OURS: url} if url else {}))
    yield books
    books.close()


def _service(name: str) -> Service:
    assert name in SERVICES
    return Service(
        name=name,
        folder=Path(__file__).parent,
        metadata=metadata,
        blueprints=(),
        policy=Policy({}),
    )
