"""Reading a rule file strictly: whatever is missing, misspelt or left over names its place."""

from collections.abc import Container, Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal

import yaml

Language = Literal["zh", "en"]


class RuleSetError(Exception):
    """A rule file that must not decide anything; the text names the file and the row."""


@dataclass(frozen=True, kw_only=True)
class Words:
    zh: str
    en: str

    def of(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


class _Loader(yaml.CSafeLoader):
    """YAML in which ``yes`` and ``no`` are words, and a key cannot stand twice."""

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002  PyYAML's signature
    ) -> dict[Hashable, object]:
        found = super().construct_mapping(node, deep=deep)
        if len(found) < len(node.value):
            raise yaml.constructor.ConstructorError(
                None, None, "a key stands twice", node.start_mark
            )
        return found


_BOOL = "tag:yaml.org,2002:bool"
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if tag != _BOOL or first in "tTfF"]
    for first, known in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class Node:
    """A value, and where it stands: in which file, and at which place there."""

    value: object
    file: str
    place: str = ""

    def error(self, what: str) -> RuleSetError:
        return RuleSetError(f"{self.file}, {self.place}: {what}")

    def at(self, place: str) -> "Node":
        return Node(self.value, self.file, place)

    def mapping(self) -> dict[str, "Node"]:
        if not isinstance(self.value, Mapping):
            raise self.error("must be a mapping")
        return {str(key): self._inner(value, f".{key}") for key, value in self.value.items()}

    def _inner(self, value: object, step: str) -> "Node":
        return Node(value, self.file, f"{self.place}{step}".removeprefix("."))

    def fields(
        self, *, needed: tuple[str, ...], allowed: tuple[str, ...] = ()
    ) -> dict[str, "Node"]:
        """The mapping's values; raises when a key is missing, or is neither needed nor allowed."""
        found = self.mapping()
        if missing := [key for key in needed if key not in found]:
            raise self.error(f"{', '.join(missing)} is missing")
        if unknown := sorted(found.keys() - {*needed, *allowed}):
            raise self.error(f"unknown key {', '.join(unknown)}")
        return found

    def items(self) -> Iterator["Node"]:
        if not isinstance(self.value, list):
            raise self.error("must be a list")
        for index, value in enumerate(self.value, start=1):
            yield self._inner(value, f"[{index}]")

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.error("must be a text")
        return self.value.strip()

    def texts(self, *, among: Container[str] | None = None) -> tuple[str, ...]:
        """Texts without a repetition, each of them ``among`` those that may stand here."""
        found = tuple(item.text() for item in self.items())
        if len(set(found)) < len(found):
            raise self.error("names something twice")
        for text in found:
            if among is not None and text not in among:
                raise self.error(f"{text} is not declared in this file")
        return found

    def integer(self) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool) or self.value < 0:
            raise self.error("must be a whole number, 0 or more")
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            raise self.error("must be true or false")
        return self.value

    def day(self) -> date:
        if not isinstance(self.value, date) or isinstance(self.value, datetime):
            raise self.error("must be a day, as in 2026-01-31")
        return self.value

    def words(self) -> Words:
        found = self.fields(needed=("zh", "en"))
        return Words(zh=found["zh"].text(), en=found["en"].text())


def read(path: Path) -> Node:
    """The file's content; raises RuleSetError when it is not YAML."""
    try:
        with path.open(encoding="utf-8") as file:
            return Node(yaml.load(file, Loader=_Loader), path.name)  # noqa: S506  a safe loader
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise RuleSetError(f"{path.name}: cannot be read: {error}") from error
