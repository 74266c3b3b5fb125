"""Taking an entry for a change: in the version that was seen, and only within reach."""

from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import select

from services.directory.data import below
from services.directory.handlers.publishing import take_turn
from services.directory.models import Duty, Entry, Member, Organisation, whole_district
from shared.auth.actor import Actor
from shared.db.transaction import Transaction
from shared.errors import NotFound, VersionMoved
from shared.events.directory import MemberPublished

M = TypeVar("M", bound=Entry)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """An entry, and the version of it (its revision) that the actor has seen."""

    id: str
    version: int


def take(tx: Transaction, model: type[M], seen: Seen, by: Actor) -> M:
    """Nobody else changes the directory before the end of the transaction. Raises NotFound, also
    when it is out of the administrator's reach; VersionMoved.
    """
    take_turn(tx)
    found = tx.session.scalar(select(model).where(model.id == seen.id, model.active))
    if found is None or _owner(tx, found) not in _reach(tx, by):
        raise NotFound("There is no such record.")
    if found.revision != seen.version:
        raise VersionMoved("Someone else has changed this meanwhile. Please reload.")
    return found


def take_member(tx: Transaction, member_id: str, by: Actor) -> MemberPublished:
    """As they are now; likewise, in whatever version."""
    take_turn(tx)
    found = tx.session.get(Member, member_id)
    if found is None or not found.active or found.organisation_id not in _reach(tx, by):
        raise NotFound("There is no such record.")
    return member_state(found)


def member_state(member: Member) -> MemberPublished:
    """As it is published, with ``revision`` and ``remaining`` 0."""
    return MemberPublished(**vars(member.state()))


def _reach(tx: Transaction, by: Actor) -> frozenset[str]:
    return below(whole_district(tx.session).organisations, by.organisation_id or "")


def _owner(tx: Transaction, entry: Entry) -> str | None:
    match entry:
        case Organisation():
            return entry.id
        case Member():
            return entry.organisation_id
        case Duty():
            member = tx.session.get(Member, entry.member_id)
            return member.organisation_id if member else None
        case _:
            return None
