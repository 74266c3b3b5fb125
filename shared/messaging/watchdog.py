"""The stall watchdog: ends a process whose log client has silently stopped to deliver.

Clients have had bugs of this kind (a partition simply yields nothing any more, without an error);
only a new process helps, and the supervisor starts one.
"""

import faulthandler
import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Hashable
from typing import NoReturn

from shared.messaging.log import LogUnavailable

LIMIT = 60.0
"""Seconds without a delivery although there is something to deliver: long enough for a consumer
that catches up, to which partitions are delivered one after the other.
"""
LOOK_EVERY = 2.5

logger = logging.getLogger(__name__)


def end_process() -> NoReturn:
    """At once: the threads that hang would keep a tidy end waiting for ever."""
    os._exit(os.EX_TEMPFAIL)


class StallWatchdog:
    """Not for long handlers: only what is seen behind at every look of ``LIMIT`` seconds, without
    one delivery or one look in between that finds it well, counts as stalled.
    """

    def __init__(
        self,
        *,
        limit: float = LIMIT,
        clock: Callable[[], float] = time.monotonic,
        on_stall: Callable[[], None] = end_process,
    ) -> None:
        self._limit = limit
        self._clock = clock
        self._on_stall = on_stall
        self._since: dict[Hashable, float] = {}
        self._mutex = threading.Lock()

    def delivered(self, subjects: Collection[Hashable]) -> None:
        """These got something just now; called by the thread that polls."""
        with self._mutex:
            for subject in subjects:
                self._since.pop(subject, None)

    def check(self, behind: Collection[Hashable]) -> None:
        """These have something to get."""
        now = self._clock()
        with self._mutex:
            self._since = {subject: self._since.get(subject, now) for subject in behind}
            stalled = [s for s, since in self._since.items() if now - since > self._limit]
        if stalled:
            self.end(f"nothing delivered for {self._limit:g} s: {stalled}")

    def end(self, reason: str) -> None:
        """Write all threads' stacks to stderr, and do as ``on_stall`` says."""
        logger.critical("%s", reason)
        faulthandler.dump_traceback(all_threads=True)
        self._on_stall()

    def watch(self, look: Callable[[], Collection[Hashable]], stop: threading.Event) -> None:
        """Check what ``look`` sees until stopped. A log that is away begins a new count."""
        while not stop.wait(LOOK_EVERY):
            try:
                behind = look()
            except LogUnavailable:
                behind = ()
            self.check(behind)
