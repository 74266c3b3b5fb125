"""The condition language: questions about single facts, joined by ``any`` and ``all``.

There is no ``not``: it would silently take "unknown" for "no".
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from shared.rules.facts import Fact, Facts, Kind, Value
from shared.rules.reading import Node

Operand = str | int | frozenset[str]
FEN = 100


class Observed(NamedTuple):
    """What a question found: machine data behind a decision (amounts in fen)."""

    leaf: "Leaf"
    value: Value
    holds: bool

    def as_data(self) -> dict[str, object]:
        return {
            "fact": self.leaf.fact.name,
            "operator": self.leaf.operator,
            "operand": _plain(self.leaf.operand),
            "value": _plain(self.value),
            "holds": self.holds,
        }


@dataclass(frozen=True)
class Leaf:
    """One question about one fact."""

    fact: Fact
    operator: str
    operand: Operand
    holds: Callable[[Facts], bool] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Bound once: each case asks scores of questions.
        name, test, operand = self.fact.name, _TESTS[self.operator], self.operand
        answers = (
            (lambda facts: facts[name] == operand)
            if test is _is
            else (lambda facts: test(facts[name], operand))
        )
        object.__setattr__(self, "holds", answers)

    def answer(self, value: Value) -> bool:
        return _TESTS[self.operator](value, self.operand)

    def reason(self, facts: Facts) -> tuple[Observed, ...]:
        value = facts[self.fact.name]
        return (Observed(self, value, self.answer(value)),)

    def leaves(self) -> Iterator["Leaf"]:
        yield self


@dataclass(frozen=True)
class Group:
    """Either ``every`` part must hold, or any one of them. The reason are all the questions that
    made it hold, or not.
    """

    every: bool
    parts: tuple["Condition", ...]

    def holds(self, facts: Facts) -> bool:
        for part in self.parts:  # `all` and `any` over a generator take twice as long
            if part.holds(facts) is not self.every:
                return not self.every
        return self.every

    def reason(self, facts: Facts) -> tuple[Observed, ...]:
        holds = self.holds(facts)
        decisive = (part for part in self.parts if part.holds(facts) is holds)
        return tuple(seen for part in decisive for seen in part.reason(facts))

    def leaves(self) -> Iterator[Leaf]:
        for part in self.parts:
            yield from part.leaves()


@dataclass(frozen=True)
class Always:
    """What is left over (``otherwise``), or comes to every case (``always``)."""

    def holds(self, facts: Facts) -> bool:  # noqa: ARG002  same shape as the others
        return True

    def reason(self, facts: Facts) -> tuple[Observed, ...]:  # noqa: ARG002
        return ()

    def leaves(self) -> Iterator[Leaf]:
        return iter(())


Condition = Leaf | Group | Always


def read_condition(node: Node, facts: Mapping[str, Fact]) -> Condition:
    """Raises RuleSetError for an unknown fact, and for an operator that its kind does not have."""
    found = node.mapping()
    if "fact" in found:
        return _read_leaf(node, facts)
    for word, every in (("all", True), ("any", False)):
        if word in found:
            parts = node.fields(needed=(word,))[word].items()
            read = tuple(read_condition(part, facts) for part in parts)
            if not read:
                raise node.error(f"{word} of nothing")
            return Group(every, read)
    raise node.error("a condition is one of fact, any, all")


def _read_leaf(node: Node, facts: Mapping[str, Fact]) -> Leaf:
    found = node.mapping()
    name = found.pop("fact").text()
    if name not in facts:
        raise node.error(f"unknown fact {name}")
    if len(found) != 1:
        raise node.error(f"{name} needs exactly one operator")
    [(operator, operand)] = found.items()
    reading = _OPERANDS[facts[name].kind].get(operator)
    if reading is None:
        raise node.error(f"{name} is a {facts[name].kind}, which has no operator {operator}")
    return Leaf(facts[name], operator, reading(operand, facts[name]))


def _known(node: Node, _fact: Fact) -> str:
    if (value := node.text()) not in {"yes", "no", "unknown"}:
        raise node.error("must be yes, no or unknown")
    return value


def _code(node: Node, fact: Fact) -> str:
    if (value := node.text()) not in fact.codes and fact.codes:
        raise node.error(f"{fact.name} has no code {value}")
    return value


def _codes(node: Node, fact: Fact) -> frozenset[str]:
    if not (found := node.texts(among=fact.codes or None)):
        raise node.error("names no code")
    return frozenset(found)


def _flag(node: Node, _fact: Fact) -> bool:
    return node.flag()


def _number(node: Node, fact: Fact) -> int:
    return node.integer() * (FEN if fact.kind is Kind.AMOUNT else 1)


def _is(value: Value, operand: Operand) -> bool:
    return value == operand


def _in(value: Value, operand: Operand) -> bool:
    if not isinstance(operand, frozenset):
        return False
    return not operand.isdisjoint(value) if isinstance(value, frozenset) else value in operand


def _given(value: Value, operand: Operand) -> bool:
    return (value is not None and value != frozenset()) == operand


def _compared(compare: Callable[[int, int], bool]) -> Callable[[Value, Operand], bool]:
    def holds(value: Value, operand: Operand) -> bool:
        return isinstance(value, int) and isinstance(operand, int) and compare(value, operand)

    return holds


def _plain(value: Value) -> str | int | list[str] | None:
    return sorted(value) if isinstance(value, frozenset) else value


_TESTS: Mapping[str, Callable[[Value, Operand], bool]] = {
    "is": _is,
    "in": _in,
    "given": _given,
    "at_least": _compared(int.__ge__),
    "at_most": _compared(int.__le__),
    "over": _compared(int.__gt__),
    "below": _compared(int.__lt__),
}
_NUMBERS = dict.fromkeys(("at_least", "at_most", "over", "below"), _number)
_OPERANDS: Mapping[Kind, Mapping[str, Callable[[Node, Fact], Operand]]] = {
    Kind.KNOWN: {"is": _known},
    Kind.FLAG: {"is": _flag},
    Kind.CODE: {"is": _code, "in": _codes, "given": _flag},
    Kind.CODES: {"in": _codes, "given": _flag},
    Kind.COUNT: _NUMBERS,
    Kind.AMOUNT: _NUMBERS,
}
