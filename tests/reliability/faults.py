"""Faults for a soak: kills by chance, and failpoints armed anew with every start."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable

from shared.failpoints import NAMES
from tests.reliability.target import Target

RAISED = ("relay.", "consume.", "log.", "unpark.", "work.")
"""Where an exception may be raised: a bug of a request would rightly be answered with 500."""
DELAY = 0.3
LOOK = 0.05
BETWEEN_KILLS = 12
"""Requests that succeed between two kills, at least, unless they take too long."""
LONGEST = 8


def failpoints(chance: random.Random, rate: float) -> str:
    """Every point of the product breaks with this probability: two in three by a kill, the others
    by an exception or a delay, drawn anew each time.
    """
    parts = [f"seed={chance.getrandbits(32)}"]
    for name in NAMES:
        drawn = chance.random()
        action = "kill"
        if drawn < 0.15:
            action = f"delay:{DELAY}"
        elif drawn < 0.35 and name.startswith(RAISED):
            action = "raise"
        parts.append(f"{name}={action}@{_rate(name, rate):g}")
    return ";".join(parts)


def _rate(name: str, rate: float) -> float:
    """What each request passes several times breaks less often, else nobody would be served."""
    return rate / 5 if name.startswith(("accept.", "writers.")) else rate


class Killer:
    """A thread that kills every so many seconds, on average, and starts again what has ended."""

    def __init__(
        self,
        target: Target,
        chance: random.Random,
        progress: Callable[[], int],
        *,
        every: float,
        rate: float,
    ) -> None:
        """``progress`` counts what succeeded: on a slow machine it waits for some of that, too."""
        self.kills: Counter[str] = Counter()
        self.failure: BaseException | None = None
        self._target = target
        self._chance = chance
        self._progress = progress
        self._every = every
        self._rate = rate
        self._never_yet = list(target.kinds)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="killer", daemon=True)

    def start(self) -> None:
        self._target.break_down(failpoints(self._chance, self._rate))
        if self._target.kills_all:
            self.kills["all"] += 1
        self._thread.start()

    def stop(self) -> None:
        """Raises whatever went wrong with the killing."""
        self._stop.set()
        self._thread.join()
        if self.failure is not None:
            raise self.failure

    def _run(self) -> None:
        try:
            following, enough = time.monotonic() + self._pause(), 0
            while not self._stop.wait(LOOK):
                self._target.tend(failpoints(self._chance, self._rate))
                late = time.monotonic() - following
                if late > 0 and (self._progress() >= enough or late > LONGEST * self._every):
                    kind = self._kind()
                    if self._target.kill(kind):
                        self.kills[kind] += 1
                    else:
                        self._never_yet.append(kind)  # it was not there just now
                    following = time.monotonic() + self._pause()
                    enough = self._progress() + BETWEEN_KILLS
        except BaseException as error:  # noqa: BLE001 – told by stop, in the test's own thread
            self.failure = error

    def _kind(self) -> str:
        """Each once, in any order; then by their weights."""
        if self._never_yet:
            return self._never_yet.pop(self._chance.randrange(len(self._never_yet)))
        kinds = self._target.kinds
        return self._chance.choices(list(kinds), weights=list(kinds.values()))[0]

    def _pause(self) -> float:
        return self._chance.uniform(0.5, 1.5) * self._every
