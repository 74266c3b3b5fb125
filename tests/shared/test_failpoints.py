"""Failpoints break what a test says, where it says so, and nothing else."""

import re
from pathlib import Path

import pytest

from shared import failpoints
from shared.failpoints import NAMES, FailpointReached, arm, armed, parse, reach

ROOT = Path(__file__).parents[2]


def test_every_point_that_has_a_name_is_somewhere_in_the_code_and_has_a_name() -> None:
    placed = {
        name
        for folder in ("shared", "services")
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r'\breach\("([a-z.]+)"\)', path.read_text())
    }

    assert placed == set(NAMES)


def test_nothing_happens_at_a_point_that_is_not_armed() -> None:
    for name in NAMES:
        reach(name)


def test_an_armed_point_fails_and_the_others_do_not() -> None:
    with armed("relay.*=raise"):
        with pytest.raises(FailpointReached, match=r"relay\.read"):
            reach("relay.read")
        reach("consume.polled")

    reach("relay.read")


def test_the_first_fault_that_matches_decides_and_chance_follows_the_seed() -> None:
    def hits() -> list[bool]:
        found = []
        with armed("seed=7;relay.read=raise@0.5;*=raise"):
            for _ in range(50):
                try:
                    reach("relay.read")
                    found.append(False)
                except FailpointReached:
                    found.append(True)
        return found

    assert hits() == hits()
    assert 10 < sum(hits()) < 40


@pytest.mark.parametrize(
    "text", ["relay.read", "relay.read=explode", "relya.read=kill", "relay.read=kill@often"]
)
def test_a_typing_error_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"often|failpoint"):
        parse(text)


def test_what_is_armed_replaces_what_was() -> None:
    with armed("relay.read=raise"):
        arm("relay.marked=raise")
        reach("relay.read")

    assert failpoints._ARMED == []
