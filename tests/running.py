"""What tests do with a Hemu that runs, however it was started: ask it, run commands beside it."""

import os
import subprocess
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import httpx

from shared.auth.actor import Actor
from shared.settings import Settings
from tests.holders import api_token

ROOT = Path(__file__).parents[1]
LAST_WORDS = "Ctrl-C"
COMMAND_SECONDS = 300


class Running(ABC):
    """A process that says on its output how to stop it, when it is ready."""

    def __init__(self) -> None:
        self.output: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self._tokens: dict[Actor, str] = {}

    @property
    @abstractmethod
    def url(self) -> str:
        """Without a slash at the end."""

    @property
    @abstractmethod
    def home(self) -> Path: ...

    @property
    @abstractmethod
    def environment(self) -> Mapping[str, str]:
        """Of an operator's shell beside it."""

    @abstractmethod
    def start(self) -> float:
        """Until it is ready; the seconds it took."""

    @abstractmethod
    def __exit__(self, *_error: object) -> None: ...

    def __enter__(self) -> Self:
        self.start()
        return self

    def client(
        self, role: str | None = None, area: str = "350599", *, member_id: str | None = None
    ) -> httpx.Client:
        """Somebody's browser or script; without a role, nobody in particular. Who acts on a case
        must be who has it: ``member_id``.
        """
        token = self.token(role, area, member_id) if role else None
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=20)

    def token(self, role: str, area: str = "350599", member_id: str | None = None) -> str:
        actor = Actor(id=member_id or f"t-{role}", roles=frozenset({role}), areas=(area,))
        if actor not in self._tokens:  # a member has few, and some tests look again and again
            self._tokens[actor] = api_token(self.seen_settings, actor)
        return self._tokens[actor]

    @property
    def seen_settings(self) -> Settings:
        """As a command beside it sees them."""
        return Settings.from_env(self.environment)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A ``hemu`` command beside the running system."""
        return subprocess.run(
            [sys.executable, "-m", "services", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )

    def _gets_ready(self, process: subprocess.Popen[str], seconds: float) -> bool:
        """Whether it did within so long; from now on its output is read."""
        self.output.clear()
        ended = threading.Event()
        threading.Thread(target=self._read, args=(process, ended), daemon=True).start()
        ended.wait(seconds)
        return any(line.startswith(LAST_WORDS) for line in self.output)

    def _read(self, process: subprocess.Popen[str], known: threading.Event) -> None:
        """What it prints; known is how it went when it is ready, or has ended."""
        assert process.stdout is not None
        with process.stdout as printed:
            for line in printed:
                self.output.append(line.rstrip("\n"))
                if line.startswith(LAST_WORDS):
                    known.set()
        known.set()


def outer_environment() -> dict[str, str]:
    """Ours, without any setting of Hemu."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HEMU_")}
    kept.pop("PROMETHEUS_MULTIPROC_DIR", None)
    return kept
