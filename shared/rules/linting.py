"""What is wrong with a rule-set although each of its rows is well formed.

Whether a row can be reached is decided exactly, by trying one value of each fact for each way in
which the fact's value can meet the questions asked about it (so both sides of every threshold).
What cannot be seen: that facts never occur together in real life, so a row may be reachable for
the rules and yet never be needed. Where there are too many combinations, the finding says so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product
from math import prod

from shared.rules.conditions import Condition, Leaf
from shared.rules.facts import Fact, Kind, Value
from shared.rules.rule_set import Row, Rule, RuleSet

MAX_COMBINATIONS = 100_000
UNDECIDED = "undecided"
OTHER = "(another code)"

Coverage = Mapping[str, Mapping[str, bool]]
"""Route -> area -> whether somebody is there to take a case. A route without any area is one that
cannot arise at present; a route that is left out is served by nobody."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """``rule`` is the row, or empty when it is about the whole; ``problem`` is an English text."""

    file: str
    code: str
    rule: str
    problem: str

    def __str__(self) -> str:
        place = f"{self.file}, row {self.rule}" if self.rule else self.file
        return f"{place}: {self.problem}"


def lint(
    rule_set: RuleSet,
    coverage: Coverage | None = None,
    *,
    max_combinations: int = MAX_COMBINATIONS,
) -> list[Finding]:
    """Everything found; without ``coverage`` the rule-set is looked at alone."""
    found = [*_unreachable(rule_set, max_combinations), *_pointless_routes(rule_set)]
    if coverage is not None:
        found += _not_served(rule_set, coverage)
    return found


def _unreachable(rule_set: RuleSet, limit: int) -> Iterator[Finding]:
    above: list[Rule] = []
    for row in rule_set.rows:
        for rule in (*row.branches, row):
            yield from _reach(rule_set, rule, above, limit)
        above.append(row)
    for rule in (*rule_set.overlays, *rule_set.parallel):
        yield from _reach(rule_set, rule, (), limit)


def _reach(rule_set: RuleSet, rule: Rule, above: Sequence[Rule], limit: int) -> Iterator[Finding]:
    values = _values_to_try(rule.condition, above)
    if prod(map(len, values.values())) > limit:
        yield _finding(rule_set, UNDECIDED, rule, "has too many combinations of facts to try")
        return
    takers: dict[str, None] = {}
    for combination in product(*values.values()):
        facts = dict(zip(values, combination, strict=True))
        if rule.condition.holds(facts):
            first = next((row.id for row in above if row.condition.holds(facts)), None)
            if first is None:
                return
            takers[first] = None
    problem = (
        f"can never decide, {', '.join(takers)} above match first" if takers else "can never match"
    )
    yield _finding(rule_set, "unreachable_row", rule, problem)


def _values_to_try(target: Condition, above: Sequence[Rule]) -> dict[str, Sequence[Value]]:
    """For a fact that only the rows above ask about, a value that they all answer with no is
    enough, if there is one: the language has no negation, so another value cannot help.
    """
    own = {leaf.fact.name for leaf in target.leaves()}
    asked: dict[str, list[Leaf]] = {}
    for leaf in chain(target.leaves(), *(row.condition.leaves() for row in above)):
        asked.setdefault(leaf.fact.name, []).append(leaf)
    tried: dict[str, Sequence[Value]] = {}
    for name, leaves in asked.items():
        by_answers = _by_answers(leaves)
        quiet = (False,) * len(leaves)
        alone = name not in own and quiet in by_answers
        tried[name] = [by_answers[quiet]] if alone else list(by_answers.values())
    return tried


def _by_answers(leaves: Sequence[Leaf]) -> dict[tuple[bool, ...], Value]:
    """One value of the fact for each combination of answers to the questions about it."""
    found: dict[tuple[bool, ...], Value] = {}
    for value in _candidates(leaves[0].fact, leaves):
        found.setdefault(tuple(leaf.answer(value) for leaf in leaves), value)
    if leaves[0].fact.kind is Kind.CODES:
        # A set answers as its codes do together, so joining representatives finds every answer.
        for single in list(found.values()):
            for several in list(found.values()):
                joined = _joined(single, several)
                found.setdefault(tuple(leaf.answer(joined) for leaf in leaves), joined)
    return found


def _joined(one: Value, other: Value) -> Value:
    return one | other if isinstance(one, frozenset) and isinstance(other, frozenset) else one


def _candidates(fact: Fact, leaves: Iterable[Leaf]) -> Iterable[Value]:
    match fact.kind:
        case Kind.KNOWN:
            return ("unknown", "no", "yes")
        case Kind.FLAG:
            return (False, True)
        case Kind.COUNT | Kind.AMOUNT:
            limits = sorted(leaf.operand for leaf in leaves if isinstance(leaf.operand, int))
            around = chain.from_iterable((limit - 1, limit, limit + 1) for limit in limits)
            return (None, *(number for number in around if number >= 0))
        case Kind.CODE:
            return (None, *(fact.codes or _mentioned(leaves)))
        case Kind.CODES:
            codes = fact.codes or _mentioned(leaves)
            return (frozenset[str](), *(frozenset({code}) for code in codes))


def _mentioned(leaves: Iterable[Leaf]) -> list[str]:
    codes = {OTHER}
    for leaf in leaves:
        if isinstance(leaf.operand, str):
            codes.add(leaf.operand)
        elif isinstance(leaf.operand, frozenset):
            codes |= leaf.operand
    return sorted(codes)


def _pointless_routes(rule_set: RuleSet) -> Iterator[Finding]:
    taken = {row.route for row in rule_set.rows}
    for route in rule_set.routes:
        if route not in taken:
            yield _finding(rule_set, "unused_route", None, f"no row leads to {route}")


def _not_served(rule_set: RuleSet, coverage: Coverage) -> Iterator[Finding]:
    for route in dict.fromkeys(row.route for row in rule_set.rows):
        row = next(row for row in rule_set.rows if row.route == route)
        areas = coverage.get(route)
        if areas is None or (areas and not any(areas.values())):
            yield _finding(rule_set, "unserved_route", row, f"nobody serves {route}")
            continue
        for area, served in areas.items():
            if not served:
                problem = f"area {area} has no active member for {route}"
                yield _finding(rule_set, "unserved_area", row, problem)


def _finding(rule_set: RuleSet, code: str, rule: Rule | Row | None, problem: str) -> Finding:
    return Finding(file=rule_set.file, code=code, rule=rule.id if rule else "", problem=problem)
