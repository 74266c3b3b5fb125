"""Who serves an area, according to the directory's events: the nearest first.

Codes of areas are hierarchical: whoever serves a street serves its communities and grids too, but
one who serves just the community is nearer.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from typing import Protocol, TypeVar

from shared.events.directory import (
    DirectoryEvent,
    DutyPublished,
    MemberPublished,
    OrganisationPublished,
)

Entry = TypeVar("Entry", bound=DirectoryEvent)

LEVELS = (15, 12, 9, 6)
"""Digits of a grid, a community, a street, a district."""
COMMUNITY = 12
WEEK = 7


class Snapshot(Protocol):
    """The directory at one revision."""

    @property
    def organisations(self) -> Mapping[str, OrganisationPublished]: ...
    @property
    def members(self) -> Mapping[str, MemberPublished]: ...
    @property
    def duties(self) -> tuple[DutyPublished, ...]: ...


class Roster:
    """An index of a snapshot; build it once for many cases. Only active entries are in it, and
    where several are equally near they come in the order of their ids.
    """

    def __init__(self, directory: Snapshot) -> None:
        self._organisations: dict[tuple[str, str], list[OrganisationPublished]] = defaultdict(list)
        self._members: dict[tuple[str, str], list[MemberPublished]] = defaultdict(list)
        self._duties: dict[tuple[str, str], list[DutyPublished]] = defaultdict(list)
        self._by_id: dict[str, MemberPublished] = {}
        for organisation in _active(directory.organisations.values()):
            for area in organisation.areas:
                self._organisations[organisation.kind, area].append(organisation)
        for member in _active(directory.members.values()):
            self._by_id[member.id] = member
            for role in member.roles:
                for area in member.areas:
                    self._members[role, area].append(member)
        for duty in _active(directory.duties):
            self._duties[duty.role, duty.area].append(duty)

    def nearest(
        self,
        kind: str,
        area: str,
        suits: Callable[[OrganisationPublished], bool] = lambda _: True,
    ) -> list[OrganisationPublished]:
        """All that suit and are equally near; empty when none serves the area."""
        for wider in _widening(area):
            if found := [
                item for item in self._organisations.get((kind, wider), ()) if suits(item)
            ]:
                return found
        return []

    def responsible(self, duty: str, area: str, day: date) -> list[OrganisationPublished]:
        """The agencies that have the duty that day and are equally near; empty when none has."""
        for wider in _widening(area):
            agencies = self._organisations.get(("agency", wider), ())
            if found := [agency for agency in agencies if agency.has_duty(duty, wider, day)]:
                return found
        return []

    def members(self, role: str, area: str, day: date | None = None) -> Iterator[MemberPublished]:
        """The nearest first; with a day, without those who are on leave then."""
        for wider in _widening(area):
            for member in self._members.get((role, wider), ()):
                if day is None or not member.on_leave(day):
                    yield member

    def staff(
        self, organisation_id: str, role: str, area: str, day: date | None = None
    ) -> Iterator[MemberPublished]:
        """The organisation's members who have the role for the area."""
        found = self.members(role, area, day)
        return (member for member in found if member.organisation_id == organisation_id)

    def on_duty(self, role: str, area: str, day: date) -> MemberPublished | None:
        """Who has the nearest duty that day; else whoever comes next within a week; else the
        nearest who has the role at all. Those who left, lost the role or are on leave are passed
        over; only where nobody else is left, somebody on leave is called all the same.
        """
        for ahead in range(WEEK):
            if found := self._on_duty(role, area, day + timedelta(days=ahead), today=day):
                return found
        return next(self.members(role, area, day), None) or next(self.members(role, area), None)

    def _on_duty(self, role: str, area: str, day: date, *, today: date) -> MemberPublished | None:
        for wider in _widening(area):
            for duty in self._duties.get((role, wider), ()):
                member = self._by_id.get(duty.member_id)
                if member is None or role not in member.roles or member.on_leave(today):
                    continue
                if is_on(duty, day):
                    return member
        return None

    def communities(self) -> tuple[str, ...]:
        """The communities that somebody serves by name, or wider areas where there are none."""
        areas = sorted({area[:COMMUNITY] for _, area in self._organisations})
        return tuple(
            area
            for area in areas
            if not any(other != area and other.startswith(area) for other in areas)
        )


def _active(entries: Iterable[Entry]) -> list[Entry]:
    return sorted((entry for entry in entries if entry.active), key=lambda entry: entry.id)


def _widening(area: str) -> Iterator[str]:
    return (area[:digits] for digits in LEVELS if digits <= len(area))


def is_on(duty: DutyPublished, day: date) -> bool:
    ended = duty.valid_to is not None and day > duty.valid_to
    return day.isoweekday() in duty.weekdays and duty.valid_from <= day and not ended
