"""A district: its organisations, members and duties, and how they hang together.

Entries are the events they are published as, with ``revision`` and ``remaining`` still 0.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TypeVar

from shared.events.directory import (
    DirectoryEvent,
    DutyPublished,
    MemberPublished,
    OrganisationPublished,
    Responsibility,
)

AREA_LENGTHS = {"district": 6, "street": 9, "community": 12, "grid": 15}
PLACES = frozenset(AREA_LENGTHS)
"""Kinds that stand for a place: each has one area, and its name is what that area is called."""

AGENCY = "agency"
BUILDING = "building"
DISTRICT = "district"
SPECIAL_COMMITTEE = "special_committee"

PARENTS = {"street": "district", "community": "street", "grid": "community", "building": "grid"}
"""What these stand in; everything else stands below any organisation that is not a building."""

E = TypeVar("E", bound=DirectoryEvent)


@dataclass(frozen=True, kw_only=True)
class District:
    """All active organisations, members and duties of one district. ``gone`` are the ids of those
    that were: nobody else may have them.
    """

    organisations: tuple[OrganisationPublished, ...] = ()
    members: tuple[MemberPublished, ...] = ()
    duties: tuple[DutyPublished, ...] = ()
    gone: frozenset[str] = frozenset()

    def entries(self) -> tuple[DirectoryEvent, ...]:
        """In an order in which what is referred to comes first."""
        return (*self.organisations, *self.members, *self.duties)

    def with_entries(self, entries: Iterable[DirectoryEvent]) -> "District":
        """With these entries in the place of those with the same id, or added."""
        given = {entry.id: entry for entry in entries}
        return replace(
            self,
            organisations=_with(self.organisations, given, OrganisationPublished),
            members=_with(self.members, given, MemberPublished),
            duties=_with(self.duties, given, DutyPublished),
        )

    def without(self, ids: Iterable[str]) -> "District":
        out = frozenset(ids)
        return replace(
            self,
            organisations=tuple(one for one in self.organisations if one.id not in out),
            members=tuple(one for one in self.members if one.id not in out),
            duties=tuple(one for one in self.duties if one.id not in out),
        )


def _with(known: Sequence[E], given: dict[str, DirectoryEvent], kind: type[E]) -> tuple[E, ...]:
    wanted = {key: entry for key, entry in given.items() if isinstance(entry, kind)}
    kept = tuple(wanted.pop(entry.id, entry) for entry in known)
    return (*kept, *wanted.values())


def below(organisations: Iterable[OrganisationPublished], top_id: str) -> frozenset[str]:
    """The ids of the organisation and of all below it in the tree."""
    children: dict[str | None, list[str]] = defaultdict(list)
    known = set()
    for one in organisations:
        children[one.parent_id].append(one.id)
        known.add(one.id)
    found: set[str] = set()
    waiting = [top_id] if top_id in known else []
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting += children[current]
    return frozenset(found)


def responsibilities_of(agency: OrganisationPublished) -> tuple[Responsibility, ...]:
    """One by one, also where each duty is had in each area at all times."""
    return agency.responsibilities or tuple(
        Responsibility(duty=duty, area=area) for area, duty in product(agency.areas, agency.duties)
    )


def normal(agency: OrganisationPublished) -> OrganisationPublished:
    """The one way to say it: ``areas`` and ``duties`` name all there are, and ``responsibilities``
    stand only where that is not the whole truth.
    """
    each = responsibilities_of(agency)
    areas = tuple(dict.fromkeys((*agency.areas, *(one.area for one in each))))
    duties = tuple(dict.fromkeys((*agency.duties, *(one.duty for one in each))))
    everywhere = {Responsibility(duty=duty, area=area) for area, duty in product(areas, duties)}
    told = () if set(each) == everywhere else tuple(dict.fromkeys(each))
    return replace(agency, areas=areas, duties=duties, responsibilities=told)
