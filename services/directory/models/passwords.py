"""Passwords: Argon2id, one at a time, on a thread that gives way to all other work.

64 MiB and three passes, about 0.2 s: more than OWASP's minimum.
"""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.directory.models.codes import new_code
from shared.errors import Rejected, Unavailable

SHORTEST, LONGEST = 12, 128
WAITING = 4
"""How many may wait for their turn, per process: each keeps one of the web's threads."""
MOST_OF_ONE = 2
"""How many of them from one network address: it leaves some to the others."""
LOW_PRIORITY = 10
GUESSES = 10**8
"""A password that needs fewer is as good as on a list of common ones (zxcvbn's estimate)."""
ESTIMATED = 72
"""Characters that are estimated: the time that takes grows with the square of them."""

P = ParamSpec("P")
T = TypeVar("T")

SLOW = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Passwords:
    """One per process, made after forking; safe for threads. Ask for a ``place`` first."""

    def __init__(self, hasher: PasswordHasher = SLOW) -> None:
        self._hasher = hasher
        self._inside: Counter[str] = Counter()
        self._counting = threading.Lock()
        self._worker = ThreadPoolExecutor(1, "passwords", initializer=_give_way)
        self._nobodys = hasher.hash(new_code())

    @contextmanager
    def place(self, source: str) -> Iterator[None]:
        """For one attempt, from its beginning to its end; ``source`` says from where. Raises
        Unavailable when too many are at it: at once, so that whoever files a case finds a free
        thread.
        """
        with self._counting:
            if self._inside.total() > WAITING or self._inside[source] >= MOST_OF_ONE:
                text = "Too many people are signing in. Please try again in a few seconds."
                raise Unavailable(text)
            self._inside[source] += 1
        try:
            yield
        finally:
            with self._counting:
                self._inside[source] -= 1
                self._inside += Counter()  # forgets who is not inside any more

    def hash(self, password: str) -> str:
        return self._on_its_thread(self._hasher.hash, password)

    def matches(self, hashed: str | None, password: str) -> bool:
        """Takes the same time for an account that is not there, or has no password."""
        return self._on_its_thread(self._matches, hashed, password)

    def is_outdated(self, hashed: str) -> bool:
        """Whether it was made with other parameters than those of now."""
        try:
            return self._hasher.check_needs_rehash(hashed)
        except InvalidHashError:
            return True

    def _matches(self, hashed: str | None, password: str) -> bool:
        if hashed is not None and self._verify(hashed, password):
            return True
        if hashed is None or self.is_outdated(hashed):
            self._verify(self._nobodys, password)  # or the answer would be a quick one
        return False

    def _verify(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password)
        except (VerificationError, InvalidHashError):
            return False

    def _on_its_thread(self, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
        return self._worker.submit(work, *given, **named).result()


def quick_hash(password: str) -> str:
    """Of a password that was drawn at random: nobody guesses it, however fast they can try."""
    return QUICK.hash(password)


def check_new(password: str, *, known: tuple[str, ...]) -> None:
    """Raises Rejected for one that is too short, too long, or too easy to guess; ``known`` are
    words that others know of the person. Any characters do; nothing else is asked for.
    """
    from zxcvbn import zxcvbn  # noqa: PLC0415 – its lists are large, and seldom needed

    if not SHORTEST <= len(password) <= LONGEST:
        raise Rejected("Choose a password of 12 to 128 characters.").at("new_password")
    found = zxcvbn(password[:ESTIMATED], user_inputs=[*known, "hemu", "hemu123456"])
    if int(found["guesses"]) < GUESSES:
        raise Rejected("This password is easy to guess. Some words in a row are harder.").at(
            "new_password"
        )


def _give_way() -> None:
    """Filing goes before signing in, however many try at once."""
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), usual + LOW_PRIORITY)
