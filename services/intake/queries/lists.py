"""What the lists of disputes and of leads have in common: filters, order, whose they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Table, false, or_, select
from sqlalchemy.orm import Session

from services.intake.models.numbers import running_number
from shared.db.walks import MOST_PIECES, Walk, in_order, unindexed, values_between, walked
from shared.errors import Malformed, NotFound
from shared.web.paging import Cursor, cut

AREA_DIGITS = 15


@dataclass(frozen=True, kw_only=True)
class Filters:
    """``area`` also finds what lies within; ``q`` is a registration number or its last part."""

    cursor: Cursor | None = None
    limit: int = 50
    state: str | None = None
    area: str | None = None
    q: str | None = None
    mine: bool = False


def page_of(
    session: Session,
    table: Table,
    wanted: Filters,
    conditions: Sequence[ColumnElement[bool]],
    alternatives: Sequence[Sequence[ColumnElement[bool]]] = (),
    *,
    theirs_only: bool = False,
) -> tuple[Sequence[Row[Any]], str | None]:
    """The newest first, and the cursor of the next page if there is one.

    ``alternatives``: of each of them one condition must hold besides; all have an index by time.
    ``theirs_only``: those of one person, whose index knows the state.
    """
    areas = _areas(session, table, wanted.area) if wanted.area else None
    every = [*conditions, *_filters(table, wanted, by_state=not theirs_only)]
    choices = [each for each in (*alternatives, areas) if each is not None]
    pieces = [[*chosen, *every] for chosen in product(*choices)]
    after = _place(wanted.cursor) if wanted.cursor else None
    walk = Walk(limit=wanted.limit + 1, after=after)
    if not pieces:
        return [], None
    rows = walked(table.c.filed_at, table.c.id, pieces, walk)
    query = select(table).join(rows, rows.c.id == table.c.id).order_by(*in_order(rows, walk))
    found = session.execute(query).all()
    return cut(found, wanted.limit, lambda row: Cursor(row.filed_at, str(row.id)))


def one(
    session: Session, table: Table, case_id: UUID, conditions: Sequence[ColumnElement[bool]] = ()
) -> Row[Any]:
    """Raises NotFound, also for one that the actor may not see."""
    found = session.execute(select(table).where(table.c.id == case_id, *conditions)).first()
    if found is None:
        raise NotFound("There is no such registration, or you may not see it.")
    return found


def theirs(*columns: tuple[ColumnElement[Any], str | None]) -> ColumnElement[bool]:
    """Where one of the columns names them; a value of None names nobody."""
    named = [column == value for column, value in columns if value is not None]
    return or_(false(), *named)


def _filters(table: Table, wanted: Filters, *, by_state: bool) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        state = table.c.state if by_state else unindexed(table.c.state)
        found.append(state == wanted.state)
    if wanted.q is not None:
        found.append(table.c.seq == running_number(wanted.q))
    return found


def _areas(session: Session, table: Table, area: str) -> Sequence[ColumnElement[bool]]:
    """What lies in the area: each of the places that occur there. So many that they cannot be
    walked one by one hold so much that walking from the newest finds a page at once.
    """
    last = area.ljust(AREA_DIGITS, "9")
    found = values_between(session, table.c.area, area, last)
    if len(found) > MOST_PIECES:
        return [table.c.community.between(area, last)]
    grid = [table.c.grid == area] if len(area) == AREA_DIGITS else []
    return [*(table.c.area == each for each in found), *grid]


def _place(cursor: Cursor) -> tuple[datetime, UUID]:
    try:
        return cursor.at, UUID(cursor.id)
    except ValueError as error:
        text = "This is not a cursor that was given out here."
        raise Malformed(text, fields={"cursor": text}) from error
