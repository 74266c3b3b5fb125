"""The peer's entities of intake, on the tables that Hemu has: same columns, keys and indexes."""

from sqlalchemy.orm import DeclarativeBase

from services.intake.models.tables import disputes
from shared.db import message_tables


class Base(DeclarativeBase):
    pass


class Dispute(Base):
    __table__ = disputes


class Idempotency(Base):
    __table__ = message_tables.idempotency


class KeyCounter(Base):
    __table__ = message_tables.key_counter


class OutboxEntry(Base):
    __table__ = message_tables.outbox


class DirectoryRevision(Base):
    __table__ = message_tables.directory_revision
