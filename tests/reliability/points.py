"""The whole system in one process, with its real handlers, for breaking it at one named point.

A process of this kind is cheap: it is forked from one that has imported everything already.
"""

import json
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from services import registry
from services.assembly import Assembly, prepare, wakeups
from services.commands.installation import publish
from services.directory.data import DEMO
from services.embedded import entrance
from shared.failpoints import arm
from shared.messaging import backbone, consumer
from shared.settings import SERVICES, Settings
from tests.e2e.system import samples
from tests.eventually import eventually
from tests.reliability.books import RECOVERY, wrong_in
from tests.reliability.filing import Accepted

FILED = [one for one in samples() if one["id"] in {"s01", "s05", "s06"}]
"""A dispute, one with a lead beside it, and a lead."""
FAILING = "consume.fenced=raise"
"""Makes every event fail at once, so that its case is parked."""
NEED_FAILING = ("consume.failing", "consume.parking", "consume.parked", "unpark.")
"""What begins so is reached only while events fail; un-parking itself does not fail by it."""
LOST_FIRST = "relay.healing"
AT_THE_START = (LOST_FIRST, "clean.found")
"""Reached when a relay begins, and seldom later."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """``points`` are broken one after the other by ``action``; then all is well and goes on until
    nothing is left to do. A process that is killed at a point of course ends there.
    """

    home: Path
    points: Sequence[str]
    action: str


class Process:
    """All five services, their roles, and somebody who files."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home)
        self._journal = home / "accepted.jsonl"
        assembly = Assembly(self.settings, registry.load_all(), wakeups=wakeups())
        gateway = entrance(assembly, assembly.make_applications())
        transport = httpx.WSGITransport(app=gateway, raise_app_exceptions=False)
        self._client = httpx.Client(transport=transport, base_url="http://hemu")
        self._assembly = assembly
        self._point, self.reached = "", 0
        logging.getLogger("shared.failpoints").addFilter(self._count)

    def start(self) -> None:
        self._assembly.runtime.start(self._assembly.embedded_roles())
        services = registry.load_all()
        databases = self._assembly.runtime.databases
        eventually(
            lambda: all(each.ready(databases[each.name]) is None for each in services), RECOVERY
        )

    def arm(self, point: str, action: str) -> None:
        self._point, self.reached = point, 0
        needed = [FAILING] if point.startswith(NEED_FAILING) else []
        arm(";".join([f"{point}={action}", *needed]))

    def break_at(self, point: str, action: str) -> None:
        """Until it was reached twice, or the process is dead; or until the delay is over."""
        if point not in AT_THE_START:
            self.arm(point, action)
        filing = self._begin_filing()
        eventually(partial(self._broken, 1 if action == "delay" else 2), RECOVERY)
        if action == "delay":
            time.sleep(2.0)  # the delay itself
        arm("")
        for thread in filing:
            thread.join(RECOVERY)

    def finish(self) -> None:
        """File again what had no answer, and wait until all is done."""
        for key, number in self._begun():
            self._file(key, number)
        urls = {name: self.settings.database_url(name) for name in SERVICES}
        accepted = self.accepted()

        def nothing_wrong() -> bool:
            self._retry()
            found = wrong_in(urls, accepted)
            assert found == [], found[:5]
            return True

        eventually(nothing_wrong, RECOVERY)

    def accepted(self) -> Accepted:
        """What was ever answered with 201; one answer per key, however often it was asked for."""
        answers: dict[str, Mapping[str, Any]] = {}
        for key, _, answer in self._noted():
            if answer:
                assert answers.setdefault(key, answer) == answer
        found = Accepted()
        for each in answers.values():
            found.note(each)
        return found

    def _begin_filing(self) -> list[threading.Thread]:
        threads = []
        for number in range(len(FILED)):
            key = str(uuid4())
            self._note(key, number, {})
            threads.append(threading.Thread(target=self._file, args=(key, number), daemon=True))
            threads[-1].start()
        return threads

    def _file(self, key: str, number: int) -> None:
        kind = "disputes" if FILED[number]["kind"] == "dispute" else "leads"
        while True:
            response = self._client.post(
                f"/intake/api/v1/{kind}",
                json=FILED[number]["body"],
                headers={"Idempotency-Key": key},
            )
            if response.status_code == httpx.codes.CREATED:
                self._note(key, number, response.json())
                return
            assert response.is_server_error, response.text
            time.sleep(0.02)

    def _broken(self, times: int) -> bool:
        """A parked case is tried again, so that un-parking is tried, too."""
        self._retry()
        return self.reached >= times

    def _retry(self) -> None:
        for database in self._assembly.runtime.databases.values():
            try:
                with database.transaction() as tx:
                    backbone.retry(tx)
            except Exception:  # noqa: BLE001, S112 – the broken point may be on its way
                continue

    def _count(self, record: logging.LogRecord) -> bool:
        self.reached += isinstance(record.args, tuple) and record.args[0] == self._point
        return True

    def _note(self, key: str, number: int, answer: Mapping[str, Any]) -> None:
        with self._journal.open("ab", buffering=0) as journal:
            journal.write(f"{json.dumps([key, number, answer])}\n".encode())

    def _noted(self) -> list[tuple[str, int, dict[str, Any]]]:
        if not self._journal.exists():
            return []
        return [tuple(json.loads(line)) for line in self._journal.read_text().splitlines()]

    def _begun(self) -> set[tuple[str, int]]:
        return {(key, number) for key, number, _ in self._noted()}


def make_home(home: Path) -> None:
    """One that has heard of the directory and has nothing else to do."""
    settings = Settings(home=home)
    prepare(settings, registry.load_all())
    publish(settings, DEMO)
    _in_process(home, lambda process: process.finish())


def perform(run: Run) -> None:
    """In a process of its own, which ends with 0 when all is well."""
    if run.points and run.points[0] == LOST_FIRST:
        for path in run.home.glob("log.sqlite*"):
            path.unlink()

    def begin(process: Process) -> None:
        if run.points and run.points[0] in AT_THE_START:
            process.arm(run.points[0], run.action)

    def work(process: Process) -> None:
        for point in run.points:
            process.break_at(point, run.action)
        process.finish()

    _in_process(run.home, work, begin)


def log_of(home: Path) -> Path:
    return home.with_name(f"{home.name}.log")


def _in_process(
    home: Path,
    work: Callable[[Process], None],
    begin: Callable[[Process], None] = lambda _process: None,
) -> None:
    """Never returns: threads that hang must not keep the process."""
    consumer.PROBE_PAUSE = 0.2
    log = os.open(log_of(home), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, sys.stderr.fileno())
    try:
        process = Process(home)
        begin(process)
        process.start()
        work(process)
    except BaseException:  # noqa: BLE001 – told to who waits
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)
