"""What the lists of disputes and of leads have in common: filters, order, whose they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Table, and_, false, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from services.intake.models.numbers import running_number
from shared.errors import Malformed, NotFound
from shared.web.paging import Cursor, cut

COMMUNITY_DIGITS = 12
SCAN = "%"


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
    session: Session, table: Table, wanted: Filters, conditions: Sequence[ColumnElement[bool]]
) -> tuple[Sequence[Row[Any]], str | None]:
    """The newest first, and the cursor of the next page if there is one."""
    query = select(table).where(*conditions, *_filters(table, wanted))
    newest = (table.c.filed_at.desc(), table.c.id.desc())
    found = session.execute(query.order_by(*newest).limit(wanted.limit + 1)).all()
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


def _filters(table: Table, wanted: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        found.append(table.c.state == wanted.state)
    if wanted.area is not None:
        found.append(_lies_in(table, wanted.area))
    if wanted.q is not None:
        found.append(table.c.seq == running_number(wanted.q))
    if wanted.cursor is not None:
        found.append(_behind(table, wanted.cursor))
    return found


def _lies_in(table: Table, area: str) -> ColumnElement[bool]:
    """A community has an index of its own; a wider area holds so much that walking from the
    newest finds a page at once.
    """
    if len(area) < COMMUNITY_DIGITS:
        return table.c.community.like(area + SCAN)
    community: ColumnElement[bool] = table.c.community == area[:COMMUNITY_DIGITS]
    if len(area) == COMMUNITY_DIGITS:
        return community
    return and_(community, or_(table.c.area == area, table.c.grid == area))


def _behind(table: Table, cursor: Cursor) -> ColumnElement[bool]:
    try:
        identifier = UUID(cursor.id)
    except ValueError as error:
        text = "This is not a cursor that was given out here."
        raise Malformed(text, fields={"cursor": text}) from error
    place = (literal(cursor.at, table.c.filed_at.type), literal(identifier, table.c.id.type))
    return tuple_(table.c.filed_at, table.c.id) < tuple_(*place)
