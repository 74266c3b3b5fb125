"""The directory's application with the demo district, and a client for whoever asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask.testing import FlaskClient

from services.directory import queries
from services.directory.data import District
from services.directory.handlers import publish_district
from services.directory.manifest import SERVICE
from shared.auth.actor import Actor
from shared.auth.door import HEADER
from shared.auth.keys import Keyring
from shared.auth.tokens import signer, verifier
from shared.clock import utc_now
from shared.db.database import Database
from shared.settings import SERVICES, Settings
from shared.web.app import create_app
from shared.web.internal import InternalClient, local
from shared.web.platform import Platform


@dataclass(frozen=True, kw_only=True)
class Site:
    client: FlaskClient
    database: Database
    keys: Keyring

    def sign(self, actor: Actor, audience: str, issuer: str = "directory") -> str:
        return signer(self.keys, issuer, utc_now).sign(actor, audience=audience)

    def headers(self, role: str) -> dict[str, str]:
        """Of a request that the gateway lets through for the first member with the role."""
        return {HEADER: self.sign(self.member(role), "directory"), "Accept-Language": "en"}

    def member(self, role: str) -> Actor:
        with self.database.reading() as session:
            return queries.actor_of(queries.demo_member(session, role, "350599"))

    def link(self, role: str) -> str:
        """The path of the role's sign-in link, as the directory itself sees it."""
        with self.database.reading() as session:
            member = queries.demo_member(session, role, "350599")
        return f"/sign-in?link={queries.link_token(self.keys, member, utc_now)}"

    def arrives(self, token: str, audience: str) -> Actor:
        """Whom a service sees behind an actor token."""
        return verifier(self.keys, audience, SERVICES, utc_now).verify(token)


@contextmanager
def open_site(database: Database, demo: District, home: Path) -> Iterator[Site]:
    keys = Keyring(home / "keys")
    for name in SERVICES:
        keys.make(name)
    with database.transaction() as tx:
        publish_district(tx, demo)
    platform = Platform(
        settings=Settings(home=home),
        database=database,
        verifier=verifier(keys, "directory", SERVICES, utc_now),
        keys=keys,
        internal=InternalClient("directory", signer(keys, "directory", utc_now), local({})),
        clock=utc_now,
    )
    yield Site(client=create_app(SERVICE, platform).test_client(), database=database, keys=keys)
