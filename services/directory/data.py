"""A district as data: three YAML files, read whole and checked before anything of it is used.

Entries are the events they are published as, with ``revision`` and ``remaining`` still 0.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import combinations
from pathlib import Path
from typing import TypeVar

import msgspec
import yaml

from shared.events.directory import (
    DirectoryEvent,
    DutyPublished,
    MemberPublished,
    OrganisationPublished,
)
from shared.words import codes

DEMO = Path(__file__).with_name("demo")
AREA_LENGTHS = {"district": 6, "street": 9, "community": 12, "grid": 15}
AGENCY = "agency"
SPECIAL_COMMITTEE = "special_committee"
NOT_IN_FILES = {"revision": 0, "remaining": 0}

E = TypeVar("E", bound=DirectoryEvent)


class DistrictInvalid(Exception):
    """The data of a district contradict themselves; the text lists everything that is wrong."""


@dataclass(frozen=True, kw_only=True)
class District:
    """All organisations, members and duties of one district."""

    organisations: tuple[OrganisationPublished, ...]
    members: tuple[MemberPublished, ...]
    duties: tuple[DutyPublished, ...]

    def entries(self) -> tuple[DirectoryEvent, ...]:
        """In an order in which what is referred to comes first."""
        return (*self.organisations, *self.members, *self.duties)


def load_district(folder: Path) -> District:
    """Raises DistrictInvalid."""
    district = District(
        organisations=_read(folder / "organisations.yaml", OrganisationPublished),
        members=_read(folder / "members.yaml", MemberPublished),
        duties=_read(folder / "duties.yaml", DutyPublished),
    )
    if wrong := sorted(set(_wrong(district))):
        raise DistrictInvalid("; ".join(wrong))
    return district


def _read(path: Path, entry_class: type[E]) -> tuple[E, ...]:
    try:
        found = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
        rows = msgspec.convert(found, type=list[dict[str, object]])
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise DistrictInvalid(f"{path.name}: {error}") from error
    return tuple(_entry(row, entry_class) for row in rows)


def _entry(row: Mapping[str, object], entry_class: type[E]) -> E:
    allowed = {field.name for field in fields(entry_class)} - set(NOT_IN_FILES)
    if unknown := sorted(set(row) - allowed):
        raise DistrictInvalid(f"{row.get('id')}: there is no {', '.join(unknown)}")
    try:
        return msgspec.convert({**row, **NOT_IN_FILES}, type=entry_class)
    except msgspec.ValidationError as error:
        raise DistrictInvalid(f"{row.get('id')}: {error}") from error


def _wrong(district: District) -> Iterator[str]:
    ids = Counter(entry.id for entry in district.entries())
    yield from (f"{entry_id} stands there twice" for entry_id, times in ids.items() if times > 1)
    places = {area for found in district.organisations for area in _place(found)}
    for organisation in district.organisations:
        yield from _wrong_organisation(organisation, places)
    yield from _rivals(district.organisations)
    organisations = {organisation.id for organisation in district.organisations}
    for member in district.members:
        yield from _unknown(member.id, "organisation", (member.organisation_id,), organisations)
        yield from _unknown(member.id, "role", member.roles, codes("role"))
        yield from _unknown(member.id, "area", member.areas, places)
    members = {member.id: member for member in district.members}
    for duty in district.duties:
        yield from _wrong_duty(duty, members)


def _place(organisation: OrganisationPublished) -> tuple[str, ...]:
    return organisation.areas if organisation.kind in AREA_LENGTHS else ()


def _wrong_organisation(found: OrganisationPublished, places: set[str]) -> Iterator[str]:
    yield from _unknown(found.id, "kind", (found.kind,), codes("organisation_kind"))
    yield from _unknown(found.id, "area", found.areas, places)
    yield from _unknown(found.id, "category", found.categories, codes("category"))
    yield from _unknown(found.id, "duty", found.duties, codes("duty"))
    if found.kind in AREA_LENGTHS:
        if [len(area) for area in found.areas] != [AREA_LENGTHS[found.kind]]:
            yield f"{found.id}: a {found.kind} has one area of {AREA_LENGTHS[found.kind]} digits"
    elif not found.areas:
        yield f"{found.id} serves no area"
    if bool(found.duties) != (found.kind == AGENCY):
        yield f"{found.id}: agencies, and only they, have duties"
    if bool(found.categories) != (found.kind == SPECIAL_COMMITTEE):
        yield f"{found.id}: special committees, and only they, have categories"


def _rivals(organisations: Sequence[OrganisationPublished]) -> Iterator[str]:
    """Two agencies with one duty for the same area: nobody could say which is responsible. One
    for a street beside one for the district is fine: the nearer one is.
    """
    for one, other in combinations(organisations, 2):
        shared = sorted(set(one.duties) & set(other.duties))
        if shared and set(one.areas) & set(other.areas):
            yield f"{one.id} and {other.id} have the same duty for the same area: {shared}"


def _wrong_duty(duty: DutyPublished, members: Mapping[str, MemberPublished]) -> Iterator[str]:
    member = members.get(duty.member_id)
    if member is None:
        yield f"{duty.id}: unknown member {duty.member_id}"
    elif duty.role not in member.roles:
        yield f"{duty.id}: {member.id} is not {duty.role}"
    elif not any(duty.area.startswith(area) for area in member.areas):
        yield f"{duty.id}: {member.id} does not serve {duty.area}"


def _unknown(
    entry_id: str, what: str, used: Sequence[str], known: Sequence[str] | set[str]
) -> Iterator[str]:
    yield from (f"{entry_id}: unknown {what} {code}" for code in used if code not in known)
