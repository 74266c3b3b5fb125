"""Statements that are turned into SQL once, for what is done with every request.

For each execution SQLAlchemy looks the statement up, builds a context, and so on: on a single row
that costs several times the work of the database. Here only what differs is done each time: the
values of one row, each as its column's type wants it.
"""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, Dialect, Select
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase

from shared.db.driver import Row, as_sqlalchemy, converted, from_driver, to_driver

Statement = UpdateBase | Select[*tuple[Any, ...]]


class Prepared:
    """An insert, update, upsert or select whose rows all have the same keys, those of its first
    row. A select sees what is committed, without a transaction of its own.

    Defaults that columns have in Python are not filled in: the row must hold them.
    """

    def __init__(self, make: Callable[[str], Statement]) -> None:
        """``make`` gives the statement in a dialect (``sqlite`` or ``postgresql``)."""
        self._make = make
        self._forms: dict[str, _Form] = {}

    def returned(self, connection: Connection, row: Row) -> tuple[Any, ...] | None:
        """Run it for one row; what it, or its RETURNING, tells first, or None."""
        form = self._form(connection, row)
        cursor = form.execute(connection, row)
        found = cursor.fetchone()
        cursor.close()
        return None if found is None else form.read(found)

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """For every row, one after the other; a RETURNING is not read."""
        form = self._form(connection, rows[0])
        for row in rows:
            form.execute(connection, row).close()

    def sql(self, connection: Connection, row: Row) -> str:
        """As the driver wants it."""
        return self._form(connection, row).sql

    def given(self, connection: Connection, row: Row) -> dict[str, Any]:
        """The row's values as the driver wants them, where its places have names."""
        form = self._form(connection, row)
        return dict(zip(form.names, form.values(row), strict=True))

    def _form(self, connection: Connection, row: Row) -> "_Form":
        dialect = connection.dialect
        found = self._forms.get(dialect.name)
        if found is None:
            found = self._forms[dialect.name] = _Form(self._make(dialect.name), dialect, row)
        return found


class _Form:
    """A statement as one driver wants it."""

    def __init__(self, statement: Statement, dialect: Dialect, row: Row) -> None:
        compiled = statement.compile(dialect=dialect, column_keys=list(row))
        if not isinstance(compiled, SQLCompiler):
            raise TypeError("not a statement")
        names = compiled.positiontup if compiled.positional else list(compiled.binds)
        if missing := set(names or ()) - row.keys():
            raise TypeError(f"{', '.join(sorted(missing))}: not in the row")
        self.sql = str(compiled)
        self._dialect = dialect
        self._errors = dialect.loaded_dbapi.Error
        self._named = not compiled.positional
        self.names = list(names or ())
        self._binds = [to_driver(compiled.binds[name].type, dialect) for name in self.names]
        self._reads = [from_driver(column.type, dialect) for column in statement.exported_columns]

    def values(self, row: Row) -> Sequence[Any]:
        return converted([row[name] for name in self.names], self._binds)

    def execute(self, connection: Connection, row: Row) -> DBAPICursor:
        cursor = connection.connection.cursor()
        values = self.values(row)
        given: Any = dict(zip(self.names, values, strict=True)) if self._named else values
        try:
            cursor.execute(self.sql, given)
        except self._errors as error:
            cursor.close()
            raise as_sqlalchemy(self._dialect, self.sql, error) from error
        return cursor

    def read(self, found: Sequence[Any]) -> tuple[Any, ...]:
        return converted(found, self._reads)
