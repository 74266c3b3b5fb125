"""All versions of a rule-set: a case is decided by the one that was valid when it was filed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from shared.rules.facts import Kind
from shared.rules.linting import UNDECIDED, lint
from shared.rules.loading import load_rule_set
from shared.rules.reading import RuleSetError
from shared.rules.rule_set import RuleSet


@dataclass(frozen=True)
class RuleBook:
    """Versions without a gap or an overlap, the oldest first.

    A version without ``valid_to`` ends on the day before the next begins, so that a new version
    is one new file.
    """

    versions: tuple[RuleSet, ...]

    def on(self, day: date) -> RuleSet:
        """Raises RuleSetError for a day that no version covers."""
        for version in reversed(self.versions):
            if version.valid_from <= day:
                if version.valid_to is None or day <= version.valid_to:
                    return version
                break
        raise RuleSetError(f"{self.versions[0].name}: no version is valid on {day}")

    def version(self, name: str) -> RuleSet:
        """Raises RuleSetError when there is none of this name."""
        for version in self.versions:
            if version.version == name:
                return version
        raise RuleSetError(f"{self.versions[0].name}: there is no version {name}")


def load_book(folder: Path, *, name: str, known: Mapping[str, Kind]) -> RuleBook:
    """All files of the folder that begin with the rule-set's short name (``mediation.routing``:
    ``routing-*.yaml``); ``known`` are the facts that the program can give.

    Raises RuleSetError, also for what lint finds in a rule-set.
    """
    files = sorted(folder.glob(f"{name.rpartition('.')[2]}-*.yaml"))
    if not files:
        raise RuleSetError(f"{name}: there is no rule file")
    return rule_book([load(file, name=name, known=known) for file in files])


def load(file: Path, *, name: str, known: Mapping[str, Kind]) -> RuleSet:
    """One version, which may be a draft that no book holds yet; raises RuleSetError."""
    found = load_rule_set(file)
    if found.name != name:
        raise RuleSetError(f"{found.file}, name: {found.name} instead of {name}")
    for fact in found.facts.values():
        if known.get(fact.name) is not fact.kind:
            raise RuleSetError(
                f"{found.file}, facts.{fact.name}: the program has no such fact"
                if fact.name not in known
                else f"{found.file}, facts.{fact.name}: it is a {known[fact.name]}"
            )
    if problems := [one for one in lint(found) if one.code != UNDECIDED]:
        raise RuleSetError("\n".join(map(str, problems)))
    return found


def rule_book(versions: Sequence[RuleSet]) -> RuleBook:
    """Raises RuleSetError unless each version begins on the day after the one before it ended."""
    ordered = sorted(versions, key=lambda version: version.valid_from)
    if len({version.version for version in versions}) < len(versions):
        raise RuleSetError(f"{ordered[-1].name}: two files have the same version")
    for older, newer in pairwise(ordered):
        day_before = newer.valid_from - timedelta(days=1)
        end = older.valid_to or max(day_before, older.valid_from)
        if end != day_before:
            what = "overlaps" if end > day_before else "leaves a gap after"
            raise RuleSetError(f"{newer.file}, valid_from: {what} {older.file} (until {end})")
    return RuleBook(tuple(ordered))
