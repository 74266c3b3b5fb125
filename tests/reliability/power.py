"""Power cuts of what writes the files: all processes die at once, and only what was synced is left.

``python -m tests.reliability.power CUTS``: as many as one likes.
"""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.eventually import eventually
from tests.reliability.disk import FaultyDisk, folder_in_memory
from tests.running import ROOT

STRIDE = 10_000_000


@dataclass
class Ledger:
    """What was said to be durable, and what of it was missing after a cut."""

    rows: set[int] = field(default_factory=set)
    places: dict[tuple[int, int], str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    cuts: int = 0

    @property
    def acknowledged(self) -> int:
        return len(self.rows) + len(self.places)

    def note(self, line: str) -> None:
        kind, *words = line.split()
        if kind == "row":
            self.rows.add(int(words[0]))
        else:
            key, partition, offset = words
            self.places[int(partition), int(offset)] = key


class Writing:
    """The processes that write, and what they say."""

    def __init__(self, disk: FaultyDisk, ledger: Ledger, mutant: str) -> None:
        command = [sys.executable, "-m", "tests.reliability.power_writer", str(disk.root)]
        self._ledger = ledger
        self._dead = threading.Event()
        self._process = subprocess.Popen(
            [*command, *([mutant] if mutant else [])],
            cwd=ROOT,
            env={**os.environ, **disk.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self._reader = threading.Thread(target=self._listen)
        self._reader.start()

    def begin(self, first: int) -> None:
        """Until something was acknowledged."""
        before = self._ledger.acknowledged
        self._tell(str(first))
        eventually(lambda: self._ledger.acknowledged > before, 30)

    def cut(self) -> None:
        self._dead.clear()
        self._tell("cut")
        assert self._dead.wait(10)

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._reader.join()

    def _tell(self, what: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{what}\n")

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                if line.strip() == "cut":
                    self._dead.set()
                else:
                    self._ledger.note(line)


def cut_often(cuts: int, *, seed: int, mutant: str = "") -> Ledger:
    """Write, cut the power, look what is left, write on."""
    chance, ledger = random.Random(seed), Ledger()
    folder = folder_in_memory("hemu-power-")
    home = folder / "home"
    home.mkdir()
    disk = FaultyDisk(folder / "disk", home, power=True)
    writing = Writing(disk, ledger, mutant)
    try:
        for number in range(cuts):
            disk.settle()
            writing.begin(number * STRIDE + 1)
            time.sleep(chance.uniform(0.0, 0.6))
            writing.cut()
            disk.cut(chance if number % 2 else None)
            ledger.cuts += 1
            _compare(home, ledger)
            if ledger.missing:
                break
    finally:
        writing.end()
        shutil.rmtree(folder)
    return ledger


def _compare(home: Path, ledger: Ledger) -> None:
    try:
        rows = {UUID(str(key)).int for (key,) in _query(home, "intake", "SELECT key FROM outbox")}
        found = _query(home, "log", "SELECT part, off, key FROM log")
    except sqlite3.Error as error:  # not even the tables are left
        ledger.missing.append(str(error))
        return
    places = {(part, offset): bytes(key).decode() for part, offset, key in found}
    ledger.missing += whole(home)
    ledger.missing += [f"row {number}" for number in sorted(ledger.rows - rows)]
    ledger.missing += [
        f"record {key} at {at}" for at, key in ledger.places.items() if places.get(at) != key
    ]


def whole(home: Path) -> Sequence[str]:
    """What SQLite finds to be wrong with any of its files here."""
    wrong = []
    for path in sorted(home.glob("*.sqlite")):
        for (said,) in _query(home, path.stem, "PRAGMA integrity_check"):
            if said != "ok":
                wrong.append(f"{path.name}: {said}")
    return wrong


def _query(home: Path, name: str, statement: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(home / f"{name}.sqlite")
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


if __name__ == "__main__":
    found = cut_often(int(sys.argv[1]), seed=int(time.time()))
    print(f"{found.cuts} cuts, {found.acknowledged} acknowledged, {len(found.missing)} missing")  # noqa: T201
    sys.exit(bool(found.missing))
