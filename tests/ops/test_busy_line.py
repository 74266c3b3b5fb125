"""While cases pour in, nothing is ever called a gap that is none."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from services.ops.queries import Reconciliation, reconcile
from shared.clock import utc_now
from tests.ops.system import System

SECONDS = 3.0
LOOKS = 15


class Ahead:
    """So far ahead that every case is old at once, and nothing is remembered from one look to the
    next: whatever could look like a gap will.
    """

    def __init__(self) -> None:
        self._looks = 0

    def __call__(self) -> datetime:
        self._looks += 1
        return utc_now() + timedelta(minutes=1, seconds=2 * self._looks)


@pytest.mark.slow
def test_a_busy_line_shows_no_false_gap(either: System) -> None:
    stop = threading.Event()
    jobs: list[Callable[[], object]] = [
        either.file_dispute,
        lambda: either.publish("intake"),
        lambda: either.publish("mediation"),
        lambda: either.consume("mediation"),
        lambda: either.consume("ops"),
    ]

    def keep_on(job: Callable[[], object]) -> None:
        while not stop.is_set():
            either.clock.now = utc_now()
            job()
            time.sleep(0.001)

    threads = [threading.Thread(target=keep_on, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    here = replace(either.platform("ops"), clock=Ahead())
    looks: list[Reconciliation] = []
    until = time.monotonic() + SECONDS
    try:
        while time.monotonic() < until or len(looks) < LOOKS:
            looks.append(reconcile(here))
    finally:
        stop.set()
        for thread in threads:
            thread.join()

    assert looks[-1].accepted
    assert max(found.waiting for found in looks) > 0
    assert [found.gaps for found in looks if found.unexplained] == []
    assert [found for found in looks if not found.balanced] == []

    for _round in range(3):
        either.publish()
        either.consume()
    last = reconcile(here)
    assert (last.accepted, last.waiting, last.unexplained) == (last.routed, 0, 0)
