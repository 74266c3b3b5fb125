"""Brings a service's database to the newest shape: Alembic, two branches per database.

One branch is the service's own (``services/NAME/migrations``), the other the tables of messaging
and of the audit (``shared/db/migrations``). Both run on SQLite and PostgreSQL.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, text

HERE = Path(__file__).parent
ADVISORY_LOCK = 4_206_110_001


def migrate(url: str, *folders: Path, messaging: bool = True) -> bool:
    """Upgrade to the newest revision; says whether there was anything to do. Safe when several
    processes start at once. ``folders`` hold the service's own revisions; a database without
    ``messaging`` has no outbox.
    """
    engine = _engine(url)
    steps = (*((HERE / "migrations",) if messaging else ()), *folders)
    try:
        with _alone(engine.url), engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK}
                )
            return _upgrade(connection, steps)
    finally:
        engine.dispose()


@contextmanager
def _alone(url: URL) -> Iterator[None]:
    """The lock that writers of an SQLite file take, too."""
    if url.get_backend_name() != "sqlite" or not url.database:
        yield
        return
    path = Path(url.database)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield


def _engine(url: str) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _prepare(connection: SqliteConnection, _record: object) -> None:
            connection.isolation_level = None  # else the driver leaves DDL out of transactions
            connection.execute("PRAGMA journal_mode=WAL")

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _upgrade(connection: Connection, folders: tuple[Path, ...]) -> bool:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(str(folder) for folder in folders))
    scripts = ScriptDirectory.from_config(config)
    heads = set(scripts.get_heads())
    if set(MigrationContext.configure(connection).get_current_heads()) == heads:
        return False

    def steps(revision: str, _context: object) -> object:
        return scripts._upgrade_revs("heads", revision)  # noqa: SLF001 – as Alembic's own command does

    with EnvironmentContext(config, scripts, fn=steps, destination_rev="heads") as environment:
        environment.configure(connection=connection, render_as_batch=True)
        environment.run_migrations()
    return True
