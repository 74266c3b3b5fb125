"""Passwords are hashed slowly, in turn, and never tell whether there is an account."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from services.directory.models.passwords import MOST_OF_ONE, WAITING, Passwords, quick_hash
from shared.errors import Unavailable


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords()


def seconds(passwords: Passwords, hashed: str | None) -> float:
    started = time.perf_counter()
    assert not passwords.matches(hashed, "wrong")
    return time.perf_counter() - started


def test_a_password_matches_its_own_hash_only(passwords: Passwords) -> None:
    hashed = passwords.hash("right")

    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert passwords.matches(hashed, "right")
    assert not passwords.matches(hashed, "Right")
    assert not passwords.matches(None, "right")
    assert not passwords.matches("no hash at all", "right")


def test_a_hash_of_other_parameters_is_made_anew(passwords: Passwords) -> None:
    assert passwords.is_outdated(quick_hash("x"))
    assert not passwords.is_outdated(passwords.hash("x"))


def test_who_is_not_there_takes_as_long_as_who_is(passwords: Passwords) -> None:
    """Within a factor of three: what an observer could tell apart is a factor of a thousand."""
    there = min(seconds(passwords, passwords.hash("right")) for _ in range(3))

    for other in (None, quick_hash("right"), "no hash at all"):
        took = min(seconds(passwords, other) for _ in range(3))
        assert there / 3 < took < there * 3


def test_only_a_few_wait_for_their_turn_and_the_others_are_told(passwords: Passwords) -> None:
    many = 5 * (1 + WAITING)
    together = threading.Barrier(many)

    def attempt(number: int) -> bool:
        together.wait()
        try:
            with passwords.place(str(number)):
                passwords.matches(None, "wrong")
        except Unavailable:
            return False
        return True

    with ThreadPoolExecutor(many) as threads:
        served = sum(threads.map(attempt, range(many)))

    assert 1 + WAITING <= served < many


def test_one_address_leaves_places_to_the_others(passwords: Passwords) -> None:
    with ExitStack() as stack:
        for _ in range(MOST_OF_ONE):
            stack.enter_context(passwords.place("one"))
        with pytest.raises(Unavailable):
            stack.enter_context(passwords.place("one"))

        stack.enter_context(passwords.place("another"))

    for _ in range(3 * (1 + WAITING)):
        with passwords.place("one"):
            pass


def test_hashing_gives_way_to_all_other_work(passwords: Passwords) -> None:
    nice = passwords._on_its_thread(
        lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    )

    assert nice > os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
