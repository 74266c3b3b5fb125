"""Waiting for what becomes true by itself, instead of sleeping and hoping."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PAUSE = 0.02


def eventually(predicate: Callable[[], T | None], seconds: float = 10.0) -> T:
    """The first true value of the predicate; fails when there is none for so many seconds.

    A failing assertion in the predicate counts as not yet, and is what the failure then says.
    """
    deadline = time.monotonic() + seconds
    while True:
        failure: AssertionError | None = None
        value: T | None = None
        try:
            value = predicate()
        except AssertionError as error:
            failure = error
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"still {value!r} after {seconds:g} s") from failure
        time.sleep(PAUSE)
