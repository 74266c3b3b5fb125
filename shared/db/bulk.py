"""Rows written in sets, without the work that SQLAlchemy does again for every row.

On PostgreSQL a larger set is copied in (``COPY``): a fraction of what single statements cost the
server and the driver. Otherwise the driver repeats a prepared statement.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Dialect, Table

from shared.db.driver import Row, as_sqlalchemy, converted, from_driver, to_driver

COPY_FROM = 8
"""As many rows and more are copied in; it takes a round trip more than repeating does."""


class BulkInsert:
    """Inserts rows of one table that all have these columns."""

    def __init__(self, dialect: Dialect, table: Table, columns: Sequence[str]) -> None:
        """Raises ValueError for a column that only SQLAlchemy would fill in."""
        for column in table.columns:
            if column.name not in columns and column.default and not column.server_default:
                raise ValueError(f"{table.name}.{column.name} has no value")
        self._columns = [(name, to_driver(table.columns[name].type, dialect)) for name in columns]
        quote = dialect.identifier_preparer.quote
        into = f"{quote(table.name)} ({', '.join(quote(name) for name in columns)})"
        place = "%s" if dialect.name == "postgresql" else "?"
        places = ", ".join([place] * len(columns))
        self._insert = f"INSERT INTO {into} VALUES ({places})"  # noqa: S608 – our own names
        self._copy = f"COPY {into} FROM STDIN" if dialect.name == "postgresql" else None

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        columns = [  # one after the other: half of them need no converting
            [row[name] for row in rows] if convert is None else [convert(row[name]) for row in rows]
            for name, convert in self._columns
        ]
        values = list(zip(*columns, strict=True))
        if self._copy is not None and len(values) >= COPY_FROM:
            _copy(connection, self._copy, values)
        else:
            connection.exec_driver_sql(self._insert, values[0] if len(values) == 1 else values)


class BulkUpsert:
    """Inserts rows of one table that have these columns, or does what ``on_conflict`` says, in one
    statement whose only parameter is a JSON document; no column may hold bytes.
    """

    def __init__(
        self,
        dialect: Dialect,
        table: Table,
        columns: Sequence[str],
        on_conflict: str,
        returning: Sequence[str] = (),
    ) -> None:
        kinds = {column.name: column.type for column in table.columns}
        self._columns = columns
        self._binds = [to_driver(kinds[name], dialect) for name in columns]
        self._reads = [from_driver(kinds[name], dialect) for name in returning]
        names = ", ".join(columns)
        if dialect.name == "postgresql":
            records = f"json_populate_recordset(NULL::{table.name}, %s)"
            source = f"SELECT {names} FROM {records}"  # noqa: S608 – our own names
        else:
            values = ", ".join(f"json_extract(value, '$.{name}')" for name in columns)
            source = f"SELECT {values} FROM json_each(?) WHERE true"  # noqa: S608 – our own names
        ending = f"RETURNING {', '.join(returning)}" if returning else ""
        self._sql = (
            f"INSERT INTO {table.name} ({names}) {source} ON CONFLICT {on_conflict} {ending}"
        )

    def run(self, connection: Connection, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
        """What is returned, in no particular order."""
        plain = [
            dict(
                zip(
                    self._columns,
                    converted([row[name] for name in self._columns], self._binds),
                    strict=True,
                )
            )
            for row in rows
        ]
        result = connection.exec_driver_sql(self._sql, (msgspec.json.encode(plain).decode(),))
        return [converted(row, self._reads) for row in result] if self._reads else []


@lru_cache(maxsize=256)
def bulk_upsert(
    dialect: Dialect,
    table: Table,
    columns: tuple[str, ...],
    on_conflict: str,
    returning: tuple[str, ...] = (),
) -> BulkUpsert:
    """Made once for each kind of row."""
    return BulkUpsert(dialect, table, columns, on_conflict, returning)


@lru_cache(maxsize=256)
def bulk_insert(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> BulkInsert:
    """Made once for each kind of row."""
    return BulkInsert(dialect, table, columns)


def _copy(connection: Connection, command: str, values: Sequence[tuple[Any, ...]]) -> None:
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(command) as copy:
            for row in values:
                copy.write_row(row)
    except connection.dialect.loaded_dbapi.Error as error:
        raise as_sqlalchemy(connection.dialect, command, error) from error
