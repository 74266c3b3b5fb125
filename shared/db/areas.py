"""Area codes in conditions: those of lower levels begin with those of the higher.

A range of digits means the same in every collation, and an index serves it.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.db.walks import MOST_PIECES, values_between

LONGEST_AREA = 15
"""Digits of a grid's code, the lowest level there is."""


def last_within(area: str) -> str:
    return area.ljust(LONGEST_AREA, "9")


def within(
    column: ColumnElement[Any] | InstrumentedAttribute[Any], area: str
) -> ColumnElement[bool]:
    """The area is this one or lies in it."""
    return column.between(area, last_within(area))


def narrowed(areas: Sequence[str], wanted: str | None) -> Iterator[str]:
    """What of somebody's areas is asked for: the lower of two where one lies in the other."""
    for area in areas:
        if wanted is None or area.startswith(wanted):
            yield area
        elif wanted.startswith(area):
            yield wanted


def areas_within(
    session: Session,
    column: ColumnElement[Any] | InstrumentedAttribute[Any],
    area: str,
    *,
    most: int = MOST_PIECES,
) -> list[str] | None:
    """Those of an indexed column. None when there are more than ``most``, which would take too
    long to walk one by one; but then they hold so much that any walk finds a page at once.
    """
    found = values_between(session, column, area, last_within(area), most=most)
    return found if len(found) <= most else None
