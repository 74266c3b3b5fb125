"""Databases of intake in which disputes can be filed, and the servers that file: ours and the
peer's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from services.assembly import prepare
from services.intake.manifest import SERVICE
from shared.auth.actor import Actor
from shared.auth.door import HEADER, ISSUER
from shared.auth.keys import Keyring
from shared.auth.tokens import signer
from shared.clock import utc_now
from shared.db import Database
from shared.settings import Settings
from tests.benchmarks.load import Filing
from tests.benchmarks.processes import Server, python
from tests.district import demo, learn
from tests.servers.process import free_port

ACTORS = 50
THREADS = 40
"""Of a process of ours; as many as FastAPI's pool has."""
LIFETIME = timedelta(hours=12)
ASYNC_DRIVERS = {"postgresql+psycopg": "postgresql+asyncpg", "sqlite": "sqlite+aiosqlite"}


@dataclass(frozen=True, kw_only=True)
class Site:
    """One side: its database, and the keys by which it knows who asks."""

    home: Path
    url: str

    @property
    def keys(self) -> Keyring:
        return Keyring(self.home / "keys")

    def prepare(self) -> None:
        """Keys, tables, and the directory as one revision, as if it had come by events."""
        settings = Settings(home=self.home, database_urls={SERVICE.name: self.url})
        prepare(settings, [SERVICE])
        learn_the_directory(self.url, SERVICE.name)

    def tokens(self) -> list[str]:
        """Of several mediators who file; they live as long as the run."""
        made = signer(self.keys, ISSUER, utc_now)
        actors = [
            Actor(id=f"m-{number:04}", roles=frozenset({"mediator"}), areas=("350599",))
            for number in range(ACTORS)
        ]
        return [made.sign(one, audience=SERVICE.name, lifetime=LIFETIME) for one in actors]

    def ours(self, processes: int, module: str = "services") -> Server:
        return self._server(
            [python(), "-m", module, "web", SERVICE.name],
            {
                "HEMU_HOME": str(self.home),
                "HEMU_INTAKE_DATABASE_URL": self.url,
                "HEMU_WORKERS": str(processes),
                "HEMU_THREADS": str(THREADS),
            },
        )

    def peer(self, processes: int, style: str) -> Server:
        """``style``: sync or async."""
        kind, _, rest = self.url.partition(":")
        driver = ASYNC_DRIVERS[kind] if style == "async" else kind
        return self._server(
            [
                *(python(), "-m", "uvicorn", f"tests.benchmarks.peers.intake_{style}:app"),
                *("--loop", "uvloop", "--http", "httptools", "--no-access-log"),
                *("--log-level", "warning", "--workers", str(processes)),
            ],
            {"PEER_DATABASE": f"{driver}:{rest}", "PEER_KEYS": str(self.home / "keys")},
        )

    def our_filing(self, server: Server) -> Filing:
        return self._filing(server, "/intake/api/v1/disputes", f"{HEADER}: ")

    def peer_filing(self, server: Server) -> Filing:
        return self._filing(server, "/disputes", "Authorization: Bearer ")

    def _filing(self, server: Server, path: str, token_header: str) -> Filing:
        found = Filing(
            folder=self.home / "load",
            address=server.address,
            path=path,
            token_header=token_header,
            tokens=self.tokens(),
        )
        found.prepare()
        return found

    def _server(self, command: list[str], settings: Mapping[str, str]) -> Server:
        port = free_port()
        address = f"127.0.0.1:{port}"
        if "uvicorn" in command:
            command = [*command, "--port", str(port)]
        return Server(
            command,
            output=self.home / "server.out",
            settings={**settings, "HEMU_ADDRESS": address},
            address=address,
        )


def learn_the_directory(url: str, name: str) -> None:
    """The demo district in a service's replica, as revision 1."""
    database = Database(url, name=name)
    try:
        with database.transaction() as tx:
            learn(tx, demo())
    finally:
        database.close()
