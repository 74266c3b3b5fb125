"""The soak: clients file and play while everything is killed; then, without faults, the books must
balance.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, PriorityQueue

import httpx

from tests.holders import Tokens
from tests.reliability.clients import Account, Caller, Numbers, Over, file
from tests.reliability.evidence import gather
from tests.reliability.faults import Killer
from tests.reliability.invariants import violations
from tests.reliability.life import Plan, play
from tests.reliability.replies import OPERATOR, replies
from tests.reliability.target import Target

RECOVERY = 60.0
"""Seconds after the last fault within which all must be done (I9)."""
NOT_HERE_YET = 0.2

Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Size:
    """``patience``: seconds that players go on after the last case was filed. ``rest``: those that
    they then have, without faults, for what is left. ``every``: seconds between kills, on average.
    ``rate``: the probability of a failpoint; 0 for no faults at all.
    """

    cases: int
    seconds: float = 300.0
    patience: float = 30.0
    recovery: float = RECOVERY
    rest: float = 240.0
    clients: int = 4
    players: int = 4
    every: float = 1.5
    rate: float = 0.02


@dataclass(frozen=True, kw_only=True)
class Result:
    """``recovery``: seconds from the last fault until all was done, None when it was not."""

    seed: int
    cases: int
    acts: int
    kills: Counter[str]
    failpoints: int
    restarts: int
    answers: Counter[int]
    seconds: float
    recovery: float | None
    unplayed: int
    violations: Sequence[str]


class Soak:
    """One run on one target."""

    def __init__(
        self, target: Target, seed: int, size: Size, tell: Tell = lambda _text: None
    ) -> None:
        self.account = Account()
        self._target = target
        self._seed = seed
        self._size = size
        self._tell = tell
        self._ends = 0.0
        self._numbers = Numbers(size.cases)
        self._plans: PriorityQueue[tuple[float, int, Plan]] = PriorityQueue()
        self._filed = threading.Event()
        self._trouble: list[BaseException] = []

    def run(self) -> Result:
        """The target is stopped when it returns. Raises what is not a violation but a mistake."""
        started = time.monotonic()
        self._target.start()
        self._tokens = Tokens(self._target.settings)
        chance = random.Random(f"{self._seed}/kills")
        killer = Killer(
            self._target,
            chance,
            lambda: self.account.answers[200] + self.account.answers[201],
            every=self._size.every,
            rate=self._size.rate,
        )
        if self._size.rate:
            killer.start()
        try:
            self._file_and_play()
            if self._size.rate:
                killer.stop()
            fired = self._target.failpoints_reached()
            recovery = self._recover()
            if self._size.rate and self._target.kills_all:
                killer.kills["all"] += 1
            self._play_the_rest()
            found = self._violations(recovery)
        finally:
            self._target.stop()
        return Result(
            seed=self._seed,
            cases=sum(len(one.cases) for one in self.account.accepted),
            acts=len(self.account.acts),
            kills=killer.kills,
            failpoints=fired,
            restarts=self._target.restarts(),
            answers=self.account.answers,
            seconds=time.monotonic() - started,
            recovery=recovery,
            unplayed=self.account.unplayed,
            violations=found,
        )

    def _file_and_play(self) -> None:
        self._ends = time.monotonic() + self._size.seconds
        filers = self._threads(self._file, self._size.clients)
        players = self._threads(self._play, self._size.players)
        _join(filers)
        self._filed.set()
        self._ends = min(self._ends, time.monotonic() + self._size.patience)
        self._finish(players)

    def _threads(self, work: Callable[[int], None], count: int) -> Sequence[threading.Thread]:
        threads = [
            threading.Thread(target=self._guarded, args=(work, number), daemon=True)
            for number in range(count)
        ]
        for thread in threads:
            thread.start()
        return threads

    def _finish(self, threads: Sequence[threading.Thread]) -> None:
        """Raises what went wrong in any of them."""
        _join(threads)
        if self._trouble:
            raise self._trouble[0]

    def _guarded(self, work: Callable[[int], None], number: int) -> None:
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 – raised again in the test's own thread
            self._trouble.append(error)

    def _caller(self) -> Caller:
        return Caller(self._target.url, self._tokens, self.account, lambda: self._ends)

    def _file(self, number: int) -> None:
        chance = random.Random(f"{self._seed}/filer/{number}")
        caller = self._caller()
        try:
            for case in self._numbers:
                accepted = file(caller, chance, case)
                if accepted is None:
                    continue
                self.account.accepted.append(accepted)
                if case % 100 == 0:
                    self._tell(f"seed {self._seed}: case {case} of {self._size.cases}")
                for kind, id_ in accepted.cases:
                    plan = Plan.drawn(chance, kind, id_, accepted.area)
                    self._plans.put((time.monotonic(), plan.id.int, plan))
        except Over:
            self.account.wrong.append("not all could be filed in time")
        finally:
            caller.close()

    def _play(self, _number: int) -> None:
        caller = self._caller()
        try:
            while not (self._filed.is_set() and self._plans.empty()):
                self._play_one(caller)
        except Over:
            pass
        finally:
            caller.close()

    def _play_one(self, caller: Caller) -> None:
        if time.monotonic() > self._ends:
            raise Over("the play")
        try:
            due, _, plan = self._plans.get(timeout=NOT_HERE_YET)
        except Empty:
            return
        time.sleep(max(0.0, min(due - time.monotonic(), NOT_HERE_YET)))
        try:
            here = play(caller, plan)
        except Over:
            self._plans.put((due, plan.id.int, plan))
            raise
        if not here:
            self._plans.put((time.monotonic() + NOT_HERE_YET, plan.id.int, plan))

    def _recover(self) -> float | None:
        """Start everything without faults; the seconds until all that was accepted is done."""
        last_fault = time.monotonic()
        if self._size.rate:
            self._target.calm()
        self._ends = last_fault + self._size.recovery
        self._target.await_serving()
        caller = self._caller()
        try:
            while time.monotonic() < last_fault + self._size.recovery:
                if self._drained(caller):
                    return time.monotonic() - last_fault
                time.sleep(0.1)
        except Over:
            pass
        finally:
            caller.close()
        return None

    def _play_the_rest(self) -> None:
        """What the faults left no time for; what has not arrived by now never will."""
        self._ends = time.monotonic() + self._size.rest
        caller = self._caller()
        try:
            self._finish(self._threads(self._play_what_is_here, self._size.players))
            while not (self.account.unplayed or self._drained(caller)):
                time.sleep(0.1)
        except Over:
            self.account.wrong.append("the last acts were not done in time")
        finally:
            caller.close()

    def _play_what_is_here(self, _number: int) -> None:
        caller = self._caller()
        try:
            while True:
                _, _, plan = self._plans.get_nowait()
                if not play(caller, plan):
                    self.account.unplayed += 1
        except Empty:
            pass
        finally:
            caller.close()

    def _drained(self, caller: Caller) -> bool:
        """Nothing is unpublished, unread, parked or set aside, as the system itself says."""
        response = caller.insist("GET", "/ops/api/v1/lag", OPERATOR)
        if response.status_code != httpx.codes.OK or response.json()["away"]:
            return False
        return not any(
            item["unpublished"] or item["total_lag"] or item["parked_cases"]
            for item in response.json()["items"]
        )

    def _violations(self, recovery: float | None) -> Sequence[str]:
        self._ends = time.monotonic() + 300
        found = [f"answers: {text}" for text in self.account.wrong]
        if recovery is None:
            found.append(f"I9: not done {self._size.recovery:g} s after the last fault")
        caller = self._caller()
        try:
            found += replies(caller, self.account)
        finally:
            caller.close()
        with gather(self._target, self.account) as evidence:
            found += violations(evidence)
        found += [f"I8: {text}" for text in self._target.unsound()]
        return found


def _join(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.join()
