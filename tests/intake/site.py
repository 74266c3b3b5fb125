"""The intake service on real databases, with the demo district and a clock that can be set."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Row, Table, select
from werkzeug.test import TestResponse

from services.intake.manifest import SERVICE
from services.intake.models.seals import Seals
from shared.auth.actor import Actor, service_actor
from shared.auth.door import HEADER
from shared.auth.keys import Keyring
from shared.auth.sealing import Sealer
from shared.auth.tokens import signer, verifier
from shared.db import Database, Delivered
from shared.db.message_tables import outbox
from shared.events import CASES, Envelope, Event, decode
from shared.messaging.handling import Handling
from shared.settings import SERVICES, Settings
from shared.web.app import create_app
from shared.web.internal import InternalClient, remote
from shared.web.platform import Platform
from tests.district import demo, learn
from tests.migrated import migrated

FILED = datetime(2026, 11, 20, 1, 30, 17, 123456, tzinfo=UTC)
"""A Friday morning in China."""

KNOWN = frozenset({"o-004", "o-005", "o-006", "o-021", "o-035", "o-041", "o-042", "m-0002"})
"""Three communities, a committee, a procuratorate, two agencies, a mediator."""

Headers = dict[str, str]


def person(
    role: str, member_id: str = "m-9001", organisation_id: str | None = None, area: str = "350599"
) -> Actor:
    return Actor(
        id=member_id, roles=frozenset({role}), areas=(area,), organisation_id=organisation_id
    )


@dataclass
class Clock:
    now: datetime = FILED

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(kw_only=True)
class Site:
    platform: Platform
    clock: Clock
    sequences: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def database(self) -> Database:
        return self.platform.database

    @property
    def sealed(self) -> Database:
        assert self.platform.sealed is not None
        return self.platform.sealed

    @property
    def seals(self) -> Seals:
        secret = self.platform.keys.secret(SERVICE.name)
        return Seals.made_by(lambda purpose: Sealer(secret, purpose))

    @cached_property
    def app(self) -> Flask:
        return create_app(SERVICE, self.platform)

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def headers(self, actor: Actor | None = None) -> Headers:
        """Of a request that the gateway lets through."""
        if actor is None:
            return {"Accept-Language": "en"}
        token = self.sign(actor, issuer="directory")
        return {HEADER: token, "Accept-Language": "en"}

    def service_headers(self, name: str) -> Headers:
        return {HEADER: self.sign(service_actor(name), issuer=name)}

    def sign(self, actor: Actor, *, issuer: str) -> str:
        made = signer(self.platform.keys, issuer, self.clock)
        return made.sign(actor, audience=SERVICE.name)

    def file(
        self, kind: str, body: object, actor: Actor | None = None, **headers: str
    ) -> TestResponse:
        """``kind``: disputes or leads."""
        more = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.client().post(
            f"/api/v1/{kind}", json=body, headers={**self.headers(actor), **more}
        )

    def filed(self, kind: str, body: object, actor: Actor | None = None) -> dict[str, Any]:
        response = self.file(kind, body, actor)
        assert response.status_code == 201, response.text
        found: dict[str, Any] = response.get_json()
        return found

    def get(self, path: str, actor: Actor | None = None) -> TestResponse:
        return self.client().get(path, headers=self.headers(actor))

    def know_the_district(self) -> None:
        """What these tests need of the demo district, as one revision."""
        entries = [
            entry
            for entry in demo()
            if entry.id in KNOWN or "referral_officer" in getattr(entry, "roles", ())
        ]
        with self.database.transaction() as tx:
            learn(tx, entries, revision=7)

    def hear(self, *events: Event, source: str = "mediation") -> int:
        """Handle the events in one batch; says how many were new."""
        with self.database.transaction() as tx:
            handling = Handling(SERVICE.name, SERVICE.reactions)
            return handling.take(tx, [self._delivered(event, source) for event in events])

    def announced(self) -> list[Event | None]:
        """What intake has published, in order."""
        return [decode(row.type, bytes(row.data)) for row in self.rows(outbox)]

    def rows(self, table: Table) -> list[Row[Any]]:
        with self.database.reading() as session:
            return list(session.execute(select(table).order_by(*table.primary_key)))

    def sealed_rows(self, table: Table) -> list[Row[Any]]:
        with self.sealed.reading() as session:
            return list(session.execute(select(table)))

    def _delivered(self, event: Event, source: str) -> Delivered:
        self.sequences[source, event.subject] += 1
        envelope = Envelope(
            id=uuid4(),
            source=source,
            type=event.event_type,
            time=self.clock(),
            subject=event.subject,
            sequence=self.sequences[source, event.subject],
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


@contextmanager
def open_site(url: str, sealed_url: str, home: Path) -> Iterator[Site]:
    migrated(url, SERVICE.folder / "migrations")
    migrated(sealed_url, SERVICE.folder / "migrations_sealed", messaging=False)
    clock = Clock()
    settings = Settings(home=home)
    keys = Keyring(settings.keys)
    for name in SERVICES:
        keys.make(name)
    database = Database(url, name=SERVICE.name, clock=clock)
    sealed = Database(sealed_url, name="intake_sealed", clock=clock)
    platform = Platform(
        settings=settings,
        database=database,
        sealed=sealed,
        verifier=verifier(keys, SERVICE.name, SERVICES, clock),
        keys=keys,
        internal=InternalClient(SERVICE.name, signer(keys, SERVICE.name, clock), remote({})),
        clock=clock,
    )
    yield Site(platform=platform, clock=clock)
    database.close()
    sealed.close()


def bytes_of(path: Path) -> bytes:
    """Everything that an SQLite database holds on disk, its log included."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.read_bytes()
