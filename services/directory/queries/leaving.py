"""What stands in the way of a member who leaves: what they hold, and what nobody could do then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.directory.data import Gap, Proposal, caused, gaps, proposals
from services.directory.models import Duty, Handover, Member, whole_district
from shared.errors import Unavailable
from shared.events.directory import MemberPublished
from shared.holdings import Held, Holdings
from shared.service import InternalReader

KEEPERS = ("mediation", "referral")
"""The services that keep what members hold."""


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """``ordered`` are the items that are on their way to somebody, by kind and id. ``gaps`` are
    what nobody could do without the member; ``turns`` their places on the rota.
    """

    member: Member
    proposals: Sequence[Proposal]
    ordered: Mapping[tuple[str, UUID], Handover]
    gaps: Sequence[Gap]
    turns: Sequence[Duty]


def on_leave(member: Member, day: date) -> bool:
    return MemberPublished(**vars(member.state())).on_leave(day)


def holdings(internal: InternalReader, member_id: str) -> Holdings:
    """What the keepers say now. Raises Unavailable when one of them is away."""
    items: list[Held] = []
    loads: dict[str, Mapping[str, int]] = {}
    for keeper in KEEPERS:
        found = internal.get(keeper, f"/internal/v1/holdings/{member_id}")
        try:
            told = msgspec.convert(found, type=Holdings)
        except msgspec.ValidationError as error:
            raise Unavailable("A part of the system is away. Please try again.") from error
        items += told.items
        loads |= told.loads
    return Holdings(items=items, loads=loads)


def leaving(session: Session, member: Member, held: Holdings, day: date) -> Leaving:
    """``day`` is today."""
    known = whole_district(session)
    as_published = MemberPublished(**vars(member.state()))
    turns = session.scalars(
        select(Duty).where(Duty.active, Duty.member_id == member.id).order_by(Duty.id)
    ).all()
    after = known.without([member.id, *(duty.id for duty in turns)])
    ordered = session.scalars(
        select(Handover).where(Handover.member_id == member.id).order_by(Handover.ordered_at)
    )
    return Leaving(
        member=member,
        proposals=proposals(known, as_published, held.items, held.loads, day),
        ordered={(one.kind, one.item_id): one for one in ordered},
        gaps=caused(known, after, day),
        turns=turns,
    )


def present_gaps(session: Session, day: date) -> Sequence[Gap]:
    """What nobody can do today, in the whole directory."""
    return gaps(whole_district(session), day)
