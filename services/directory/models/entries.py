"""The tables of the directory: the last published state of each entry."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import ClassVar

import msgspec
from sqlalchemy import JSON, BigInteger, Column, Dialect, Index, Integer, String, Table
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from shared.db.types import UtcDateTime
from shared.events.directory import (
    DirectoryEvent,
    DutyPublished,
    MemberPublished,
    OrganisationPublished,
    Responsibility,
)


class Several(TypeDecorator[tuple[object, ...]]):
    """A tuple of codes or numbers, in JSON."""

    impl = JSON
    cache_ok = True

    def process_bind_param(
        self, value: Sequence[object] | None, _dialect: Dialect
    ) -> list[object] | None:
        return None if value is None else list(value)

    def process_result_value(
        self, value: list[object] | None, _dialect: Dialect
    ) -> tuple[object, ...] | None:
        return None if value is None else tuple(value)


class Responsibilities(TypeDecorator[tuple[Responsibility, ...]]):
    """What an agency is there for, where and when, in JSON."""

    impl = JSON
    cache_ok = True

    def process_bind_param(
        self, value: Sequence[Responsibility] | None, _dialect: Dialect
    ) -> object:
        return msgspec.to_builtins(value or ())

    def process_result_value(
        self, value: object, _dialect: Dialect
    ) -> tuple[Responsibility, ...] | None:
        return msgspec.convert(value or (), type=tuple[Responsibility, ...])


class Base(DeclarativeBase):
    type_annotation_map = {
        datetime: UtcDateTime,
        str: String(120),
        tuple[int, ...]: Several,
        tuple[str, ...]: Several,
        tuple[Responsibility, ...]: Responsibilities,
    }


class Entry(Base):
    """The columns are the fields of the event that publishes it, but for ``remaining``."""

    __abstract__ = True
    event_class: ClassVar[type[DirectoryEvent]]

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    active: Mapped[bool]
    revision: Mapped[int] = mapped_column(BigInteger)

    def take(self, event: DirectoryEvent) -> None:
        """Become what the event says."""
        for name in self._names():
            setattr(self, name, getattr(event, name))

    def state(self) -> DirectoryEvent:
        """The event that would publish it, with ``revision`` and ``remaining`` 0: comparable with
        the entries of a district.
        """
        values = {name: getattr(self, name) for name in self._names()}
        return self.event_class(**values | {"revision": 0, "remaining": 0})

    def _names(self) -> Iterator[str]:
        return (field.name for field in fields(self.event_class) if field.name != "remaining")


class Organisation(Entry):
    __tablename__ = "organisations"
    event_class = OrganisationPublished

    kind: Mapped[str] = mapped_column(String(64))
    name_zh: Mapped[str]
    name_en: Mapped[str]
    areas: Mapped[tuple[str, ...]]
    categories: Mapped[tuple[str, ...]]
    duties: Mapped[tuple[str, ...]]
    parent_id: Mapped[str | None] = mapped_column(String(64), index=True)
    responsibilities: Mapped[tuple[Responsibility, ...]]


class Member(Entry):
    __tablename__ = "members"
    event_class = MemberPublished

    name_zh: Mapped[str]
    name_en: Mapped[str]
    organisation_id: Mapped[str] = mapped_column(String(64), index=True)
    roles: Mapped[tuple[str, ...]]
    areas: Mapped[tuple[str, ...]]
    leave_from: Mapped[date | None]
    leave_to: Mapped[date | None]


class Duty(Entry):
    __tablename__ = "duties"
    event_class = DutyPublished

    role: Mapped[str] = mapped_column(String(64))
    member_id: Mapped[str] = mapped_column(String(64))
    area: Mapped[str] = mapped_column(String(15))
    weekdays: Mapped[tuple[int, ...]]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


ENTRIES: Mapping[type[DirectoryEvent], type[Entry]] = {
    OrganisationPublished: Organisation,
    MemberPublished: Member,
    DutyPublished: Duty,
}

traits = Table(
    "traits",
    Base.metadata,
    Column("entry_id", String(64), primary_key=True),
    Column("name", String(20), primary_key=True),
    Column("value", String(64), primary_key=True),
)
"""The roles, areas, duties and categories of active entries, one by one: for looking them up."""
Index("traits_value", traits.c.name, traits.c.value, traits.c.entry_id)

publications = Table(
    "publications",
    Base.metadata,
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("published_at", UtcDateTime, nullable=False),
    Column("entries", Integer, nullable=False),
)
"""One row per revision."""

turns = Table("turns", Base.metadata, Column("only", Integer, primary_key=True))
"""One row, which every change locks: two changes never build on the same revision."""


def traits_of(event: DirectoryEvent) -> list[tuple[str, str]]:
    """Name and value; none of an entry that is not active any more."""
    several: dict[str, tuple[str, ...]] = {}
    match event:
        case OrganisationPublished(active=True):
            several = {"area": event.areas, "category": event.categories, "duty": event.duties}
        case MemberPublished(active=True):
            several = {"area": event.areas, "role": event.roles}
        case _:
            pass
    return [(name, value) for name, values in several.items() for value in dict.fromkeys(values)]
