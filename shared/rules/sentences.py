"""A decision told in plain sentences, one for each rule that was tried."""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from shared.rules.conditions import FEN, Observed, Operand
from shared.rules.decision import Decision, Tried
from shared.rules.facts import Fact, Kind, Value
from shared.rules.reading import Language, read
from shared.rules.rule_set import Row

SENTENCES = Path(__file__).with_name("sentences.yaml")
_NUMBERS = (Kind.COUNT, Kind.AMOUNT)


def in_words(decision: Decision, language: Language) -> tuple[str, ...]:
    """Why the route is what it is, and which overlays and parallel actions come with it."""
    teller = _Teller(language, decision.tried)
    added = (tried for tried in decision.added if tried.matched)
    return tuple(teller.sentence(tried) for tried in (*decision.tried, *added))


@cache
def _templates(language: Language) -> Mapping[str, str]:
    found = read(SENTENCES).mapping()[language].mapping()
    return {name: str(node.value) for name, node in found.items()}


class _Teller:
    def __init__(self, language: Language, tried: Iterable[Tried]) -> None:
        self.language = language
        self.templates = _templates(language)
        self.matched = {item.rule.id: item.matched for item in tried}

    def sentence(self, tried: Tried) -> str:
        rule = tried.rule
        if isinstance(rule, Row) and rule.branches:
            branches = [item.id for item in rule.branches if self.matched[item.id] == tried.matched]
            kind = "matched_branches" if tried.matched else "failed_branches"
            because = self.templates["next_code"].join(branches)
        else:
            kind = "failed" if not tried.matched else "matched" if tried.because else "matched_rest"
            because = self.templates["next_reason"].join(map(self.reason, tried.because))
        return self.templates[kind].format(
            rule=rule.id, because=because, says=rule.says.of(self.language)
        )

    def reason(self, seen: Observed) -> str:
        """The answer that a question got, and what it was compared with."""
        leaf = seen.leaf
        return self.templates[_template(seen)].format(
            fact=leaf.fact.words.of(self.language),
            value=self.value(leaf.fact, seen.value),
            limit=self.limit(leaf.fact, leaf.operand),
        )

    def value(self, fact: Fact, value: Value) -> str:
        if isinstance(value, bool):
            return self.templates["yes" if value else "no"]
        if isinstance(value, int):
            return self.number(fact, value, "amount")
        if value is None:
            return self.templates["unknown" if fact.kind in _NUMBERS else "none"]
        return self.codes(fact, value)

    def limit(self, fact: Fact, operand: Operand) -> str:
        if isinstance(operand, int) and not isinstance(operand, bool):
            return self.number(fact, operand, "amount_limit")
        return self.value(fact, operand)

    def codes(self, fact: Fact, value: str | frozenset[str]) -> str:
        if fact.kind is Kind.KNOWN and isinstance(value, str):
            return self.templates[value]
        given = {value} if isinstance(value, str) else value
        ordered = [code for code in fact.codes if code in given]
        words = [fact.codes[code].of(self.language) for code in ordered]
        words += sorted(given - set(ordered))
        return self.templates["next_code"].join(words) or self.templates["none"]

    def number(self, fact: Fact, value: int, template: str) -> str:
        if fact.kind is not Kind.AMOUNT:
            return self.templates["number"].format(number=value)
        grouping = "," if self.language == "en" else ""
        yuan, fen = divmod(value, FEN)
        number = f"{yuan:{grouping}}" + (f".{fen:02}" if fen else "")
        return self.templates[template].format(number=number)


def _template(seen: Observed) -> str:
    operator = seen.leaf.operator
    if seen.leaf.fact.kind in _NUMBERS:
        if seen.value is None:
            return "not_known"
        return operator if seen.holds else f"not_{operator}"
    if seen.holds or seen.value in (None, frozenset()):  # nothing there, nothing to compare
        return "met"
    return "given_after_all" if operator == "given" else operator
