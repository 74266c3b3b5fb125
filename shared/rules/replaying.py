"""Deciding history again with another version: who would have gone elsewhere."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.rules.decision import decide
from shared.rules.facts import Facts
from shared.rules.rule_set import RuleSet


@dataclass(frozen=True, kw_only=True)
class Moved:
    """One case that the other version sends elsewhere."""

    subject: str
    old_route: str
    old_rule: str
    new_route: str
    new_rule: str


def replay(cases: Iterable[tuple[str, Facts]], *, old: RuleSet, new: RuleSet) -> Iterator[Moved]:
    """``cases`` are pairs of a subject and its facts; those with the same route are left out."""
    for subject, facts in cases:
        before, after = decide(old, facts), decide(new, facts)
        if before.route != after.route:
            yield Moved(
                subject=subject,
                old_route=before.route,
                old_rule=before.rule,
                new_route=after.route,
                new_rule=after.rule,
            )
