"""An SQLite file that several processes write: in turn, and with trouble told as LogUnavailable."""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.messaging.log import LogUnavailable

SETTINGS = (
    "PRAGMA page_size = 8192",  # an event fits in its page: twice as fast, a third of the size
    "PRAGMA journal_mode = WAL",
    "PRAGMA wal_autocheckpoint = 1000",
    "PRAGMA journal_size_limit = 67108864",  # a burst leaves no huge file behind
)


class SqliteFile:
    """One connection, opened at first use, and opened anew after trouble or when the file was
    replaced. Safe to share among threads; not with a process forked after the first use.

    Who writes, opens or closes holds a ``flock``: the kernel keeps the queue, where SQLite's own
    waiting is unfair (stalls of seconds), and no checkpoint ever meets a writer, which in SQLite
    3.7.0 to 3.51.2 can corrupt the file.
    """

    def __init__(self, path: Path, schema: str, *, durable: bool, busy_seconds: float) -> None:
        """``durable``: a commit has reached the disk. Otherwise only the next durable one by
        anybody, or a checkpoint, takes it there.
        """
        self._path = path
        self._schema = schema
        self._synchronous = "FULL" if durable else "NORMAL"
        self._busy_seconds = busy_seconds
        self._mutex = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._inode: tuple[int, int] | None = None
        self._pid: int | None = None

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Fetch everything at once: a statement left open keeps the log from shrinking."""
        with self._mutex, self._trouble():
            yield self._opened()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, committed at the end unless the body raises."""
        with self._mutex, self._trouble():
            connection = self._opened()
            with self._turn():
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise

    @property
    def inode(self) -> tuple[int, int] | None:
        """Which file is open; another one after somebody replaced it."""
        return self._inode

    def close(self) -> None:
        with self._mutex:
            connection, self._connection = self._connection, None
            if connection is None or self._pid != os.getpid():
                return
            try:
                with self._turn():  # the last one to close runs a checkpoint
                    connection.close()
            except (OSError, sqlite3.Error):
                pass  # its folder is gone, or its disk; the commits are in the file or nowhere

    def _opened(self) -> sqlite3.Connection:
        if self._pid not in {None, os.getpid()}:
            raise RuntimeError(f"{self._path} was opened before the fork; make it after")
        if self._connection is not None and self._inode != _inode(self._path):
            self.close()
        if self._connection is None:
            self._pid = os.getpid()
            with self._turn():
                self._connection = self._connect()
                self._inode = _inode(self._path)
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, check_same_thread=False, timeout=self._busy_seconds
        )
        try:
            for setting in SETTINGS:
                connection.execute(setting).fetchall()
            connection.execute(f"PRAGMA synchronous = {self._synchronous}")
            connection.executescript(self._schema)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    @contextmanager
    def _turn(self) -> Iterator[None]:
        lock = os.open(f"{self._path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
            raise  # mistakes of ours
        except (OSError, sqlite3.Error) as error:
            self.close()
            raise LogUnavailable(f"{self._path}: {error}") from error


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
