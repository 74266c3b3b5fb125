"""Several prepared statements in one round trip, where the database can do that (PostgreSQL)."""

import re
from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import Connection

from shared.db.driver import Row, as_sqlalchemy
from shared.db.prepared import Prepared

_PLACE = re.compile(r"%\((\w+)\)s")


class Together:
    """Each for one row. None sees what another one writes, so no two may write the same row."""

    def __init__(self, statements: tuple[Prepared, ...]) -> None:
        self._statements = statements
        self._sql = ""

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """A row for each statement; a RETURNING is not read."""
        pairs = list(zip(self._statements, rows, strict=True))
        given = {
            f"{_prefix(number)}{name}": value
            for number, (statement, row) in enumerate(pairs)
            for name, value in statement.given(connection, row).items()
        }
        self._sql = self._sql or _joined(
            [statement.sql(connection, row) for statement, row in pairs]
        )
        cursor = connection.connection.cursor()
        try:
            cursor.execute(self._sql, given)
        except connection.dialect.loaded_dbapi.Error as error:
            raise as_sqlalchemy(connection.dialect, self._sql, error) from error
        finally:
            cursor.close()


@lru_cache(maxsize=64)
def together(statements: tuple[Prepared, ...]) -> Together:
    """Made once for each such tuple."""
    return Together(statements)


def _joined(statements: Sequence[str]) -> str:
    """As queries of the last one, whose own come after them: PostgreSQL wants all at the top, so
    only the last may have such.
    """
    *others, last = [
        _PLACE.sub(rf"%({_prefix(number)}\1)s", sql) for number, sql in enumerate(statements)
    ]
    named = [f"s{number} AS ({sql})" for number, sql in enumerate(others)]
    own = last.removeprefix("WITH ")
    return f"WITH {', '.join(named)}{', ' if own != last else ' '}{own}"


def _prefix(number: int) -> str:
    return f"s{number}_"
