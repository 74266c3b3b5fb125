"""The tables of the audit, the same in every service's database: who did and saw what, without any
personal data. Triggers (see the migration) refuse to change or take out what stands in them.
"""

from collections.abc import Mapping

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)

from shared.db.types import UtcDateTime

metadata = MetaData()


def _body() -> tuple[Column[object], ...]:
    """What a row tells. Codes, ids and times only: it is kept for years and read by auditors."""
    return (
        Column("at", UtcDateTime, nullable=False),
        Column("kind", String(10), nullable=False),  # change or view
        Column("actor", String(80), nullable=False),
        Column("role", String(60), nullable=False),
        Column("organisation", String(64)),
        Column("action", String(60), nullable=False),
        Column("resource", String(64)),
        Column("relation", String(40)),
        Column("mask", String(40)),
        Column("fields", String(200)),
        Column("filters", String(300)),
        Column("reason", String(60)),
        Column("request_id", String(36)),
        Column("outcome", String(20), nullable=False),
    )


audit_new = Table(
    "audit_new",
    metadata,
    Column("id", Uuid, primary_key=True),
    *_body(),
    sqlite_with_rowid=False,
)
"""Rows as requests write them; a worker moves them to ``audit_log`` within a second or so. Their
ids are no order: on PostgreSQL they do not become visible in the order in which they were made.
"""

BODY: tuple[str, ...] = tuple(audit_new.c.keys())
"""The columns that the chain protects, in the order in which they are hashed."""

audit_log = Table(
    "audit_log",
    metadata,
    Column("seq", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("id", Uuid, nullable=False, unique=True),
    *_body(),
    Column("suite", SmallInteger, nullable=False),
    Column("prev", LargeBinary(32), nullable=False, unique=True),
    Column("hash", LargeBinary(32), nullable=False),
)
"""The chain. ``prev`` is the hash of the row before, and unique: the chain never forks. ``suite``
says by which algorithms a row was hashed.
"""

Index("audit_log_resource", audit_log.c.resource, audit_log.c.seq)
Index("audit_log_actor", audit_log.c.actor, audit_log.c.seq)

audit_seal = Table(
    "audit_seal",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("first", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
    UniqueConstraint("first"),
)
"""The service's signature under its rows from ``first`` to ``seq``; one per batch."""

audit_handed = Table(
    "audit_handed",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
)
"""Up to which row another service's database holds our seal."""

audit_checkpoint = Table(
    "audit_checkpoint",
    metadata,
    Column("service", String(40), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("first", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
)
"""Seals of another service, kept as its witness."""

APPEND_ONLY: Mapping[str, Table] = {
    table.name: table for table in (audit_log, audit_seal, audit_handed, audit_checkpoint)
}
