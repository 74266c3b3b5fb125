"""What codes are called in Chinese and English; the words stand in ``words.yaml``.

Not for sentences of pages: those are translated by gettext. A code is data, and so is its name.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec
import yaml

from shared.readable import readable

WORDS = Path(__file__).with_name("words.yaml")


@readable
class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One code in both languages."""

    zh: Annotated[str, msgspec.Meta(min_length=1)]
    en: Annotated[str, msgspec.Meta(min_length=1)]


def read_words(path: Path) -> Mapping[str, Mapping[str, Words]]:
    """Kind -> code -> words, in the order of the file; raises msgspec.ValidationError."""
    # The safe loader written in C: ten times as fast, and every process start waits for it.
    found = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    return msgspec.convert(found, type=dict[str, dict[str, Words]])


@cache
def _words() -> Mapping[str, Mapping[str, Words]]:
    return read_words(WORDS)


def label(kind: str, code: str, language: str) -> str:
    """What the code is called; a code without words stands for itself, and so does one of an
    unknown kind. Any language but Chinese gets English.
    """
    found = _words().get(kind, {}).get(code)
    if found is None:
        return code
    return found.zh if language.startswith("zh") else found.en


def codes(kind: str) -> tuple[str, ...]:
    """The codes of one kind, in the order in which they are shown; raises KeyError."""
    return tuple(_words()[kind])


def kinds() -> tuple[str, ...]:
    return tuple(_words())
