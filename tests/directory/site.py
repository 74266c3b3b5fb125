"""The directory's application with the demo district, and a client for whoever asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from flask.testing import FlaskClient

from services.directory import queries
from services.directory.data import District
from services.directory.handlers import NewToken, issue_token, publish_district
from services.directory.manifest import SERVICE
from shared.auth.actor import Actor
from shared.auth.door import HEADER
from shared.auth.keys import Keyring
from shared.auth.tokens import signer, verifier
from shared.clock import utc_now
from shared.db.database import Database
from shared.service import InternalReader
from shared.settings import SERVICES, Settings
from shared.web.app import create_app
from shared.web.internal import InternalClient, local
from shared.web.platform import Platform


class Ahead:
    """The clock of a site: the real one, or so much ahead of it."""

    def __init__(self) -> None:
        self.by = timedelta(0)

    def __call__(self) -> datetime:
        return utc_now() + self.by

    def advance(self, **delta: float) -> None:
        self.by += timedelta(**delta)


@dataclass(frozen=True, kw_only=True)
class Site:
    client: FlaskClient
    database: Database
    keys: Keyring
    clock: Ahead

    def sign(self, actor: Actor, audience: str, issuer: str = "directory") -> str:
        return signer(self.keys, issuer, self.clock).sign(actor, audience=audience)

    def headers(self, role: str) -> dict[str, str]:
        """Of a request that the gateway lets through for the first member with the role."""
        return {HEADER: self.sign(self.member(role), "directory"), "Accept-Language": "en"}

    def member(self, role: str) -> Actor:
        with self.database.reading() as session:
            found = queries.demo_member(session, role, "350599")
            return Actor(
                id=found.id,
                roles=frozenset(found.roles),
                areas=found.areas,
                organisation_id=found.organisation_id,
            )

    def token(self, role: str) -> str:
        """An API token of the first member with the role."""
        with self.database.transaction() as tx:
            return issue_token(tx, self.member(role).id, NewToken(name="a test"))

    def arrives(self, token: str, audience: str) -> Actor:
        """Whom a service sees behind an actor token."""
        return verifier(self.keys, audience, SERVICES, utc_now).verify(token)


@contextmanager
def open_site(
    database: Database, demo: District, home: Path, internal: InternalReader | None = None
) -> Iterator[Site]:
    keys = Keyring(home / "keys")
    for name in SERVICES:
        keys.make(name)
    clock = Ahead()
    database.clock = clock
    with database.transaction() as tx:
        publish_district(tx, demo)
    platform = Platform(
        settings=Settings(home=home),
        database=database,
        verifier=verifier(keys, "directory", SERVICES, clock),
        keys=keys,
        internal=internal
        or InternalClient("directory", signer(keys, "directory", utc_now), local({})),
        clock=clock,
    )
    client = create_app(SERVICE, platform).test_client()
    yield Site(client=client, database=database, keys=keys, clock=clock)
