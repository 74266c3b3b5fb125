"""Reads JSON that means one thing only: what two readers could take differently is refused."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from shared.errors import Malformed
from shared.web.i18n import N_

MAX_DEPTH = 16
MAX_DIGITS = 18
MAX_NAMED = 20
MAX_VALUES = 2_000
"""Far above the largest registration; every value costs time to look at."""

_UNSAFE = re.compile("[\x00\ud800-\udfff]")
_ESCAPED_UNSAFE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
"""The only way in which an unsafe character comes into valid UTF-8 that is valid JSON."""


class _Hooks:
    """What the parser calls; ``odd`` as soon as something must be refused."""

    def __init__(self) -> None:
        self.odd = False

    def pairs(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        plain = dict(pairs)
        if len(plain) == len(pairs):
            return plain
        self.odd = True
        return _Twice(pairs)

    def whole(self, text: str) -> object:
        return int(text) if len(text) <= MAX_DIGITS else self.constant(text)

    def fraction(self, text: str) -> object:
        number = float(text)
        return number if math.isfinite(number) else self.constant(text)

    def constant(self, _text: str) -> object:
        self.odd = True
        return _NoNumber()


class _Twice(dict[str, object]):
    """An object that gave a key twice."""

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        counts = Counter(key for key, _ in pairs)
        self.keys_twice = sorted(key for key, count in counts.items() if count > 1)


class _NoNumber:
    """Stands where a number was that not every reader can hold."""


def read_json(raw: bytes) -> object:
    """Raises Malformed, naming the fields concerned where there are any."""
    hooks = _Hooks()
    try:
        found: object = json.loads(
            raw.decode(),
            object_pairs_hook=hooks.pairs,
            parse_int=hooks.whole,
            parse_float=hooks.fraction,
            parse_constant=hooks.constant,
        )
    except UnicodeDecodeError as error:
        raise Malformed("This is not valid UTF-8.") from error
    except ValueError as error:
        raise Malformed("This is not valid JSON.") from error
    except RecursionError as error:
        raise Malformed("This is nested too deeply.") from error
    if hooks.odd or not _certainly_fine(raw, found):
        _look(found)
    return found


def _certainly_fine(raw: bytes, found: object) -> bool:
    """A quick look at what the parser took; where it cannot be sure, the thorough one follows."""
    most = 1 + raw.count(b",") + raw.count(b"[") + raw.count(b"{")  # no value without one of them
    return most <= MAX_VALUES and not _ESCAPED_UNSAFE.search(raw) and not _nested_deeply([found])


def _nested_deeply(level: list[object]) -> bool:
    for _ in range(MAX_DEPTH + 1):
        groups = [one for one in level if type(one) is dict or type(one) is list]
        if not groups:
            return False
        level = [inner for one in groups for inner in (one.values() if type(one) is dict else one)]
    return True


def _look(found: object) -> None:
    """Raises Malformed, naming the fields concerned."""
    if _is_more_than(found, MAX_VALUES):
        raise Malformed("This holds too many values.")
    faults: dict[str, str] = {}
    for path, text in _faults(found, "", 0):
        faults[path[:200]] = text
        if len(faults) == MAX_NAMED:
            break
    if faults:
        raise Malformed("This is not JSON that can be taken in one way only.", fields=faults)


def _is_more_than(value: object, limit: int) -> bool:
    """Counts values, and stops at the limit."""
    left = [value]
    while left and limit >= 0:
        limit -= 1
        one = left.pop()
        if isinstance(one, dict):
            left.extend(islice(one.values(), limit + 1))
        elif isinstance(one, list):
            left.extend(one[: limit + 1])
    return limit < 0


def _faults(value: object, path: str, depth: int) -> Iterator[tuple[str, str]]:
    match value:
        case str() if _UNSAFE.search(value):
            yield path, N_("This text holds a character that is not allowed.")
        case _NoNumber():
            yield path, N_("This is not a number that can be kept.")
        case dict() | list() if depth == MAX_DEPTH:
            yield path, N_("This is nested too deeply.")
        case dict():
            yield from _faults_of_names(value, path)
            for key, inner in value.items():
                yield from _faults(inner, _join(path, key), depth + 1)
        case list():
            for index, inner in enumerate(value):
                yield from _faults(inner, _join(path, str(index)), depth + 1)
        case _:
            pass


def _faults_of_names(found: dict[str, object], path: str) -> Iterator[tuple[str, str]]:
    if isinstance(found, _Twice):
        for key in found.keys_twice:
            yield _join(path, key), N_("This is given twice.")
    for key in found:
        if _UNSAFE.search(key):
            yield _join(path, key), N_("This text holds a character that is not allowed.")


def _join(path: str, name: str) -> str:
    safe = _UNSAFE.sub("?", name)
    return f"{path}.{safe}" if path else safe
