"""What a receipt tells: how far the matter is, and nothing about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, bindparam, select, union_all
from sqlalchemy.orm import Session

from services.intake.lifecycle import WORDS, Status, status
from services.intake.models.seals import Seals
from services.intake.models.tables import disputes, leads
from shared.clock import day_in_china
from shared.errors import NotFound

_FIND: Select[tuple[object, ...]] = select(
    union_all(
        *(
            select(table.c.filed_at, table.c.changed_at, table.c.state, table.c.route).where(
                table.c.receipt == bindparam("fingerprint")
            )
            for table in (disputes, leads)
        )
    ).subquery()
)


@dataclass(frozen=True, kw_only=True)
class Told:
    """Days are those of China."""

    status: Status
    in_words: Mapping[str, str]
    registered_on: date
    changed_on: date


def told_by(session: Session, seals: Seals, receipt: str) -> Told:
    """Raises NotFound."""
    found = session.execute(_FIND, {"fingerprint": seals.receipt.fingerprint(receipt)}).first()
    if found is None:
        raise NotFound("There is no such receipt. Please compare the sixteen digits.")
    reached = status(found.state, found.route)
    return Told(
        status=reached,
        in_words=WORDS[reached],
        registered_on=day_in_china(found.filed_at),
        changed_on=day_in_china(found.changed_at),
    )
