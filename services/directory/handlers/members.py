"""Members: invited, changed, on leave, and gone."""

from dataclasses import dataclass, replace
from datetime import date
from secrets import token_hex

from services.directory.data import District
from services.directory.handlers.organisations import Confirmation
from services.directory.handlers.publishing import Changed, change_district
from services.directory.handlers.seen import Seen, member_state, take
from services.directory.models import Member
from shared.auth.actor import Actor
from shared.clock import day_in_china
from shared.db.transaction import Transaction
from shared.errors import Rejected
from shared.events.directory import MemberPublished


@dataclass(frozen=True, kw_only=True)
class InviteMember:
    name_zh: str
    name_en: str
    organisation_id: str
    roles: tuple[str, ...]
    areas: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ChangeMember:
    """``confirmed``: also if nobody can do something any more."""

    name_zh: str
    name_en: str
    roles: tuple[str, ...]
    areas: tuple[str, ...]
    confirmed: bool = False


@dataclass(frozen=True, kw_only=True)
class SetLeave:
    """Without a last day until further notice; without a first one there is no leave."""

    leave_from: date | None = None
    leave_to: date | None = None
    confirmed: bool = False


def invite_member(tx: Transaction, by: Actor, command: InviteMember) -> str:
    """Returns the member's id."""
    new = MemberPublished(id=f"m-{token_hex(5)}", revision=0, remaining=0, **vars(command))
    change_district(tx, by, lambda known: known.with_entries([new]))
    return new.id


def change_member(tx: Transaction, by: Actor, seen: Seen, command: ChangeMember) -> Changed:
    said = {name: value for name, value in vars(command).items() if name != "confirmed"}
    new = replace(_taken(tx, seen, by), **said)
    return change_district(
        tx, by, lambda known: known.with_entries([new]), confirmed=command.confirmed
    )


def set_leave(tx: Transaction, by: Actor, seen: Seen, command: SetLeave) -> Changed:
    """Nothing new comes to them between the two days; what they hold stays theirs."""
    old = _taken(tx, seen, by)
    new = replace(old, leave_from=command.leave_from, leave_to=command.leave_to)
    return change_district(
        tx,
        by,
        lambda known: known.with_entries([new]),
        confirmed=command.confirmed,
        day=command.leave_from,
    )


def deactivate_member(tx: Transaction, by: Actor, seen: Seen, command: Confirmation) -> Changed:
    """They are gone, and with them their places on the rota. That they hold nothing any more, who
    asks for it has made sure; only for somebody on leave does that stay so.
    """
    if not _taken(tx, seen, by).on_leave(day_in_china(tx.now)):
        raise Rejected("Note their leave from today first, so that nothing new comes to them.")

    def edit(known: District) -> District:
        turns = [duty.id for duty in known.duties if duty.member_id == seen.id]
        return known.without([seen.id, *turns])

    return change_district(tx, by, edit, confirmed=command.confirmed)


def _taken(tx: Transaction, seen: Seen, by: Actor) -> MemberPublished:
    return member_state(take(tx, Member, seen, by))
