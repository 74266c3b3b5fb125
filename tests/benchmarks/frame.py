"""What a benchmark is and what it gives back: plain figures, of which the page is written.

A module of this folder is a benchmark if it has a constant ``BENCHMARK``. Figures are comparable
only inside one run, where those who are compared take turns (``take_turns``).
"""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How to measure. ``quick``: a smoke test, whose figures mean nothing. ``folder`` is empty, on
    a real disk, and removed afterwards.
    """

    quick: bool
    folder: Path

    def pick(self, usual: int, quick: int) -> int:
        """A size: of a real run, or of a quick one."""
        return quick if self.quick else usual


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One measured thing in one unit: a bar of the picture and a row of the table.

    ``values`` are those of the rounds; what is shown is their median, and their spread.
    ``more`` are further columns, by title.
    """

    group: str
    label: str
    values: Sequence[float]
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def median(self) -> float:
        return statistics.median(self.values)


@dataclass(frozen=True, kw_only=True)
class Check:
    """A figure against its target: ``at_least`` or ``at_most`` this; neither for a mere figure."""

    says: str
    value: float
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool | None:
        if self.at_least is not None:
            return self.value >= self.at_least
        if self.at_most is not None:
            return self.value <= self.at_most
        return None


@dataclass(frozen=True, kw_only=True)
class Result:
    """``how`` says in a paragraph what was measured and how, ``bound`` what holds it back.
    ``own_scales``: the groups of bars are of different units.
    """

    title: str
    unit: str
    how: str
    bars: Sequence[Bar]
    checks: Sequence[Check]
    bound: str
    lower_is_better: bool = False
    own_scales: bool = False


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """``number`` is its place on the page, ``name`` what one types to run it alone."""

    number: int
    name: str
    run: Callable[[Setting], Result]


def take_turns(
    sides: Mapping[str, Callable[[], float]], rounds: int, say: Callable[[str], None] = print
) -> dict[str, list[float]]:
    """A figure per side and round: A B, B A, A B … after one round that does not count."""
    names = list(sides)
    found: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds + 1):
        for name in names if number % 2 else names[::-1]:
            value = sides[name]()
            if number:
                found[name].append(value)
            say(f"  {'round ' + str(number) if number else 'warm-up'}: {name} {value:,.4g}")
    return found


def ratio(first: Sequence[float], second: Sequence[float]) -> float:
    """The median of the ratios of each round: a slow moment of the machine meets both sides."""
    return statistics.median(a / b for a, b in zip(first, second, strict=True))


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which this share of them lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
