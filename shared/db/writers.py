"""Who may write, and when it is durable: one strategy for SQLite, one for PostgreSQL.

SQLite has one writer at a time, and its own waiting is unfair (stalls of seconds were measured).
Here writers queue first-in first-out within a process and hand over *one open transaction*: each
works inside a savepoint, the last in the queue commits for all, and all are released after the
fsync. Between processes a ``flock`` around each such batch does the same; it also keeps two
processes from checkpointing at once (SQLite's WAL-reset bug, 3.7.0–3.51.2).
"""

import fcntl
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from shared.errors import Unavailable
from shared.failpoints import reach
from shared.telemetry import GROUP_COMMIT_BATCH, LOG_FSYNC_SECONDS

MAX_BATCH = 64
PATIENCE = 15.0
"""Seconds to wait for a turn before the request is answered with 503."""
AT_A_TIME = 2
"""Writers of a process on PostgreSQL. While one waits for the server another one works; more would
only take the interpreter's lock from each other between their statements: with sixteen a process
accepts a third less. Who waits for a turn holds no connection and no lock.
"""
NOT_COMMITTED = RuntimeError("the commit was interrupted")


class Writers(Protocol):
    def section(self) -> AbstractContextManager[Connection]:
        """A transaction: durable when the block is left without an exception, else undone."""

    def close(self) -> None: ...


class PostgresWriters:
    """PostgreSQL groups commits by itself. Writers queue before they take a connection."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._places = threading.BoundedSemaphore(AT_A_TIME)

    @contextmanager
    def section(self) -> Iterator[Connection]:
        if not self._places.acquire(timeout=PATIENCE):
            raise Unavailable("This could not be saved. Please try again.")
        try:
            with self._engine.begin() as connection:
                yield connection
        finally:
            self._places.release()

    def close(self) -> None:
        self._engine.dispose()


Gate = threading.Lock
"""Shut until somebody else opens it, once: a lock that its taker never releases. Of all that
``threading`` has it wakes with the least work, and here every request is woken twice.
"""


def _shut() -> Gate:
    gate = Gate()
    gate.acquire()
    return gate


class _Batch:
    """The writers that share one commit."""

    def __init__(self) -> None:
        self.members: list[Gate] = []
        self.error: BaseException | None = None

    def join(self) -> "Gate":
        """What opens when it is over."""
        gate = _shut()
        self.members.append(gate)
        return gate

    def open_gates(self) -> None:
        for gate in self.members:
            gate.release()


class SqliteWriters:
    """Hands one open transaction from writer to writer of this process."""

    def __init__(self, engine: Engine, lock_file: Path) -> None:
        """``engine`` must leave BEGIN and COMMIT to us (isolation level AUTOCOMMIT)."""
        self._engine = engine
        self._lock = os.open(lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._open_connection: Connection | None = None
        self._mutex = threading.Lock()
        self._busy = False
        self._queue: deque[Gate] = deque()
        self._batch: _Batch | None = None
        self._closed = False

    @contextmanager
    def section(self) -> Iterator[Connection]:
        self._wait_for_turn()
        try:
            connection = self._connection()
            batch = self._batch or self._begin(connection)
        except BaseException:
            self._pass_turn()
            raise
        try:
            over = batch.join()
            _tell(connection, "SAVEPOINT hemu")
            yield connection
            _tell(connection, "RELEASE hemu")
        except BaseException as error:
            try:
                self._undo(batch, connection, error)
            finally:
                self._leave(batch, connection)
            raise
        self._leave(batch, connection)
        over.acquire()
        if batch.error is not None:
            raise Unavailable("This could not be saved. Please try again.") from batch.error

    def close(self) -> None:
        self._wait_for_turn()
        if self._closed:
            self._pass_turn()
            return
        self._closed = True
        if self._batch is not None and self._open_connection is not None:
            # Who is in the batch leaves the commit to the last in the queue: that is us.
            self._end(self._batch, self._open_connection, "COMMIT", None)
        if self._open_connection is not None:
            fcntl.flock(self._lock, fcntl.LOCK_EX)  # the last close of a file checkpoints it
            self._open_connection.close()
            self._engine.dispose()
        os.close(self._lock)
        self._pass_turn()

    def _wait_for_turn(self) -> None:
        with self._mutex:
            if not self._busy:
                self._busy = True
                return
            turn = _shut()
            self._queue.append(turn)
        try:
            came = turn.acquire(timeout=PATIENCE)
        except BaseException:
            self._give_up(turn)
            raise
        if not came:
            self._give_up(turn)
            raise Unavailable("This could not be saved. Please try again.")

    def _give_up(self, turn: Gate) -> None:
        """Leave the queue; a turn that has come meanwhile is passed on."""
        with self._mutex:
            if turn in self._queue:
                self._queue.remove(turn)
                return
        self._pass_turn()

    def _pass_turn(self) -> None:
        """To the next in the queue; who finds nobody there commits what is open."""
        while True:
            with self._mutex:
                if self._queue:
                    self._queue.popleft().release()
                    return
                if self._batch is None or self._open_connection is None:
                    self._busy = False
                    return
            try:
                self._end(self._batch, self._open_connection, "COMMIT", None)
            except BaseException:
                self._pass_turn()  # else everybody would wait for ever
                raise

    def _connection(self) -> Connection:
        if self._closed:
            raise Unavailable("This could not be saved. Please try again.")
        if self._open_connection is None:
            self._open_connection = self._engine.connect()
        return self._open_connection

    def _begin(self, connection: Connection) -> _Batch:
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except BaseException:
            fcntl.flock(self._lock, fcntl.LOCK_UN)
            raise
        self._batch = _Batch()
        reach("writers.began")
        return self._batch

    def _undo(self, batch: _Batch, connection: Connection, error: BaseException) -> None:
        """Undo one member; when SQLite has undone everything (disk full), fail the batch."""
        try:
            connection.exec_driver_sql("ROLLBACK TO hemu")
            connection.exec_driver_sql("RELEASE hemu")
        except DBAPIError:
            self._end(batch, connection, "ROLLBACK", error)

    def _leave(self, batch: _Batch, connection: Connection) -> None:
        try:
            if self._batch is batch and len(batch.members) >= MAX_BATCH:
                self._end(batch, connection, "COMMIT", None)
        finally:
            self._pass_turn()

    def _end(
        self, batch: _Batch, connection: Connection, how: str, error: BaseException | None
    ) -> None:
        batch.error = error or NOT_COMMITTED  # until it is: whatever interrupts us, nobody is told
        started = time.perf_counter()
        try:
            reach("writers.committing")
            connection.exec_driver_sql(how)
            reach("writers.committed")
            batch.error = error
        except BaseException as failure:
            batch.error = error or failure
            with suppress(DBAPIError):  # SQLite may have rolled back by itself
                connection.exec_driver_sql("ROLLBACK")
            if not isinstance(failure, Exception):
                raise
        finally:
            self._batch = None
            batch.open_gates()
            fcntl.flock(self._lock, fcntl.LOCK_UN)
        LOG_FSYNC_SECONDS.observe(time.perf_counter() - started)
        GROUP_COMMIT_BATCH.observe(len(batch.members))


def _tell(connection: Connection, command: str) -> None:
    """Without SQLAlchemy's bookkeeping, which costs more than the command. Raises Unavailable."""
    try:
        connection.connection.cursor().execute(command)
    except sqlite3.Error as error:
        raise Unavailable("This could not be saved. Please try again.") from error
