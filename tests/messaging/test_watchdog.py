"""The stall watchdog ends a process that gets nothing although there is something to get."""

import os
import subprocess
import sys
import threading
from collections.abc import Collection, Hashable

import pytest

from shared.messaging import watchdog as module
from shared.messaging.log import LogUnavailable
from shared.messaging.watchdog import StallWatchdog
from tests.eventually import eventually


class Watched:
    """A watchdog with a clock to turn, which counts instead of ending the process."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.stalls = 0
        self.dog = StallWatchdog(limit=30, clock=lambda: self.now, on_stall=self._stall)

    def check(self, *behind: Hashable, after: float) -> None:
        self.now += after
        self.dog.check(behind)

    def _stall(self) -> None:
        self.stalls += 1


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_who_gets_nothing_for_too_long_has_stalled(watched: Watched) -> None:
    watched.check("p0", after=0)
    watched.check("p0", after=30)
    assert watched.stalls == 0

    watched.check("p0", after=1)

    assert watched.stalls == 1


def test_a_delivery_begins_a_new_count(watched: Watched) -> None:
    watched.check("p0", after=0)
    watched.dog.delivered(["p0"])

    watched.check("p0", after=31)
    watched.check("p0", after=30)

    assert watched.stalls == 0


def test_who_was_level_once_begins_a_new_count(watched: Watched) -> None:
    watched.check("p0", after=0)
    watched.check(after=29)

    watched.check("p0", after=2)
    watched.check("p0", after=30)

    assert watched.stalls == 0


def test_what_others_get_does_not_help_the_one_that_stalled(watched: Watched) -> None:
    watched.check("p0", "p1", after=0)
    watched.dog.delivered(["p1"])

    watched.check("p0", "p1", after=31)

    assert watched.stalls == 1


def test_the_stacks_of_all_threads_are_written_down(
    watched: Watched, capfd: pytest.CaptureFixture[str]
) -> None:
    watched.check("p0", after=0)
    watched.check("p0", after=31)

    assert "test_the_stacks_of_all_threads_are_written_down" in capfd.readouterr().err


def test_the_process_ends_so_that_its_supervisor_starts_another() -> None:
    code = "from shared.messaging.watchdog import end_process; end_process()"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == os.EX_TEMPFAIL


def test_a_log_that_is_away_is_no_stall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY", 0.01)
    stalled, stop, looks = threading.Event(), threading.Event(), 0

    def look() -> Collection[Hashable]:
        nonlocal looks
        looks += 1
        if looks % 3 == 0:
            raise LogUnavailable
        return ["p0"]

    dog = StallWatchdog(limit=0.1, on_stall=stalled.set)
    thread = threading.Thread(target=dog.watch, args=(look, stop))
    thread.start()
    eventually(lambda: looks > 20)
    stop.set()
    thread.join()

    assert not stalled.is_set()
