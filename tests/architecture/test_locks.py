"""The lock files are hashed, complete, in step with pyproject.toml, and name no address."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.architecture.tree import ROOT

RUN, DEV = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
BENCH = ROOT / "tests" / "benchmarks" / "requirements.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

PIN = re.compile(r"^([a-z0-9-]+)==(\S+) \\\n((?:    --hash=\S+(?: \\)?\n)+)", re.MULTILINE)
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}(?: \\)?$")
ALLOWED_LINE = re.compile(r"^(#|    #|    --hash=sha256:|[a-z0-9-]+==)")

pytestmark = pytest.mark.docs


@dataclass(frozen=True)
class Pin:
    version: Version
    hashes: tuple[str, ...]


def pins(lock: Path) -> dict[str, Pin]:
    return {
        name: Pin(Version(version), tuple(hashes.splitlines()))
        for name, version, hashes in PIN.findall(lock.read_text())
    }


def wanted(lock: Path) -> list[str]:
    """What pyproject.toml asks for in this environment, and to build the project in it."""
    run: list[str] = [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]]
    dev: list[str] = PROJECT["project"]["optional-dependencies"]["dev"]
    return run + dev if lock == DEV else run


def applies(requirement: Requirement, extras: Iterable[str]) -> bool:
    if requirement.marker is None:
        return True
    return any(requirement.marker.evaluate({"extra": extra}) for extra in extras)


LEFT_OUT = {"django", "asgiref"}
"""django-htmx is there for one file of htmx."""


def closure(roots: Iterable[str]) -> Iterator[Requirement]:
    """The requirements, those of what they name, and so on; as installed here."""
    waiting = [Requirement(text) for text in roots]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key[0] in LEFT_OUT:
            continue
        yield requirement
        if key in seen:
            continue
        seen.add(key)
        try:
            children = requires(requirement.name) or []
        except PackageNotFoundError:
            continue
        extras = {"", *requirement.extras}
        waiting.extend(child for child in map(Requirement, children) if applies(child, extras))


@pytest.mark.parametrize("lock", [RUN, DEV], ids=lambda path: path.name)
def test_everything_that_is_needed_is_locked_at_a_version_that_will_do(lock: Path) -> None:
    locked = pins(lock)

    missing = {
        str(requirement)
        for requirement in closure(wanted(lock))
        if (pin := locked.get(canonicalize_name(requirement.name))) is None
        or not requirement.specifier.contains(pin.version, prereleases=True)
    }

    assert not missing, "run make lock"


@pytest.mark.parametrize("lock", [RUN, DEV], ids=lambda path: path.name)
def test_nothing_is_locked_that_is_not_needed(lock: Path) -> None:
    needed = {canonicalize_name(requirement.name) for requirement in closure(wanted(lock))}

    assert set(pins(lock)) - needed == set(), "run make lock"


@pytest.mark.parametrize("lock", [RUN, DEV], ids=lambda path: path.name)
def test_every_package_has_hashes(lock: Path) -> None:
    names = re.findall(r"^([a-z0-9-]+)==", lock.read_text(), re.MULTILINE)

    assert sorted(pins(lock)) == sorted(names)
    assert all(HASH.match(line) for pin in pins(lock).values() for line in pin.hashes)


@pytest.mark.parametrize("lock", [RUN, DEV], ids=lambda path: path.name)
def test_no_address_folder_or_option_is_written_down(lock: Path) -> None:
    odd = [line for line in lock.read_text().splitlines() if not ALLOWED_LINE.match(line)]

    assert odd == []
    assert "://" not in lock.read_text()


@pytest.mark.parametrize("lock", [DEV, BENCH], ids=["development", "benchmarks"])
def test_what_is_run_is_developed_and_measured_in_the_same_versions(lock: Path) -> None:
    run, found = pins(RUN), pins(lock)

    assert {name: found.get(name) for name in run} == run, "run make lock"
