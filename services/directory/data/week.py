"""The duty rota of one week, as it hangs on a wall: who has which day."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from shared.events.directory import DutyPublished

DAYS = 7


@dataclass(frozen=True, kw_only=True)
class Line:
    """One role in one area: for each day the ids of the members."""

    role: str
    area: str
    days: Sequence[Sequence[str]]


def days_around(day: date) -> tuple[date, ...]:
    """Monday to Sunday."""
    monday = day - timedelta(days=day.weekday())
    return tuple(monday + timedelta(days=number) for number in range(DAYS))


def week(places: Iterable[DutyPublished], days: Sequence[date]) -> Sequence[Line]:
    """A line for each role and area, in the order in which they come."""
    lines: dict[tuple[str, str], dict[date, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in places:
        line = lines[one.role, one.area]
        for day in _on_duty(one, days):
            line[day].append(one.member_id)
    return [
        Line(role=role, area=area, days=[line[day] for day in days])
        for (role, area), line in lines.items()
    ]


def _on_duty(place: DutyPublished, days: Sequence[date]) -> Iterator[date]:
    for day in days:
        until = place.valid_to or day
        if day.isoweekday() in place.weekdays and place.valid_from <= day <= until:
            yield day
