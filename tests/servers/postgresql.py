"""A real PostgreSQL server on this machine, from the programs of the distribution."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from tests.servers.process import ServerFailed, ServerMissing, ServerProcess, free_port

OWNER = "hemu"
INITDB = (
    f"--username={OWNER}",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--no-sync",
)
START_SECONDS = 30.0
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "fsync": "off",  # tests kill processes, not machines: what was written stays
    "full_page_writes": "off",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}
DURABLE = {"fsync": "on", "full_page_writes": "on"}


class PostgresServer:
    """One server with any number of databases. It keeps data and port over stop, kill and start.

    ``with PostgresServer() as server:`` makes and starts it, and removes it in the end. Raises
    ServerMissing without PostgreSQL's programs. It never runs as root, who must lend it the
    system user ``postgres``.
    """

    def __init__(self, port: int | None = None, *, durable: bool = False) -> None:
        """``durable``: commits reach the disk, for measurements."""
        programs = _programs()
        self.port = port or free_port()
        self._user = _user()
        # not below pytest's folder, which other users cannot enter
        self._folder = Path(tempfile.mkdtemp(prefix="hemu-postgresql-"))
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        data = self._folder / "data"
        self._run([str(programs / "initdb"), "-D", str(data), *INITDB])
        settings = SETTINGS | (DURABLE if durable else {})
        options = [f"--{name}={value}" for name, value in settings.items()]
        sockets = ["-k", str(self._folder)]
        self._process = ServerProcess(
            [str(programs / "postgres"), "-D", str(data), "-p", str(self.port), *sockets, *options],
            output=self._folder / "server.out",
            stop_signal=signal.SIGINT,  # "fast": it does not wait for clients to leave
            user=self._user,
        )

    @property
    def running(self) -> bool:
        return self._process.running

    def create_database(self) -> str:
        """Make a new, empty database; returns its URL for SQLAlchemy."""
        name = f"hemu_{secrets.token_hex(6)}"
        with self._connection() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"postgresql+psycopg://{OWNER}@127.0.0.1:{self.port}/{name}"

    def drop_database(self, url: str) -> None:
        """Remove a database, also from under clients that are still connected."""
        name = sql.Identifier(url.rpartition("/")[2])
        with self._connection() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def start(self) -> None:
        """Start it and wait until it serves; after a kill it recovers first."""
        for _ in range(20):  # children of a killed server may hold its memory for a moment
            if self._process.start(self._ready, seconds=START_SECONDS):
                return
            if "still in use" not in self._process.last_words():
                break
        raise ServerFailed(f"PostgreSQL ended by itself:\n{self._process.last_words()}")

    def stop(self) -> None:
        """Stop it cleanly; clients are disconnected."""
        self._process.stop()

    def kill(self) -> None:
        """``kill -9`` of the server process."""
        self._process.kill()

    def remove(self) -> None:
        """Stop it and delete all its data."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.remove()

    def _connection(self) -> psycopg.Connection:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=OWNER, dbname="postgres", autocommit=True
        )

    def _ready(self) -> bool:
        try:
            self._connection().close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, command: list[str]) -> None:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, user=self._user, cwd="/"
        )
        if done.returncode != 0:
            raise ServerFailed(f"{Path(command[0]).name} failed: {done.stderr.strip()}")


def _programs() -> Path:
    """Where initdb and postgres are; Debian keeps them per version, away from the PATH."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    on_path = shutil.which("initdb")
    if on_path is not None:
        versions.append(Path(on_path).resolve())
    if not versions:
        raise ServerMissing("PostgreSQL is not installed (deploy/debian.sh postgresql)")
    return versions[-1].parent


def _user() -> str | None:
    """Whom to run as: ourselves, but for root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise ServerMissing("PostgreSQL does not run as root; no user postgres") from None
