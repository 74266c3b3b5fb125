"""Servers of a benchmark, and what the kernel says of a group of processes."""

import os
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.running import ROOT
from tests.servers.process import ServerFailed, ServerProcess

TICKS = os.sysconf("SC_CLK_TCK")
USER, SYSTEM = 11, 12
"""Places in /proc/PID/stat, counted behind the name of the program."""
START_SECONDS = 60.0


BENCH = ROOT / ".venv-bench" / "bin" / "python"


def python() -> str:
    """What servers of both sides run with: the environment that the peers need, if it is there."""
    return str(BENCH) if BENCH.exists() else sys.executable


def tree(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    try:
        tasks = list(Path(f"/proc/{pid}/task").glob("*/children"))
        children = [child for task in tasks for child in task.read_text().split()]
    except OSError:
        return
    for child in children:
        yield from tree(int(child))


def cpu_seconds(pids: Iterable[int]) -> float:
    """What they have used so far, in user mode and in the kernel."""
    used = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        used += int(fields[USER]) + int(fields[SYSTEM])
    return used / TICKS


def resident_bytes(pids: Iterable[int]) -> int:
    """Proportional set size: a page that several processes share counts once in the sum."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("HEMU_")}
    kept.pop("PROMETHEUS_MULTIPROC_DIR", None)
    return {**kept, "PYTHONPATH": str(ROOT), **settings}


class Server:
    """A command in processes of its own until the block is left; ``address`` is where it serves,
    if it does.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        output: Path,
        settings: Mapping[str, str],
        address: str = "",
    ) -> None:
        self.address = address
        self._process = ServerProcess(command, output=output, environment=environment(settings))

    @property
    def running(self) -> bool:
        return self._process.running

    def last_words(self) -> str:
        return self._process.last_words()

    def processes(self) -> list[int]:
        return list(tree(self._process.pid))

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.processes())

    def __enter__(self) -> Self:
        if not self._process.start(self._ready, seconds=START_SECONDS):
            raise ServerFailed(f"it ended by itself:\n{self.last_words()}")
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.stop()

    def _ready(self) -> bool:
        if not self.address:
            return True
        host, _, port = self.address.rpartition(":")
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            return False
        return True
