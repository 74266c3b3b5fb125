"""The rules that hold for a district as a whole, after every change."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import combinations
from typing import Any

from services.directory.data.district import (
    AGENCY,
    AREA_LENGTHS,
    BUILDING,
    DISTRICT,
    PARENTS,
    PLACES,
    SPECIAL_COMMITTEE,
    District,
    responsibilities_of,
)
from services.directory.data.roles import roles_for
from shared.events.directory import (
    DutyPublished,
    MemberPublished,
    OrganisationPublished,
    Responsibility,
)
from shared.web.fields import HIDDEN, has_hidden
from shared.web.i18n import N_
from shared.words import codes

_ID = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
NO_IDS = frozenset({"anonymous", "service", "system", "command", "me"})
"""They stand for somebody else where an id may stand."""


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """What is wrong with a field of an entry; ``value`` fills the ``%(value)s`` of the text.
    ``allowed`` are the codes, of this ``kind`` of words, that it may be.
    """

    entry_id: str
    field: str
    text: str
    value: str = ""
    kind: str = ""
    allowed: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.entry_id}: {self.field}: {self.text % {'value': self.value}}"


def wrong(district: District) -> Iterator[Wrong]:
    """Everything that is; nothing when the district may be published."""
    ids = Counter(entry.id for entry in district.entries())
    for entry_id, times in ids.items():
        if times > 1:
            yield Wrong(entry_id=entry_id, field="id", text=N_("This id stands there twice."))
        if not _ID.fullmatch(entry_id) or entry_id in NO_IDS:
            text = N_("An id is small letters, digits and dashes; some words are no ids.")
            yield Wrong(entry_id=entry_id, field="id", text=text)
        if entry_id in district.gone:
            text = N_("This id was somebody's or something's who is gone. Choose a new one.")
            yield Wrong(entry_id=entry_id, field="id", text=text)
    places = {area: one for one in district.organisations for area in _place(one)}
    known = {one.id: one for one in district.organisations}
    for organisation in district.organisations:
        yield from _wrong_organisation(organisation, places)
        yield from _wrong_parent(organisation, known)
    yield from _same_places(district.organisations)
    yield from _rivals(district.organisations)
    for member in district.members:
        yield from _wrong_member(member, known, places)
    members = {member.id: member for member in district.members}
    for duty in district.duties:
        yield from _wrong_duty(duty, members)


def _place(organisation: OrganisationPublished) -> tuple[str, ...]:
    return organisation.areas if organisation.kind in PLACES else ()


def _wrong_organisation(one: OrganisationPublished, places: Collection[str]) -> Iterator[Wrong]:
    says = _about(one.id)
    yield from _wrong_names(one)
    if one.kind not in codes("organisation_kind"):
        kinds = codes("organisation_kind")
        says_kind = partial(says, kind="organisation_kind", allowed=kinds)
        yield says_kind("kind", N_("There is no kind %(value)s."), one.kind)
    yield from _unknown(one.id, "areas", one.areas, places, N_("There is no area %(value)s."))
    categories = N_("There is no category %(value)s.")
    yield from _uncoded(one.id, "categories", one.categories, "category", categories)
    duties = N_("There is no duty %(value)s.")
    yield from _uncoded(one.id, "duties", one.duties, "duty", duties)
    if one.kind in AREA_LENGTHS:
        if [len(area) for area in one.areas] != [AREA_LENGTHS[one.kind]]:
            length = str(AREA_LENGTHS[one.kind])
            yield says("areas", N_("This has exactly one area, of %(value)s digits."), length)
    elif one.kind == BUILDING:
        if [len(area) for area in one.areas] != [AREA_LENGTHS["grid"]]:
            yield says("areas", N_("A building names the one grid in which it stands."))
    elif not one.areas:
        yield says("areas", N_("Say which areas it serves."))
    if bool(one.duties) != (one.kind == AGENCY):
        yield says("duties", N_("Agencies, and only they, have duties."))
    if bool(one.categories) != (one.kind == SPECIAL_COMMITTEE):
        yield says("categories", N_("Special committees, and only they, have categories."))
    if any(_ends_early(each.valid_from, each.valid_to) for each in one.responsibilities):
        yield says("duties", N_("The last day is before the first."))


def _wrong_names(one: OrganisationPublished | MemberPublished) -> Iterator[Wrong]:
    for field, name in (("name_zh", one.name_zh), ("name_en", one.name_en)):
        if has_hidden(name):
            yield _about(one.id)(field, HIDDEN)


def _wrong_parent(
    one: OrganisationPublished, known: Mapping[str, OrganisationPublished]
) -> Iterator[Wrong]:
    says = _about(one.id)
    if one.parent_id is None:
        if one.kind != DISTRICT:
            yield says("parent_id", N_("Say what it is below: only a district stands alone."))
        return
    parent = known.get(one.parent_id)
    if parent is None:
        yield says("parent_id", N_("There is no organisation %(value)s."), one.parent_id)
    elif one.kind == DISTRICT or parent.kind == BUILDING or _goes_round(one, known):
        yield says("parent_id", N_("It cannot be below this one."))
    elif one.kind in PARENTS and not _stands_in(one, parent):
        yield says("parent_id", N_("Its area does not lie in the place it is below."))


def _stands_in(one: OrganisationPublished, parent: OrganisationPublished) -> bool:
    return parent.kind == PARENTS[one.kind] and all(
        area.startswith(wider) for area in one.areas for wider in parent.areas
    )


def _goes_round(one: OrganisationPublished, known: Mapping[str, OrganisationPublished]) -> bool:
    seen = {one.id}
    above = one.parent_id
    while above is not None and above in known:
        if above in seen:
            return True
        seen.add(above)
        above = known[above].parent_id
    return False


def _same_places(organisations: Sequence[OrganisationPublished]) -> Iterator[Wrong]:
    seen: set[str] = set()
    for one in organisations:
        for area in _place(one):
            if area in seen:
                text = N_("Another place has the area %(value)s.")
                yield _about(one.id)("areas", text, area)
            seen.add(area)


def _rivals(organisations: Sequence[OrganisationPublished]) -> Iterator[Wrong]:
    """Two agencies with one duty for the same area at one time: nobody could say which is
    responsible. One for a street beside one for the district is fine: the nearer one is.
    """
    having: dict[tuple[str, str], list[tuple[str, Responsibility]]] = defaultdict(list)
    for one in organisations:
        for each in responsibilities_of(one):
            having[each.duty, each.area].append((one.id, each))
    for rivals in having.values():
        for (one_id, one_has), (other_id, other_has) in combinations(rivals, 2):
            if one_id != other_id and _meet(one_has, other_has):
                text = N_("Another agency has the same duty for the same area: %(value)s.")
                yield _about(other_id)("duties", text, f"{one_has.duty}@{one_has.area} ({one_id})")


def _meet(one: Responsibility, other: Responsibility) -> bool:
    begins = max(one.valid_from or date.min, other.valid_from or date.min)
    return begins <= min(one.valid_to or date.max, other.valid_to or date.max)


def _wrong_member(
    member: MemberPublished,
    organisations: Mapping[str, OrganisationPublished],
    places: Collection[str],
) -> Iterator[Wrong]:
    says = _about(member.id)
    yield from _wrong_names(member)
    yield from _unknown(member.id, "areas", member.areas, places, N_("There is no area %(value)s."))
    organisation = organisations.get(member.organisation_id)
    may = roles_for(organisation.kind) if organisation else ()
    no_role = N_("There is no role %(value)s.")
    yield from _uncoded(member.id, "roles", member.roles, "role", no_role, may)
    if not member.roles:
        yield says("roles", N_("Choose at least one role."))
    if not member.areas:
        yield says("areas", N_("Say where the roles count."))
    if _ends_early(member.leave_from, member.leave_to):
        yield says("leave_to", N_("The last day is before the first."))
    if member.leave_to is not None and member.leave_from is None:
        yield says("leave_from", N_("Say when the leave begins."))
    if organisation is None:
        text = N_("There is no organisation %(value)s.")
        yield says("organisation_id", text, member.organisation_id)
        return
    says_role = partial(says, kind="role", allowed=may)
    for role in sorted(set(member.roles) & set(codes("role")) - set(may)):
        yield says_role("roles", N_("An organisation of this kind has nobody as %(value)s."), role)
    for area in member.areas:
        if area in places and not _covers(organisation.areas, area):
            yield says("areas", N_("The organisation does not serve %(value)s."), area)


def _wrong_duty(duty: DutyPublished, members: Mapping[str, MemberPublished]) -> Iterator[Wrong]:
    says = _about(duty.id)
    member = members.get(duty.member_id)
    if member is None:
        yield says("member_id", N_("There is no member %(value)s."), duty.member_id)
    elif duty.role not in member.roles:
        text = N_("%(value)s does not have this role.")
        yield says("role", text, member.id, kind="role", allowed=member.roles)
    elif not _covers(member.areas, duty.area):
        yield says("area", N_("%(value)s does not serve this area."), member.id)
    if not duty.weekdays:
        yield says("weekdays", N_("Choose at least one day of the week."))
    if _ends_early(duty.valid_from, duty.valid_to):
        yield says("valid_to", N_("The last day is before the first."))


def _covers(areas: Sequence[str], area: str) -> bool:
    return any(area.startswith(wider) for wider in areas)


def _ends_early(first: date | None, last: date | None) -> bool:
    return first is not None and last is not None and last < first


def _about(entry_id: str) -> Callable[..., Wrong]:
    def says(field: str, text: str, value: str = "", **more: Any) -> Wrong:
        return Wrong(entry_id=entry_id, field=field, text=text, value=value, **more)

    return says


def _uncoded(
    entry_id: str,
    field: str,
    used: Sequence[str],
    kind: str,
    text: str,
    allowed: tuple[str, ...] = (),
) -> Iterator[Wrong]:
    """Those of the codes that there are not; ``allowed`` if that is fewer than there are."""
    for one in _unknown(entry_id, field, used, codes(kind), text):
        yield replace(one, kind=kind, allowed=allowed or codes(kind))


def _unknown(
    entry_id: str, field: str, used: Sequence[str], known: Collection[str], text: str
) -> Iterator[Wrong]:
    for code in used:
        if code not in known:
            yield Wrong(entry_id=entry_id, field=field, text=text, value=code)
