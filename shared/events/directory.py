"""Events published by the directory: each is the full state of one organisation, member or duty.

Those of one change carry the same ``revision``; ``remaining`` counts the ones still to come, so
that a reader has applied a revision when it has seen the one with ``remaining`` 0.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

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
class OrganisationPublished(DirectoryEvent):
    """``areas`` are the areas it serves. A special committee names its ``categories`` (first
    levels of the dispute taxonomy); an agency its ``duties`` (fields, ``utility_cut``,
    ``public_danger``).
    """

    event_type = "directory.organisation.published.v1"

    kind: Code
    name_zh: Label
    name_en: Label
    areas: tuple[Area, ...]
    categories: tuple[Code, ...] = ()
    duties: tuple[Code, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MemberPublished(DirectoryEvent):
    """One person in one organisation; ``areas`` are where the roles count."""

    event_type = "directory.member.published.v1"

    name_zh: Label
    name_en: Label
    organisation_id: Code
    roles: tuple[Code, ...]
    areas: tuple[Area, ...]


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
