"""What nobody could do: roles, categories, duties and rota entries without anybody able to act.

Looked at for each community by itself, and told for the widest places in which it is so.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.directory.data.district import (
    AGENCY,
    AREA_LENGTHS,
    SPECIAL_COMMITTEE,
    District,
    responsibilities_of,
)
from services.directory.data.roles import KindRoles, role_table
from shared.events.directory import MemberPublished, OrganisationPublished

MEDIATOR = "mediator"
HANDLER = "agency_handler"


@dataclass(frozen=True, kw_only=True, order=True)
class Gap:
    """Nobody can act for an area as what ``kind`` and ``code`` say: as a ``role``, for a
    ``category`` of disputes, for a ``duty`` of an agency, or as the one on the ``rota``. Of the
    organisation, where only its own people count, with ``role``.
    """

    kind: str
    code: str
    role: str
    area: str
    organisation_id: str = ""


def gaps(district: District, day: date) -> tuple[Gap, ...]:
    """What nobody can do on that day."""
    return _told(district, _unmet(_needs(district, day), district, day))


def caused(before: District, after: District, day: date) -> tuple[Gap, ...]:
    """What somebody can do before the change, and nobody after it."""
    needed = _needs(before, day)
    new = _unmet(needed, after, day) - _unmet(needed, before, day)
    return _told(before, new)


def _needs(district: District, day: date) -> frozenset[Gap]:
    parts = _Parts(district)
    return frozenset(
        replace(need, area=part)
        for need in _wide_needs(district, day)
        for part in ((need.area,) if need.kind == "rota" else parts.of(need.area))
    )


def _wide_needs(district: District, day: date) -> Iterator[Gap]:
    for one in district.organisations:
        wanted = role_table().get(one.kind, KindRoles())
        for area in one.areas:
            for role in wanted.own:
                yield Gap(kind="role", code=role, role=role, area=area, organisation_id=one.id)
            for role in wanted.anybody:
                yield Gap(kind="role", code=role, role=role, area=area)
        yield from _special_needs(one, day)
    for duty in district.duties:
        if duty.valid_to is None or day <= duty.valid_to:
            yield Gap(kind="rota", code=duty.role, role=duty.role, area=duty.area)


def _special_needs(one: OrganisationPublished, day: date) -> Iterator[Gap]:
    if one.kind == SPECIAL_COMMITTEE:
        for area in one.areas:
            for code in one.categories:
                yield Gap(
                    kind="category", code=code, role=MEDIATOR, area=area, organisation_id=one.id
                )
    if one.kind == AGENCY:
        for each in responsibilities_of(one):
            if each.holds_on(day):
                yield Gap(
                    kind="duty",
                    code=each.duty,
                    role=HANDLER,
                    area=each.area,
                    organisation_id=one.id,
                )


def _unmet(needed: Iterable[Gap], district: District, day: date) -> frozenset[Gap]:
    there: dict[str, list[MemberPublished]] = defaultdict(list)
    for member in district.members:
        if not member.on_leave(day):
            for role in member.roles:
                there[role].append(member)
    on_rota = set(_on_rota(district, there, day))
    return frozenset(
        need
        for need in needed
        if not ((need.role, need.area) in on_rota if need.kind == "rota" else _met(need, there))
    )


def _met(need: Gap, there: Mapping[str, Sequence[MemberPublished]]) -> bool:
    return any(
        need.organisation_id in {"", member.organisation_id}
        and any(need.area.startswith(wider) for wider in member.areas)
        for member in there.get(need.role, ())
    )


def _on_rota(
    district: District, there: Mapping[str, Sequence[MemberPublished]], day: date
) -> Iterator[tuple[str, str]]:
    able = {role: {member.id for member in members} for role, members in there.items()}
    for duty in district.duties:
        goes_on = duty.valid_to is None or day <= duty.valid_to
        if goes_on and duty.member_id in able.get(duty.role, ()):
            yield duty.role, duty.area


class _Parts:
    """The communities in each area; an area that holds none is its own part."""

    def __init__(self, district: District) -> None:
        self._known: dict[str, tuple[str, ...]] = {}
        self._communities = sorted(
            area for one in district.organisations if one.kind == "community" for area in one.areas
        )

    def of(self, area: str) -> tuple[str, ...]:
        if area not in self._known:
            inside = tuple(each for each in self._communities if each.startswith(area))
            self._known[area] = inside or (area,)
        return self._known[area]


def _told(district: District, found: Iterable[Gap]) -> tuple[Gap, ...]:
    """Each for the widest places in which it is so."""
    areas: dict[Gap, set[str]] = defaultdict(set)
    for gap in found:
        areas[replace(gap, area="")].add(gap.area)
    parts = _Parts(district)
    places = [
        area
        for length in sorted(AREA_LENGTHS.values())
        for one in district.organisations
        if one.kind in AREA_LENGTHS
        for area in one.areas
        if len(area) == length
    ]
    return tuple(
        sorted(
            replace(gap, area=area)
            for gap, inside in areas.items()
            for area in _widest(inside, places, parts)
        )
    )


def _widest(inside: set[str], places: Sequence[str], parts: _Parts) -> Iterator[str]:
    left = set(inside)
    for place in places:
        within = set(parts.of(place))
        if within and within <= left:
            yield place
            left -= within
    yield from left
