"""From a YAML file to a rule-set in which every word has been checked."""

from collections.abc import Container, Mapping
from itertools import pairwise
from pathlib import Path

from shared.rules.conditions import Always, Condition, Group, read_condition
from shared.rules.facts import Fact, read_fact
from shared.rules.reading import Node, RuleSetError, Words, read
from shared.rules.rule_set import Addition, Extra, Row, Rule, RuleSet, Source

_NEEDED = (
    *("name", "version", "valid_from", "codes", "certainty", "facts", "bands"),
    *("rows", "overlays", "parallel"),
)


def load_rule_set(path: Path) -> RuleSet:
    """Raises RuleSetError, naming the file and the row, unless everything in it is sound."""
    found = read(path).fields(needed=_NEEDED, allowed=("valid_to",))
    facts = {name: read_fact(name, node) for name, node in found["facts"].mapping().items()}
    reading = _Reading(found, facts)
    valid_to = found.get("valid_to")
    rule_set = RuleSet(
        file=path.name,
        name=found["name"].text(),
        version=found["version"].text(),
        valid_from=found["valid_from"].day(),
        valid_to=valid_to.day() if valid_to and valid_to.value is not None else None,
        certainty=reading.certainty,
        facts=facts,
        bands=reading.bands,
        routes=reading.codes["routes"],
        rows=tuple(reading.row(node) for node in found["rows"].items()),
        overlays=tuple(reading.addition(node, "overlays") for node in found["overlays"].items()),
        parallel=tuple(reading.addition(node, "parallel") for node in found["parallel"].items()),
    )
    _check(rule_set)
    return rule_set


class _Reading:
    """What the rows of one file may refer to."""

    def __init__(self, found: Mapping[str, Node], facts: Mapping[str, Fact]) -> None:
        codes = found["codes"].fields(needed=("routes", "overlays", "parallel", "extras"))
        extras = codes.pop("extras").mapping()
        self.facts = facts
        self.extras = {key: [item.value for item in node.items()] for key, node in extras.items()}
        self.codes = {key: node.texts() for key, node in codes.items()}
        self.bands = {key: node.words() for key, node in found["bands"].mapping().items()}
        self.certainty = {key: node.words() for key, node in found["certainty"].mapping().items()}

    def row(self, node: Node) -> Row:
        node = _named(node, "row")
        found = node.fields(
            needed=("id", "band", "if", "route", "says", "law"),
            allowed=("overlays", "parallel", "extras"),
        )
        branches = self._branches(found["if"])
        conditions = tuple(branch.condition for branch in branches)
        return Row(
            id=found["id"].text(),
            band=_one_of(found["band"], self.bands),
            condition=Group(every=False, parts=conditions)
            if branches
            else self._condition(found["if"], "otherwise"),
            branches=branches,
            route=_one_of(found["route"], self.codes["routes"]),
            overlays=self._codes(found.get("overlays"), "overlays"),
            parallel=self._codes(found.get("parallel"), "parallel"),
            extras=self._extras(found.get("extras")),
            says=found["says"].words(),
            law=self._law(found["law"]),
        )

    def addition(self, node: Node, group: str) -> Addition:
        node = _named(node, "row")
        found = node.fields(needed=("id", "if", "code", "says", "law"))
        return Addition(
            id=found["id"].text(),
            condition=self._condition(found["if"], "always"),
            code=_one_of(found["code"], self.codes[group]),
            says=found["says"].words(),
            law=self._law(found["law"]),
        )

    def _branches(self, node: Node) -> tuple[Rule, ...]:
        """The parts of an ``any`` when they have ids of their own: then all of them must."""
        found = node.mapping()
        parts = list(found["any"].items()) if "any" in found else []
        if not any("id" in part.mapping() for part in parts):
            return ()
        node.fields(needed=("any",))
        return tuple(self._branch(_named(part, "row")) for part in parts)

    def _branch(self, node: Node) -> Rule:
        found = node.fields(needed=("id", "if", "says"))
        return Rule(
            id=found["id"].text(),
            condition=read_condition(found["if"], self.facts),
            says=found["says"].words(),
        )

    def _condition(self, node: Node, leftover: str) -> Condition:
        if leftover not in node.mapping():
            return read_condition(node, self.facts)
        if not node.fields(needed=(leftover,))[leftover].flag():
            raise node.error(f"{leftover} can only be true")
        return Always()

    def _law(self, node: Node) -> tuple[Source, ...]:
        return tuple(self._source(item) for item in node.items())

    def _source(self, node: Node) -> Source:
        found = node.fields(needed=("zh", "en", "tag"))
        words = Words(zh=found["zh"].text(), en=found["en"].text())
        return Source(words=words, certainty=_one_of(found["tag"], self.certainty))

    def _codes(self, node: Node | None, group: str) -> tuple[str, ...]:
        return () if node is None else node.texts(among=self.codes[group])

    def _extras(self, node: Node | None) -> Mapping[str, Extra]:
        found = {} if node is None else node.mapping()
        return {key: self._extra(key, value) for key, value in found.items()}

    def _extra(self, key: str, node: Node) -> Extra:
        value = node.value
        if not isinstance(value, str | bool) or value not in self.extras.get(key, ()):
            raise node.error(f"{value} is not declared in codes.extras")
        return value


def _named(node: Node, kind: str) -> Node:
    """The same, but placed by its id, which is how people look for it."""
    name = node.mapping().get("id")
    return node if name is None else node.at(f"{kind} {name.value}")


def _one_of(node: Node, allowed: Container[str]) -> str:
    if (value := node.text()) not in allowed:
        raise node.error(f"{value} is not declared in this file")
    return value


def _check(rule_set: RuleSet) -> None:
    """What can only be seen on the whole."""
    if rule_set.valid_to and rule_set.valid_to < rule_set.valid_from:
        raise _error(rule_set, "valid_to", "is before valid_from")
    seen: set[str] = set()
    for rule in rule_set.rules():
        if rule.id in seen:
            raise _error(rule_set, f"row {rule.id}", "the id stands twice")
        seen.add(rule.id)
    _check_order(rule_set)


def _check_order(rule_set: RuleSet) -> None:
    if not rule_set.rows or not isinstance(rule_set.rows[-1].condition, Always):
        raise _error(rule_set, "rows", "the last row is not otherwise")
    for row in rule_set.rows[:-1]:
        if isinstance(row.condition, Always):
            raise _error(rule_set, f"row {row.id}", "otherwise belongs in the last row")
    bands = list(rule_set.bands)
    for above, row in pairwise(rule_set.rows):
        if bands.index(row.band) < bands.index(above.band):
            raise _error(rule_set, f"row {row.id}", f"band {row.band} ended above")


def _error(rule_set: RuleSet, place: str, what: str) -> RuleSetError:
    return RuleSetError(f"{rule_set.file}, {place}: {what}")
