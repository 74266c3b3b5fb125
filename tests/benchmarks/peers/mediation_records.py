"""The peer's entities of mediation, on the tables that Hemu has; and one for the plain effect."""

from sqlalchemy.orm import DeclarativeBase

from services.mediation import models
from shared.db import message_tables
from tests.benchmarks.noting import noted


class Base(DeclarativeBase):
    pass


class Decision(Base):
    __table__ = models.DECISIONS


class Mediation(Base):
    __table__ = models.MEDIATIONS


class Room(Base):
    __table__ = models.ROOMS


class Dossier(Base):
    __table__ = models.DOSSIERS


class TimelineEntry(Base):
    __table__ = models.timeline


class Workload(Base):
    __table__ = models.workloads


class InboxEntry(Base):
    __table__ = message_tables.inbox


class KeyCounter(Base):
    __table__ = message_tables.key_counter


class OutboxEntry(Base):
    __table__ = message_tables.outbox


class DirectoryRevision(Base):
    __table__ = message_tables.directory_revision


class Noted(Base):
    """The state of the plain effect."""

    __table__ = noted
