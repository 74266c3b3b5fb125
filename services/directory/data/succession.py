"""Who could have what a member holds: of the same organisation, for the area, with least to do."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.directory.data.district import District
from shared.events.directory import MemberPublished
from shared.holdings import Held, Loads

HOLDERS: Mapping[str, frozenset[str]] = {
    "mediation": frozenset({"mediator", "pmc_director"}),
    "room": frozenset({"prosecutor"}),
    "lead": frozenset({"referral_officer"}),
    "review": frozenset({"prosecutor", "proc_intake"}),
}
"""The roles that can hold a thing of each kind."""


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """The first of the ``candidates`` is the one to choose, if nothing else speaks for another."""

    held: Held
    candidates: tuple[MemberPublished, ...]


def candidates(
    district: District, leaver: MemberPublished, held: Held, day: date
) -> Iterator[MemberPublished]:
    """In the order of their ids."""
    for member in sorted(district.members, key=lambda one: one.id):
        if (
            member.id != leaver.id
            and member.id not in held.barred
            and member.organisation_id == leaver.organisation_id
            and HOLDERS.get(held.kind, frozenset()) & set(member.roles)
            and any(held.area.startswith(area) for area in member.areas)
            and not member.on_leave(day)
        ):
            yield member


def proposals(
    district: District,
    leaver: MemberPublished,
    holdings: Iterable[Held],
    loads: Loads,
    day: date,
) -> Sequence[Proposal]:
    """Each item adds to the load of whom it is proposed to. Who has a role of the leaver goes
    before who has another one that would do.
    """
    more: Counter[tuple[str, str]] = Counter()

    def order(held: Held, member: MemberPublished) -> tuple[bool, int, str]:
        load = loads.get(held.kind, {}).get(member.id, 0) + more[held.kind, member.id]
        return not set(member.roles) & set(leaver.roles), load, member.id

    found = []
    for held in holdings:
        able = sorted(candidates(district, leaver, held, day), key=lambda one: order(held, one))
        if able:
            more[held.kind, able[0].id] += 1
        found.append(Proposal(held=held, candidates=tuple(able)))
    return found
