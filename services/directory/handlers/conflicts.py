"""Conflicts of interest, as members declare them of themselves."""

from dataclasses import dataclass
from datetime import date
from secrets import token_hex

from services.directory.models import Conflict, Organisation
from shared.auth.actor import Actor
from shared.auth.sealing import Sealer
from shared.clock import day_in_china
from shared.db.transaction import Transaction
from shared.errors import NotFound, Rejected


@dataclass(frozen=True, kw_only=True)
class DeclareConflict:
    """With whom: an organisation of the directory, or in words."""

    kind: str
    valid_from: date
    valid_to: date | None = None
    organisation_id: str | None = None
    words: str | None = None


def declare_conflict(tx: Transaction, by: Actor, command: DeclareConflict, sealer: Sealer) -> str:
    """Returns its id. ``sealer`` is the one for conflicts."""
    if (command.organisation_id is None) == (command.words is None):
        raise Rejected("Name an organisation, or say in words who it is.").at("words")
    if command.valid_to is not None and command.valid_to < command.valid_from:
        raise Rejected("The last day is before the first.").at("valid_to")
    if command.organisation_id is not None:
        organisation = tx.session.get(Organisation, command.organisation_id)
        if organisation is None or not organisation.active:
            raise Rejected("There is no such organisation.").at("organisation_id")
    conflict_id = f"c-{token_hex(5)}"
    words = None
    if command.words is not None:
        words = sealer.seal(command.words.encode(), about=conflict_id)
    said = {**vars(command), "words": words}
    tx.add(Conflict(id=conflict_id, member_id=by.id, declared_at=tx.now, **said))
    return conflict_id


def end_conflict(tx: Transaction, by: Actor, conflict_id: str) -> None:
    """It holds no longer than today; what was declared stays on record. Raises NotFound."""
    found = tx.session.get(Conflict, conflict_id)
    if found is None or found.member_id != by.id:
        raise NotFound("There is no such record.")
    today = day_in_china(tx.now)
    if found.valid_to is None or found.valid_to > today:
        found.valid_to = max(today, found.valid_from)
