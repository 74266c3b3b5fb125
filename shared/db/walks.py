"""The first rows of a long list that lies in an index in several pieces.

Rows that are wanted in order of time, but of any of some values (the states of a case, the areas
within an area), stand in an index by value and time once per value. Each piece is walked for as
many rows as are wanted, and the first of all are taken: what there is behind makes no difference.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    Table,
    false,
    func,
    literal,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

Column = ColumnElement[Any] | InstrumentedAttribute[Any]
Piece = Sequence[ColumnElement[bool]]
"""The conditions of one piece: equalities on the columns of its index before the time."""

MOST_PIECES = 60


@dataclass(frozen=True, kw_only=True)
class Walk:
    """Where to begin, in which direction, and how many rows. ``after`` is the place of the last
    row that was seen.
    """

    limit: int
    after: tuple[Any, Any] | None = None
    oldest_first: bool = False


def walked(
    rows_of: Any, at: Column, identifier: Column, pieces: Sequence[Piece], walk: Walk
) -> Select[Any]:
    """The first rows of all pieces, in order; a row may stand in several. ``rows_of``: the table
    or class, of which ``at`` and ``identifier`` are columns. None without a piece.
    """
    rows = _places(at, identifier, pieces, walk)
    query = select(rows_of).join(rows, rows.c.id == identifier)
    return query.order_by(*_order(rows.c.at, rows.c.id, walk))


def counted(
    session: Session, rows_of: type[Any] | Table, pieces: Iterable[tuple[str, Piece]], *, most: int
) -> dict[str, int]:
    """How many rows the pieces of each name hold together; counting stops at ``most``, because
    counting a million takes time.
    """
    found: dict[str, int] = {}
    parts = []
    for name, piece in pieces:
        found[name] = 0
        some = select(literal(1)).select_from(rows_of).where(*piece).limit(most).subquery()
        parts.append(select(literal(name), func.count()).select_from(some))
    for name, count in session.execute(union_all(*parts)) if parts else ():
        found[name] = min(most, found[name] + count)
    return found


def _places(at: Column, identifier: Column, pieces: Sequence[Piece], walk: Walk) -> Subquery:
    """Time and id (``at``, ``id``) of the first rows."""
    found = [_piece(at, identifier, piece, walk) for piece in pieces or [[false()]]]
    if len(found) == 1:
        return found[0].subquery()
    # Each in a query around it: SQLite knows no LIMIT inside of a compound.
    rows = union_all(*(select(each.subquery()) for each in found)).subquery()
    return (
        select(rows)
        .distinct()
        .order_by(*_order(rows.c.at, rows.c.id, walk))
        .limit(walk.limit)
        .subquery()
    )


def unindexed(column: Column) -> ColumnElement[str]:
    """The same text, for a condition that is to be no reason to choose an index."""
    return column.concat("")


def values_between(
    session: Session, column: Column, first: str, last: str, *, most: int = MOST_PIECES
) -> list[str]:
    """Which values an indexed column has there, one look per value; at most ``most`` and one."""
    start = select(func.min(column).label("value")).where(column >= first, column <= last)
    found = start.cte(recursive=True)
    following = select(func.min(column)).where(column > found.c.value, column <= last)
    found = found.union_all(select(following.scalar_subquery()).where(found.c.value.is_not(None)))
    query = select(found.c.value).where(found.c.value.is_not(None)).limit(most + 1)
    return list(session.scalars(query))


def _piece(at: Column, identifier: Column, piece: Piece, walk: Walk) -> Select[Any]:
    query = select(at.label("at"), identifier.label("id")).where(*piece)
    if walk.after is not None:
        moment, last = walk.after
        place = tuple_(literal(moment, at.type), literal(last, identifier.type))
        here = tuple_(at, identifier)
        query = query.where(here > place if walk.oldest_first else here < place)
    return query.order_by(*_order(at, identifier, walk)).limit(walk.limit)


def _order(at: Column, identifier: Column, walk: Walk) -> Sequence[ColumnElement[Any]]:
    if walk.oldest_first:
        return at.asc(), identifier.asc()
    return at.desc(), identifier.desc()
