"""The lock of a role: of all processes that could run a relay or a consumer, one does.

It passes on when its holder dies: the kernel frees a ``flock``, PostgreSQL an advisory lock with
its connection.
"""

import fcntl
import os
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError


class RoleLock(Protocol):
    def acquire(self) -> bool:
        """Try once, without waiting; True when it is ours now."""

    def held(self) -> bool:
        """Whether it still is; a lost connection loses it."""

    def release(self) -> None: ...


class FileLock:
    """A ``flock`` on a file of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._held = False

    def acquire(self) -> bool:
        """The file stays open between two tries: who waits for a role tries for days."""
        if self._descriptor is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        self._held = True
        return True

    def held(self) -> bool:
        return self._held

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor, self._held = None, False


class AdvisoryLock:
    """A session-level advisory lock on a connection that does nothing else."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        digest = blake2b(name.encode(), digest_size=8).digest()
        self._key = int.from_bytes(digest, "big", signed=True)
        self._connection: Connection | None = None

    def acquire(self) -> bool:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        taken = connection.execute(
            text("SELECT pg_try_advisory_lock(:key)"), {"key": self._key}
        ).scalar()
        if not taken:
            connection.close()
            return False
        self._connection = connection
        return True

    def held(self) -> bool:
        if self._connection is None:
            return False
        try:
            self._connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            self.release()
            return False
        return True

    def release(self) -> None:
        if self._connection is not None:
            # Closing the session frees the lock; a pooled connection would keep it.
            self._connection.invalidate()
            self._connection.close()
            self._connection = None
