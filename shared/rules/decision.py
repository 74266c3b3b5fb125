"""Deciding: rows from the top, the first that matches gives the route, and everything is noted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from shared.rules.conditions import Observed
from shared.rules.facts import Facts
from shared.rules.rule_set import Addition, Extra, Row, Rule, RuleSet


class Tried(NamedTuple):
    """A rule that was looked at, with which facts."""

    rule: Rule
    matched: bool
    facts: Facts

    @property
    def because(self) -> tuple[Observed, ...]:
        """The questions that made it match, or not match; worked out when somebody asks."""
        return self.rule.condition.reason(self.facts)


@dataclass(frozen=True, kw_only=True)
class Decision:
    """``tried`` are the rows from the top to the one that matched, each after its branches;
    ``added`` are all overlays and parallel actions. ``facts`` are all that the rules may know.
    """

    rule_set: RuleSet
    row: Row
    facts: Facts
    tried: tuple[Tried, ...]
    added: tuple[Tried, ...]

    @property
    def route(self) -> str:
        return self.row.route

    @property
    def rule(self) -> str:
        return self.row.id

    @property
    def extras(self) -> Mapping[str, Extra]:
        return self.row.extras

    @property
    def overlays(self) -> tuple[str, ...]:
        return self._codes(self.row.overlays, self.rule_set.overlays)

    @property
    def parallel(self) -> tuple[str, ...]:
        return self._codes(self.row.parallel, self.rule_set.parallel)

    def _codes(self, own: Iterable[str], group: tuple[Addition, ...]) -> tuple[str, ...]:
        matched = {tried.rule.id for tried in self.added if tried.matched}
        return tuple(dict.fromkeys((*own, *(item.code for item in group if item.id in matched))))


def decide(rule_set: RuleSet, facts: Facts) -> Decision:
    """Facts that the rule-set does not know are passed over; raises KeyError when one is missing.

    The same rule-set and facts give the same decision at any time.
    """
    facts = {name: facts[name] for name in rule_set.facts}
    tried: list[Tried] = []
    for row in rule_set.rows:
        if row.branches:
            tried += _try(row.branches, facts)
        matched = row.condition.holds(facts)
        tried.append(Tried(row, matched, facts))
        if matched:
            break
    return Decision(
        rule_set=rule_set,
        row=row,
        facts=facts,
        tried=tuple(tried),
        added=tuple(_try((*rule_set.overlays, *rule_set.parallel), facts)),
    )


def _try(rules: Iterable[Rule], facts: Facts) -> list[Tried]:
    return [Tried(rule, rule.condition.holds(facts), facts) for rule in rules]
