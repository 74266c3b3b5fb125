"""Events published by the directory: most are the full state of an organisation, member or duty.

Those of one change carry the same ``revision``; ``remaining`` counts the ones still to come, so
that a reader has applied a revision when it has seen the one with ``remaining`` 0.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from shared.events.base import DIRECTORY, Area, Code, Count, Event, Label


@dataclass(frozen=True, kw_only=True)
class DirectoryEvent(Event):
    topic = DIRECTORY

    id: Code
    revision: Count
    remaining: Count
    active: bool = True

    @property
    def subject(self) -> str:
        return self.id


@dataclass(frozen=True, kw_only=True)
class Responsibility:
    """An agency has the duty in the area from the first day to the last; None is without end."""

    duty: Code
    area: Area
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        begun = self.valid_from is None or self.valid_from <= day
        return begun and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, kw_only=True)
class OrganisationPublished(DirectoryEvent):
    """``areas`` are the areas it serves. A special committee names its ``categories`` (first
    levels of the dispute taxonomy); an agency its ``duties`` (fields, ``utility_cut``,
    ``public_danger``). Where an agency does not have each of its duties in each of its areas at all
    times, ``responsibilities`` say which it has where and when. ``parent_id`` is what it is below.
    """

    event_type = "directory.organisation.published.v1"

    kind: Code
    name_zh: Label
    name_en: Label
    areas: tuple[Area, ...]
    categories: tuple[Code, ...] = ()
    duties: tuple[Code, ...] = ()
    parent_id: Code | None = None
    responsibilities: tuple[Responsibility, ...] = ()

    def has_duty(self, duty: str, area: str, day: date) -> bool:
        """For exactly this area, and not for a wider one."""
        if not self.responsibilities:
            return duty in self.duties and area in self.areas
        return any(
            (one.duty, one.area) == (duty, area) and one.holds_on(day)
            for one in self.responsibilities
        )


@dataclass(frozen=True, kw_only=True)
class MemberPublished(DirectoryEvent):
    """One person in one organisation; ``areas`` are where the roles count. Between the two days of
    their leave, or from the first on, they get nothing new.
    """

    event_type = "directory.member.published.v1"

    name_zh: Label
    name_en: Label
    organisation_id: Code
    roles: tuple[Code, ...]
    areas: tuple[Area, ...]
    leave_from: date | None = None
    leave_to: date | None = None

    def on_leave(self, day: date) -> bool:
        if self.leave_from is None or day < self.leave_from:
            return False
        return self.leave_to is None or day <= self.leave_to


@dataclass(frozen=True, kw_only=True)
class DutyPublished(DirectoryEvent):
    """Who is on duty as ``role`` for an area on which days of the week (1 = Monday)."""

    event_type = "directory.duty.published.v1"

    role: Code
    member_id: Code
    area: Area
    weekdays: tuple[Annotated[int, Meta(ge=1, le=7)], ...]
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class HandoverPublished(Event):
    """Somebody else is to have what a member holds: ``kind`` and ``item_id`` say what. It is no
    entry: whoever keeps the item gives it to the successor, unless the member lost it meanwhile.
    """

    topic = DIRECTORY
    event_type = "directory.handover.published.v1"

    id: Code
    kind: Code
    item_id: UUID
    member_id: Code
    successor_id: Code

    @property
    def subject(self) -> str:
        return str(self.item_id)
