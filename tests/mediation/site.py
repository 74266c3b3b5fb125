"""The mediation service on a real database, with the demo district and a clock that can be set."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from sqlalchemy import select

from services.mediation.manifest import SERVICE
from shared.auth.actor import Actor
from shared.auth.door import HEADER
from shared.auth.keys import Keyring
from shared.auth.tokens import signer, verifier
from shared.db import Database, Delivered
from shared.db.message_tables import outbox
from shared.errors import Unavailable
from shared.events import CASES, Envelope, Event, decode
from shared.events.directory import DirectoryEvent
from shared.messaging.handling import Handling
from shared.service import InternalReader, Workplace
from shared.settings import SERVICES, Settings
from shared.web.app import create_app
from shared.web.platform import Link, Platform
from tests.district import demo, learn
from tests.migrated import migrated

FILED = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
"""A Monday morning in China."""


def actor(
    member_id: str, role: str, organisation_id: str | None = None, *areas: str, **more: Any
) -> Actor:
    return Actor(
        id=member_id,
        roles=frozenset({role}),
        organisation_id=organisation_id,
        areas=areas,
        **more,
    )


PEOPLE = {
    "mediator": actor("m-0002", "mediator", "o-021", "350599001001"),
    "pmc_director": actor("m-0001", "pmc_director", "o-021", "350599001001"),
    "prosecutor": actor("m-0042", "prosecutor", "o-035", "350599"),
    "judicial_office": actor("m-0033", "judicial_office", "o-031", "350599"),
    "liaison": actor("m-0019", "liaison", "o-004", "350599"),
    "ops": actor("m-0036", "ops", "o-001", "350599"),
    "auditor": actor("m-0037", "auditor", "o-001", "350599"),
}
"""Of the demo district, but that the areas of some are as wide as the tests need."""


@dataclass
class Clock:
    now: datetime = FILED

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


class NobodyHome:
    """No other service answers."""

    def get(self, service: str, path: str) -> object:
        raise Unavailable("A part of the system is away. Please try again.")

    def post(self, service: str, path: str, body: object) -> object:
        raise Unavailable("A part of the system is away. Please try again.")


@dataclass(kw_only=True)
class Site:
    database: Database
    clock: Clock
    keys: Keyring
    settings: Settings
    internal: InternalReader = field(default_factory=NobodyHome)
    finders: tuple[Link, ...] = ()
    sequences: Counter[str] = field(default_factory=Counter)

    def know(self, *entries: DirectoryEvent, revision: int = 1) -> None:
        """The directory says this, as one revision."""
        with self.database.transaction() as tx:
            learn(tx, entries, revision=revision)

    def hear(self, *events: Event) -> int:
        """Handle the events in one batch; says how many were new."""
        return self.take([self.delivered(event) for event in events])

    def take(self, delivered: Sequence[Delivered]) -> int:
        with self.database.transaction() as tx:
            return Handling(SERVICE.name, SERVICE.reactions).take(tx, delivered)

    def delivered(self, event: Event, *, filed_at: datetime | None = None) -> Delivered:
        self.sequences[event.subject] += 1
        envelope = Envelope(
            id=uuid4(),
            source="intake",
            type=event.event_type,
            time=filed_at or self.clock(),
            subject=event.subject,
            sequence=self.sequences[event.subject],
            correlation_id=uuid4(),
            causation_id=None,
            actor="m-0001",
            traceparent=None,
            data=b"{}",
        )
        return Delivered(
            envelope=envelope,
            event=event,
            topic=CASES,
            partition=0,
            offset=0,
            appended_at=self.clock(),
        )

    def announced(self, case_id: UUID | None = None) -> list[Event | None]:
        """What mediation has published, in order."""
        query = select(outbox.c.type, outbox.c.data).order_by(outbox.c.seq)
        if case_id is not None:
            query = query.where(outbox.c.key == str(case_id))
        with self.database.reading() as session:
            return [decode(row.type, row.data) for row in session.execute(query)]

    def workplace(self, internal: InternalReader) -> Workplace:
        return Workplace(
            settings=self.settings, database=self.database, internal=internal, clock=self.clock
        )

    def client(self) -> FlaskClient:
        platform = Platform(
            settings=self.settings,
            database=self.database,
            verifier=verifier(self.keys, SERVICE.name, SERVICES, self.clock),
            keys=self.keys,
            internal=self.internal,
            clock=self.clock,
            finders=self.finders,
        )
        return create_app(SERVICE, platform).test_client()

    def headers(self, role: str) -> dict[str, str]:
        token = signer(self.keys, "directory", self.clock).sign(PEOPLE[role], audience=SERVICE.name)
        return {HEADER: token, "Accept-Language": "en"}


@contextmanager
def open_site(url: str, home: Path) -> Iterator[Site]:
    migrated(url, SERVICE.folder / "migrations")
    clock = Clock()
    settings = Settings(home=home)
    keys = Keyring(settings.keys)
    for name in SERVICES:
        keys.make(name)
    database = Database(url, name=SERVICE.name, clock=clock)
    site = Site(database=database, clock=clock, keys=keys, settings=settings)
    site.know(*demo())
    yield site
    database.close()
