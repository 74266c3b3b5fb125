"""A running Hemu for tests: started, asked, killed and started again like a user's own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.running import ROOT, Running, outer_environment
from tests.servers.process import free_port

READY_SECONDS = 60.0


class System(Running):
    """``hemu up`` in a process group of its own."""

    def __init__(self, home: Path, **settings: str) -> None:
        super().__init__()
        self._home = home
        self.address = f"127.0.0.1:{free_port()}"
        self.settings = {
            "HEMU_HOME": str(home),
            "HEMU_ADDRESS": self.address,
            "HEMU_WORKERS": "2",
            **settings,
        }

    @property
    def home(self) -> Path:
        return self._home

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    @property
    def environment(self) -> dict[str, str]:
        return outer_environment() | self.settings

    def start(self) -> float:
        """Until the address is printed; the seconds it took."""
        started = time.monotonic()
        log = (self.home.parent / f"{self.home.name}.log").open("a")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "services", "up"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        log.close()
        if not self._gets_ready(self._process, READY_SECONDS):
            self.kill_all()
            raise AssertionError(f"Hemu did not start: {self.errors()[-3000:]}")
        return time.monotonic() - started

    def errors(self) -> str:
        return (self.home.parent / f"{self.home.name}.log").read_text()

    def stop(self) -> float:
        """As Ctrl-C does; the seconds it took."""
        if self._process is None:
            return 0.0
        started = time.monotonic()
        os.killpg(self._process.pid, signal.SIGINT)
        self._process.wait(20)
        self._process = None
        return time.monotonic() - started

    def kill_all(self) -> None:
        """``kill -9`` of every process at once."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        self._process = None

    def workers(self) -> list[int]:
        """The worker processes alive now."""
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(number) for number in children.read_text().split()]

    def holder(self, role: str) -> int | None:
        """The worker that has a role's lock, or None."""
        path = (self.home / "locks" / role).resolve()
        for worker in self.workers():
            for held in Path(f"/proc/{worker}/fdinfo").glob("*"):
                if "FLOCK" in _text(held) and _target(worker, held.name) == path:
                    return worker
        return None

    def __exit__(self, *_error: object) -> None:
        if self._process is not None:
            self.kill_all()


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""


def _target(worker: int, descriptor: str) -> Path | None:
    try:
        return Path(f"/proc/{worker}/fd/{descriptor}").resolve()
    except OSError:
        return None


def samples() -> list[Mapping[str, Any]]:
    """The sample registrations, with the routes they must take."""
    path = ROOT / "services" / "intake" / "samples" / "intakes.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()]
