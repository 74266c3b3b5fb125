"""Brings a service's database to the newest shape: Alembic, two branches per database.

One branch is the service's own (``services/NAME/migrations``), the other the tables of messaging
(``shared/db/migrations``). Both run on SQLite and PostgreSQL.
"""

from contextlib import nullcontext
from fcntl import LOCK_EX, flock
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text

HERE = Path(__file__).parent
ADVISORY_LOCK = 4_206_110_001


def migrate(url: str, *folders: Path) -> bool:
    """Upgrade to the newest revision; says whether there was anything to do. Safe when several
    processes start at once. ``folders`` hold the services' own revisions.
    """
    parsed = make_url(url)
    lock = None
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        path = Path(parsed.database)
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(path.name + ".lock").open("w")
    engine = _engine(url)
    try:
        with lock or nullcontext(), engine.begin() as connection:
            if lock:
                flock(lock, LOCK_EX)
            else:
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK}
                )
            return _upgrade(connection, folders)
    finally:
        engine.dispose()


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
    config.set_main_option(
        "version_locations", "\n".join(str(folder) for folder in (HERE / "migrations", *folders))
    )
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
