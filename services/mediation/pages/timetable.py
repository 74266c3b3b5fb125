"""A week as a table of half hours: which cell begins where, and how far down it reaches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.mediation.queries import Booked

SLOT = 30
"""Minutes."""
OPENS, CLOSES = 9 * 60, 17 * 60
"""What a week shows at least; sessions in the evening make it longer."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """``rows`` half hours of one day; ``booked`` are several where sessions overlap, none where
    the day is free.
    """

    day: int
    rows: int = 1
    booked: Sequence[Booked] = ()


Row = tuple[int, Sequence[Cell]]
"""The minute of the day, and the cells that begin then: none for a day whose cell reaches over."""


def timetable(days: Sequence[Sequence[Booked]]) -> Sequence[Row]:
    """``days`` are each in the order of the day."""
    every = [one for day in days for one in day]
    first = min([OPENS, *(_floor(one.begins) for one in every)])
    last = max([CLOSES, *(_ceiling(one.ends) for one in every)])
    columns = [list(_column(number, day, first, last)) for number, day in enumerate(days)]
    return [
        (minute, [cell for column in columns for begins, cell in column if begins == minute])
        for minute in range(first, last, SLOT)
    ]


def _column(
    number: int, day: Sequence[Booked], first: int, last: int
) -> Iterator[tuple[int, Cell]]:
    free = first
    for begins, ends, booked in _together(day):
        yield from ((minute, Cell(day=number)) for minute in range(free, begins, SLOT))
        yield begins, Cell(day=number, rows=(ends - begins) // SLOT, booked=booked)
        free = ends
    yield from ((minute, Cell(day=number)) for minute in range(free, last, SLOT))


def _together(day: Sequence[Booked]) -> Iterator[tuple[int, int, Sequence[Booked]]]:
    """Sessions that share a half hour stand in one cell."""
    group: list[Booked] = []
    for one in day:
        if group and _floor(one.begins) >= max(_ceiling(each.ends) for each in group):
            yield _whole(group)
            group = []
        group.append(one)
    if group:
        yield _whole(group)


def _whole(group: Sequence[Booked]) -> tuple[int, int, Sequence[Booked]]:
    return _floor(group[0].begins), max(_ceiling(one.ends) for one in group), tuple(group)


def _floor(minute: int) -> int:
    return minute - minute % SLOT


def _ceiling(minute: int) -> int:
    return -(-minute // SLOT) * SLOT
