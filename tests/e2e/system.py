"""A running Hemu for tests: started, asked, killed and started again like a user's own."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import httpx

from shared.auth.actor import Actor
from shared.auth.door import ISSUER
from shared.auth.keys import Keyring
from shared.auth.tokens import DOOR, signer
from shared.clock import utc_now
from tests.servers.process import free_port

READY_SECONDS = 60.0
LAST_WORDS = "Ctrl-C"
ROOT = Path(__file__).parents[2]


class System:
    """``hemu up`` in a process group of its own."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        self.address = f"127.0.0.1:{free_port()}"
        self.settings = {
            "HEMU_HOME": str(home),
            "HEMU_ADDRESS": self.address,
            "HEMU_WORKERS": "2",
            **settings,
        }
        self.output: list[str] = []
        self._process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HEMU_")}
        kept.pop("PROMETHEUS_MULTIPROC_DIR", None)
        return kept | self.settings

    def start(self) -> float:
        """Until the address is printed; the seconds it took."""
        started = time.monotonic()
        self.output.clear()
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
        ready = threading.Event()
        threading.Thread(target=self._read, args=(self._process, ready), daemon=True).start()
        if not ready.wait(READY_SECONDS) or not self._says_ready():
            self.kill_all()
            raise AssertionError(f"Hemu did not start: {self.errors()[-3000:]}")
        return time.monotonic() - started

    def _read(self, process: subprocess.Popen[str], ready: threading.Event) -> None:
        """What it prints; ready when it has said how to stop it, or has ended."""
        assert process.stdout is not None
        with process.stdout as printed:
            for line in printed:
                self.output.append(line.rstrip("\n"))
                if line.startswith(LAST_WORDS):
                    ready.set()
        ready.set()

    def _says_ready(self) -> bool:
        return any(line.startswith(LAST_WORDS) for line in self.output)

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

    def client(self, role: str | None = None, area: str = "350599") -> httpx.Client:
        """Somebody's browser or script; without a role, nobody in particular."""
        headers = {"Authorization": f"Bearer {self.token(role, area)}"} if role else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=20)

    def token(self, role: str, area: str = "350599") -> str:
        actor = Actor(id=f"t-{role}", roles=frozenset({role}), areas=(area,))
        return signer(Keyring(self.home / "keys"), ISSUER, utc_now).sign(actor, audience=DOOR)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A ``hemu`` command beside the running system."""
        return subprocess.run(
            [sys.executable, "-m", "services", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def __enter__(self) -> Self:
        self.start()
        return self

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
