"""What both databases have and SQLAlchemy spells once per dialect: INSERT … ON CONFLICT, and
membership in a list that is one parameter.
"""

import json
from collections.abc import Collection

from sqlalchemy import ARRAY, Column, ColumnElement, String, Table, any_, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.dml import Insert as PostgresInsert
from sqlalchemy.dialects.sqlite.dml import Insert as SqliteInsert

DIALECTS = ("sqlite", "postgresql")


def upsert(dialect: str, table: Table) -> PostgresInsert | SqliteInsert:
    """An insert that has ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def among(dialect: str, column: Column[str], parameter: str) -> ColumnElement[bool]:
    """Whether the column is one of the texts in a parameter made by ``listed``. Unlike an
    expanding IN, the statement is compiled once, whatever the number.
    """
    if dialect == "postgresql":
        return column == any_(bindparam(parameter, type_=ARRAY(String)))
    texts = func.json_each(bindparam(parameter, type_=String)).table_valued("value")
    return column.in_(select(texts.c.value))


def listed(dialect: str, texts: Collection[str]) -> object:
    """The parameter for ``among``."""
    return sorted(texts) if dialect == "postgresql" else json.dumps(sorted(texts))
