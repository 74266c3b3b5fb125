"""What a process remembers for a moment, one value per database."""

from threading import Lock
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from shared.db import Database

T = TypeVar("T")


class Recent(Generic[T]):
    """Safe for threads; forgets a database that is gone."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._by_engine: WeakKeyDictionary[Engine, T] = WeakKeyDictionary()

    def get(self, database: Database) -> T | None:
        with self._lock:
            return self._by_engine.get(database.engine)

    def put(self, database: Database, value: T) -> None:
        with self._lock:
            self._by_engine[database.engine] = value

    def forget(self, database: Database) -> None:
        with self._lock:
            self._by_engine.pop(database.engine, None)
