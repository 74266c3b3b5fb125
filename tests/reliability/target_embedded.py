"""The embedded Hemu as a target: ``hemu up`` under a process manager that is this test."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from uuid import UUID

import httpx
import msgspec
from sqlalchemy import Engine, create_engine

from shared.settings import DATABASES, Settings
from tests.e2e.system import System
from tests.reliability.target import Logged, NeverServes, kill_process
from tests.running import ROOT

SERVES_WITHIN = 90.0
FAILPOINT_LINE = b'"logger":"shared.failpoints"'


class EmbeddedTarget:
    """``module`` is what ``python -m`` runs: ``services``, or a mutated one with its name."""

    kills_all = True
    kinds: Mapping[str, int] = {"worker": 18, "master": 1, "all": 1}

    def __init__(
        self, folder: Path, *, chance: random.Random, module: Sequence[str] = ("services",)
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._system = System(folder / "home")
        self._chance = chance
        self._module = list(module)
        self._output = folder / "output.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._restarts = 0

    @property
    def url(self) -> str:
        return self._system.url

    @property
    def settings(self) -> Settings:
        return self._system.seen_settings

    def start(self) -> None:
        self._launch("")
        self.await_serving()

    def break_down(self, failpoints: str) -> None:
        self.kill("all")
        self._launch(failpoints)

    def calm(self) -> None:
        self.break_down("")

    def stop(self) -> None:
        self.kill("all")

    def kill(self, kind: str) -> bool:
        if self._process is None or self._process.poll() is not None:
            return False
        if kind == "worker":
            workers = self.workers()
            return bool(workers) and kill_process(self._chance.choice(workers))
        if kind == "master":
            kill_process(self._process.pid)
        else:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)
        return True

    def tend(self, failpoints: str) -> None:
        if self._process is not None and self._process.poll() is not None:
            self._restarts += 1
            self._launch(failpoints)

    def await_serving(self) -> None:
        until = time.monotonic() + SERVES_WITHIN
        while not self._serves():
            self.tend("")
            if time.monotonic() > until:
                raise NeverServes(self._output.read_text()[-3000:])
            time.sleep(0.1)

    def workers(self) -> list[int]:
        assert self._process is not None
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        try:
            return [int(number) for number in children.read_text().split()]
        except OSError:
            return []

    def engines(self) -> Mapping[str, Engine]:
        return engines(self._system.home)

    def logged(self) -> Sequence[Logged]:
        return logged(self._file("log"))

    def unsound(self) -> Iterator[str]:
        return unsound([self._file(name) for name in (*DATABASES, "log")])

    def failpoints_reached(self) -> int:
        return self._output.read_bytes().count(FAILPOINT_LINE)

    def restarts(self) -> int:
        return self._restarts

    def _file(self, name: str) -> Path:
        return self._system.home / f"{name}.sqlite"

    def _launch(self, failpoints: str) -> None:
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self._module, "up"],
                cwd=ROOT,
                env=self._system.environment | {"HEMU_FAILPOINTS": failpoints},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _serves(self) -> bool:
        try:
            found = [
                httpx.get(f"{self.url}/{name}/health/ready", timeout=2)
                for name in ("intake", "referral")
            ]
        except httpx.TransportError:
            return False
        return all(response.status_code == httpx.codes.OK for response in found)


def engines(home: Path) -> Mapping[str, Engine]:
    """Of the databases in a home folder."""
    return {name: create_engine(f"sqlite:///{home / name}.sqlite") for name in DATABASES}


def logged(path: Path) -> Sequence[Logged]:
    """The log of an SQLite file, each partition in its order."""
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT key, headers FROM log ORDER BY topic, part, off")
        return [_logged(key, headers) for key, headers in rows]


def _logged(key: bytes, packed: bytes) -> Logged:
    headers = dict(msgspec.msgpack.decode(packed, type=list[tuple[str, bytes]]))
    return from_headers(key, headers)


def from_headers(key: bytes, headers: Mapping[str, bytes]) -> Logged:
    """Of a record in CloudEvents' binary mode."""
    return Logged(
        event_id=UUID(headers["ce_id"].decode()),
        type=headers["ce_type"].decode(),
        source=headers["ce_source"].decode().strip("/"),
        key=key.decode(),
        sequence=int(headers["ce_sequence"]),
    )


def unsound(paths: Sequence[Path]) -> Iterator[str]:
    """What SQLite itself finds wrong with its files."""
    for path in paths:
        with closing(sqlite3.connect(path)) as connection:
            try:
                found = [text for (text,) in connection.execute("PRAGMA integrity_check")]
            except sqlite3.DatabaseError as error:
                found = [str(error)]
            yield from (f"{path.name}: {text}" for text in found if text != "ok")
