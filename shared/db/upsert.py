"""INSERT … ON CONFLICT, which both databases have and SQLAlchemy spells once per dialect."""

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql.dml import Insert as PostgresInsert
from sqlalchemy.dialects.sqlite.dml import Insert as SqliteInsert

DIALECTS = ("sqlite", "postgresql")


def upsert(dialect: str, table: Table) -> PostgresInsert | SqliteInsert:
    """An insert that has ``on_conflict_do_nothing`` and ``on_conflict_do_update``."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
