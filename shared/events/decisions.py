"""The part that routing decisions of every publisher have in common: how the route was found."""

from dataclasses import dataclass

from shared.events.base import Code, Count


@dataclass(frozen=True, kw_only=True)
class FactUsed:
    """One fact as the rules saw it; a fact with several codes stands once for each."""

    name: Code
    value: Code | int | bool | None


@dataclass(frozen=True, kw_only=True)
class RuleTried:
    rule: Code
    matched: bool


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Enough to decide again, with the same or another rule-set, and compare."""

    route: Code
    rule: Code
    rule_set: Code
    rule_set_version: Code
    directory_revision: Count
    facts: tuple[FactUsed, ...]
    tried: tuple[RuleTried, ...]
    overlays: tuple[Code, ...] = ()
    parallel: tuple[Code, ...] = ()
