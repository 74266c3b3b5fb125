"""A rule-set: one version of a decision table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from shared.rules.conditions import Condition
from shared.rules.facts import Fact
from shared.rules.reading import Words

Extra = str | bool


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a rule comes from, and how certain that is (a tag of the file's ``certainty``)."""

    words: Words
    certainty: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A condition with a name and a meaning; by itself a named branch of a row's ``any``."""

    id: str
    condition: Condition
    says: Words
    law: tuple[Source, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Row(Rule):
    """The first row that matches decides the route, and brings along what else it names."""

    band: str
    route: str
    branches: tuple[Rule, ...]
    overlays: tuple[str, ...]
    parallel: tuple[str, ...]
    extras: Mapping[str, Extra]


@dataclass(frozen=True, kw_only=True)
class Addition(Rule):
    """An overlay or a parallel action: each one that matches counts, whatever the route is."""

    code: str


@dataclass(frozen=True, kw_only=True)
class RuleSet:
    """``valid_from`` and ``valid_to`` are the first and the last day of filing it is for."""

    file: str
    name: str
    version: str
    valid_from: date
    valid_to: date | None
    certainty: Mapping[str, Words]
    facts: Mapping[str, Fact]
    bands: Mapping[str, Words]
    routes: tuple[str, ...]
    rows: tuple[Row, ...]
    overlays: tuple[Addition, ...]
    parallel: tuple[Addition, ...]

    def rules(self) -> Iterator[Rule]:
        """Every rule with an id: branches and their rows, overlays, parallel actions."""
        for row in self.rows:
            yield from row.branches
            yield row
        yield from self.overlays
        yield from self.parallel
