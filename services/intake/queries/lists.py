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
from shared.db.areas import LONGEST_AREA, areas_within, within
from shared.db.walks import Walk, unindexed, walked
from shared.errors import Malformed, NotFound
from shared.web.paging import Cursor, cut


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
    found = session.execute(walked(table, table.c.filed_at, table.c.id, pieces, walk)).all()
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
    """What lies in the area: each of the places that occur there."""
    found = areas_within(session, table.c.area, area)
    if found is None:
        return [within(table.c.community, area)]
    grid = [table.c.grid == area] if len(area) == LONGEST_AREA else []
    return [*(table.c.area == each for each in found), *grid]


def _place(cursor: Cursor) -> tuple[datetime, UUID]:
    try:
        return cursor.at, UUID(cursor.id)
    except ValueError as error:
        text = "This is not a cursor that was given out here."
        raise Malformed(text, fields={"cursor": text}) from error
