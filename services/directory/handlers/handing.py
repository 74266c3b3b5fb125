"""Handing over: what a member who leaves holds goes to others of the organisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from secrets import token_hex
from uuid import UUID

from services.directory.data import candidates
from services.directory.handlers.seen import take_member
from services.directory.models import Handover, whole_district
from shared.auth.actor import Actor
from shared.clock import day_in_china
from shared.db.transaction import Transaction
from shared.errors import Rejected
from shared.events.directory import HandoverPublished
from shared.holdings import Held


@dataclass(frozen=True, kw_only=True)
class HandedItem:
    kind: str
    item_id: UUID
    successor_id: str


@dataclass(frozen=True, kw_only=True)
class HandOver:
    items: tuple[HandedItem, ...]


def hand_over(
    tx: Transaction, by: Actor, member_id: str, command: HandOver, held: Sequence[Held]
) -> int:
    """``held`` is what the member has, as those who keep it have just said; an item that is not
    there any more is passed over, so that this can be asked for again. Returns how many are on
    their way.
    """
    leaver = take_member(tx, member_id, by)
    known = whole_district(tx.session)
    today = day_in_china(tx.now)
    there = {(one.kind, one.item_id): one for one in held}
    ordered = 0
    for number, item in enumerate(command.items):
        one = there.get((item.kind, item.item_id))
        if one is None:
            continue
        able = {member.id for member in candidates(known, leaver, one, today)}
        if item.successor_id not in able:
            refused = Rejected("Choose somebody of the organisation who can have this.")
            raise refused.at(f"items.{number}.successor_id")
        _order(tx, leaver.id, item)
        ordered += 1
    return ordered


def _order(tx: Transaction, member_id: str, item: HandedItem) -> None:
    event = HandoverPublished(
        id=f"h-{token_hex(5)}",
        kind=item.kind,
        item_id=item.item_id,
        member_id=member_id,
        successor_id=item.successor_id,
    )
    row = {name: getattr(event, name) for name in ("id", "kind", "item_id")}
    tx.add(
        Handover(
            **row,
            member_id=member_id,
            successor_id=item.successor_id,
            ordered_at=tx.now,
            ordered_by=tx.actor,
        )
    )
    tx.emit(event)
