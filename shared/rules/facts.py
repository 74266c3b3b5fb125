"""What a rule may ask about: facts, each of one kind, with words for people."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.rules.reading import Node, Words

Value = str | int | frozenset[str] | None
Facts = Mapping[str, Value]


class Kind(StrEnum):
    """How a fact's value looks, and what absence means."""

    KNOWN = "known"
    """``yes``, ``no`` or ``unknown``, and unknown is not no."""
    FLAG = "flag"
    """True or False: never in doubt."""
    CODE = "code"
    """One code, or None when there is none."""
    CODES = "codes"
    """A frozenset of codes, perhaps empty."""
    COUNT = "count"
    """A whole number, or None when nobody knows: then it meets no comparison."""
    AMOUNT = "amount"
    """Money: fen in facts, yuan in rule files; None when nobody knows."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """``codes`` are the codes it may have; empty means that any will do."""

    name: str
    kind: Kind
    words: Words
    codes: Mapping[str, Words]


def read_fact(name: str, node: Node) -> Fact:
    found = node.fields(needed=("kind", "zh", "en"), allowed=("codes",))
    kind = found["kind"].text()
    if kind not in set(Kind):
        raise found["kind"].error(f"{kind} is no kind of fact; there are {', '.join(Kind)}")
    if "codes" in found and kind not in {Kind.CODE, Kind.CODES}:
        raise found["codes"].error(f"a {kind} has no codes")
    codes = found["codes"].mapping() if "codes" in found else {}
    return Fact(
        name=name,
        kind=Kind(kind),
        words=Words(zh=found["zh"].text(), en=found["en"].text()),
        codes={code: words.words() for code, words in codes.items()},
    )
