"""The duty rota: who is on duty where, on which days."""

from dataclasses import dataclass
from datetime import date
from secrets import token_hex

from services.directory.handlers.organisations import Confirmation
from services.directory.handlers.publishing import Changed, change_district
from services.directory.handlers.seen import Seen, take
from services.directory.models import Duty
from shared.auth.actor import Actor
from shared.db.transaction import Transaction
from shared.events.directory import DutyPublished


@dataclass(frozen=True, kw_only=True)
class AddDuty:
    """``weekdays`` count from 1, Monday."""

    role: str
    member_id: str
    area: str
    weekdays: tuple[int, ...]
    valid_from: date
    valid_to: date | None = None


def add_duty(tx: Transaction, by: Actor, command: AddDuty) -> str:
    """Returns its id."""
    new = DutyPublished(id=f"d-{token_hex(5)}", revision=0, remaining=0, **vars(command))
    change_district(tx, by, lambda known: known.with_entries([new]))
    return new.id


def end_duty(tx: Transaction, by: Actor, seen: Seen, command: Confirmation) -> Changed:
    take(tx, Duty, seen, by)
    return change_district(
        tx, by, lambda known: known.without([seen.id]), confirmed=command.confirmed
    )
