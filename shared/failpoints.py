"""Failpoints: named places where a test breaks the process on purpose; nothing happens otherwise.

Armed by the environment, for tests only: ``HEMU_FAILPOINTS="seed=7;relay.*=kill@0.02"`` kills the
process at one in fifty of the relay's points.
"""

import logging
import os
import random
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase

NAMES = (
    "accept.began",  # the transaction of a request is open
    "accept.done",  # its handler has written everything
    "accept.committed",  # it is durable, and not yet answered
    "audit.linked",  # rows are hashed, nothing is written
    "audit.moved",  # they stand in the chain, nothing is committed
    "clean.found",  # what is old enough to be deleted
    "consume.polled",
    "consume.fenced",  # the offset is moved, nothing is handled
    "consume.handled",
    "consume.committed",  # the log does not know yet
    "consume.confirmed",
    "consume.failing",  # before a single failing event is tried again
    "consume.parking",
    "consume.parked",
    "log.appending",  # inside the log's own transaction (SQLite), before the send (Kafka)
    "log.appended",
    "relay.read",
    "relay.appended",  # nothing is marked yet
    "relay.marking",
    "relay.marked",
    "relay.healing",  # what is lost is known, and not yet put back
    "unpark.locked",
    "unpark.handled",
    "unpark.committed",
    "work.began",
    "work.done",
    "writers.began",
    "writers.committing",
    "writers.committed",  # nobody of the batch is told yet
)
ACTIONS = ("kill", "raise", "delay")
DELAY = 2.0
ALWAYS = 1.0

logger = logging.getLogger(__name__)


class FailpointReached(Exception):
    """A test wanted this place to fail."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What happens at the points whose name matches, and how often (a probability)."""

    pattern: str
    action: str
    seconds: float
    probability: float


_ARMED: list[Fault] = []
_chance = random.Random()  # noqa: S311 – not a secret


def _draw_own_lots() -> None:
    """Lest a forked process draws what its parent and its siblings draw."""
    _chance.seed(f"{_chance.random()}/{os.getpid()}")


os.register_at_fork(after_in_child=_draw_own_lots)


def reach(name: str) -> None:
    """The process is at this point."""
    if _ARMED:
        _act(name)


def arm(text: str) -> None:
    """Arm what the text says, and nothing else; raises ValueError."""
    faults, seed = parse(text)
    _chance.seed(None if seed is None else f"{seed}/{os.getpid()}")
    _ARMED[:] = faults


@contextmanager
def armed(text: str) -> Iterator[None]:
    """For the tests of one process."""
    before = list(_ARMED)
    arm(text)
    try:
        yield
    finally:
        _ARMED[:] = before


def parse(text: str) -> tuple[Sequence[Fault], str | None]:
    """``[seed=N;]PATTERN=ACTION[:SECONDS][@PROBABILITY];...``; raises ValueError."""
    faults, seed = [], None
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, _, what = part.partition("=")
        if name == "seed":
            seed = what
            continue
        action, _, probability = what.partition("@")
        action, _, seconds = action.partition(":")
        if action not in ACTIONS or not any(fnmatchcase(known, name) for known in NAMES):
            raise ValueError(f"{part!r}: not a failpoint and what happens there")
        faults.append(
            Fault(
                pattern=name,
                action=action,
                seconds=float(seconds or DELAY),
                probability=float(probability or ALWAYS),
            )
        )
    return faults, seed


def _act(name: str) -> None:
    """The first fault that matches has its chance."""
    if name not in NAMES:
        raise ValueError(f"{name}: not a failpoint")
    for fault in _ARMED:
        if fnmatchcase(name, fault.pattern):
            if _chance.random() < fault.probability:
                logger.warning("failpoint %s: %s", name, fault.action)
                _fail(name, fault)
            return


def _fail(name: str, fault: Fault) -> None:
    if fault.action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif fault.action == "delay":
        time.sleep(fault.seconds)
    else:
        raise FailpointReached(name)
