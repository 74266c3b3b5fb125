"""Between events and rules: a registration as facts, and a decision as an event carries it."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import lru_cache
from typing import Any

from shared.events.base import Code, Count, Known
from shared.events.decisions import Explanation, FactUsed, RuleTried
from shared.events.intake import (
    CaseFacts,
    Danger,
    DisputeRegistered,
    LeadRegistered,
    PublicInterest,
)
from shared.rules import Decision, Facts, Kind, RuleSet, Value

FEN = "_fen"
"""Ends the name of an amount in events, so that nobody takes fen for yuan."""

_KINDS: Mapping[Any, Kind] = {
    Known: Kind.KNOWN,
    Count | None: Kind.COUNT,
    Code | None: Kind.CODE,
}
_ABSENT: Mapping[Kind, Value] = {
    Kind.KNOWN: "unknown",
    Kind.FLAG: False,
    Kind.CODE: None,
    Kind.COUNT: None,
    Kind.AMOUNT: None,
}


def _kinds(group: type[Danger | CaseFacts | PublicInterest]) -> Mapping[str, Kind]:
    """The facts in one group of a registration; days are none, as rules cannot ask about them."""
    return {field.name: _KINDS[field.type] for field in fields(group) if field.type in _KINDS}


_GROUPS: Mapping[str, Mapping[str, Kind]] = {
    "danger": _kinds(Danger),
    "facts": _kinds(CaseFacts),
    "public_interest": _kinds(PublicInterest),
}

REGISTERED: Mapping[str, Kind] = {
    **{name: kind for group in _GROUPS.values() for name, kind in group.items()},
    "questions": Kind.CODES,
    "origin": Kind.CODE,
    "category": Kind.CODE,
}
"""The facts that every registration has, under the names of its fields."""


def registered(event: DisputeRegistered | LeadRegistered) -> dict[str, Value]:
    """The values of all the facts in ``REGISTERED``."""
    found: dict[str, Value] = {
        name: getattr(getattr(event, group), name)
        for group, names in _GROUPS.items()
        for name in names
    }
    found["questions"] = frozenset(event.questions)
    found["origin"] = event.origin
    found["category"] = event.category
    return found


def explanation(decision: Decision, directory_revision: int) -> Explanation:
    return Explanation(
        route=decision.route,
        rule=decision.rule,
        rule_set=decision.rule_set.name,
        rule_set_version=decision.rule_set.version,
        directory_revision=directory_revision,
        facts=tuple(_used(decision)),
        tried=tuple(_tried(tried.rule.id, tried.matched) for tried in decision.tried),
        overlays=decision.overlays,
        parallel=decision.parallel,
    )


def _used(decision: Decision) -> Iterator[FactUsed]:
    for name, fact in decision.rule_set.facts.items():
        value = decision.facts[name]
        if isinstance(value, frozenset):
            yield from (_fact(name, code) for code in sorted(value))
        else:
            yield _fact(name + FEN if fact.kind is Kind.AMOUNT else name, value)


@lru_cache(maxsize=4096, typed=True)
def _fact(name: str, value: str | int | None) -> FactUsed:
    """Kept, as most decisions are made of the same few: building them anew takes twice as long."""
    return FactUsed(name=name, value=value)


@lru_cache(maxsize=1024)
def _tried(rule: str, matched: bool) -> RuleTried:  # noqa: FBT001  the cache's key
    return RuleTried(rule=rule, matched=matched)


def explained_facts(explained: Explanation, rule_set: RuleSet) -> Facts:
    """The facts behind a published decision, to decide it again; one that was not known then is
    unknown, or none.
    """
    used: dict[str, list[Value]] = {}
    for fact in explained.facts:
        used.setdefault(fact.name.removesuffix(FEN), []).append(fact.value)
    return {name: _value(fact.kind, used.get(name, [])) for name, fact in rule_set.facts.items()}


def _value(kind: Kind, used: list[Value]) -> Value:
    if kind is Kind.CODES:
        return frozenset(str(code) for code in used)
    return used[0] if used else _ABSENT[kind]
