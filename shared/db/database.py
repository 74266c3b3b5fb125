"""A service's database: engine by URL, and the only place that begins and commits."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from shared.auth.actor import Actor, service_actor
from shared.clock import Clock, utc_now
from shared.db.transaction import Transaction
from shared.db.writers import PostgresWriters, SqliteWriters, Writers

POOL = {"pool_size": 6, "max_overflow": 10, "pool_timeout": 10}
"""Per process and database; all pools together must stay below PostgreSQL's max_connections. What
is opened beyond the size is closed after use, which costs more than a request.
"""

POSTGRES = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "options": "-c timezone=UTC -c statement_timeout=15s -c lock_timeout=10s"
    " -c idle_in_transaction_session_timeout=60s",
}
"""Nothing waits for ever on a server that has gone silent."""

IDLE_SECONDS = 1.0
USED = "hemu_used"


class Database:
    """One database of one service. Make it after forking; safe for threads."""

    def __init__(
        self,
        url: str,
        *,
        name: str,
        clock: Clock = utc_now,
        on_emit: Callable[[], None] = lambda: None,
    ) -> None:
        """``on_emit`` is called after a commit that left events to publish."""
        self.name = name
        self.clock = clock
        self.on_emit = on_emit
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            self._reader, self._writers = _sqlite(parsed)
        else:
            self._reader, self._writers = _postgres(parsed)

    @property
    def dialect(self) -> str:
        return self._reader.dialect.name

    @property
    def engine(self) -> Engine:
        """For reading, and for role locks."""
        return self._reader

    @contextmanager
    def transaction(
        self, *, actor: Actor | None = None, traceparent: str | None = None
    ) -> Iterator[Transaction]:
        """Everything in the block becomes durable together when it is left, or not at all.

        Without an actor the service acts by itself. Raises Unavailable, or SQLAlchemy's
        OperationalError, when the database cannot do it now; Conflict when another change of the
        same entity was first.
        """
        with self._writers.section() as connection:
            tx = Transaction(
                connection,
                now=self.clock(),
                actor=actor or service_actor(self.name),
                traceparent=traceparent,
            )
            try:
                yield tx
                emitted = tx.finish()
            except BaseException:
                tx.abandon()
                raise
        if emitted:
            self.on_emit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One consistent look at the database."""
        with Session(self._reader, autoflush=False) as session:
            yield session

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """As ``reading``, without entities: for who looks often."""
        with self._reader.connect() as connection:
            yield connection

    def ping(self) -> None:
        """Raises OperationalError when the database is away."""
        with self.looking() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        self._reader.dispose()
        self._writers.close()


def _sqlite(url: URL) -> tuple[Engine, Writers]:
    if not url.database:
        raise ValueError("an SQLite database of a service is a file")
    path = Path(url.database)
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"timeout": 5, "check_same_thread": False}
    writer = create_engine(url, isolation_level="AUTOCOMMIT", pool_size=1, connect_args=options)
    reader = create_engine(url, connect_args=options, **POOL)

    @event.listens_for(writer, "connect")
    def _prepare_writer(connection: SqliteConnection, _record: object) -> None:
        # FULL: a commit that was answered survives a power cut (NORMAL lost up to 1,845 of them).
        _pragmas(connection, "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON")

    @event.listens_for(reader, "connect")
    def _prepare_reader(connection: SqliteConnection, _record: object) -> None:
        connection.isolation_level = None  # SQLAlchemy says BEGIN, not the driver
        _pragmas(connection, "query_only=ON")

    @event.listens_for(reader, "begin")
    def _begin_reading(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return reader, SqliteWriters(writer, path.with_name(path.name + ".lock"))


def _pragmas(connection: SqliteConnection, *pragmas: str) -> None:
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _postgres(url: URL) -> tuple[Engine, Writers]:
    engine = create_engine(
        url,
        connect_args=POSTGRES,
        **POOL,
    )
    _ask_idle_connections(engine)
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return reader, PostgresWriters(engine)


def _ask_idle_connections(engine: Engine) -> None:
    """Before a connection is used that nobody has used for a while: is the server still there?
    Asking each time (``pool_pre_ping``) would be one of eight round trips of a request.
    """

    @event.listens_for(engine, "connect")
    @event.listens_for(engine, "checkin")
    def _note(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info[USED] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ask(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
        if time.monotonic() - record.info.get(USED, 0.0) < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error
