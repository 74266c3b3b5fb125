"""Load by ``wrk``, which takes little of the processors that the servers need."""

import json
import secrets
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tests.e2e.filing import DISPUTE
from tests.servers import ServerMissing

SCRIPT = Path(__file__).with_name("filing.lua")
MARK = "FIGURES "
NUMBER = "@NUMBER@"
DIGITS = "0" * 10
"""As many as the number that stands for it, for the length of the body."""


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What wrk saw in one round; times of answers in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    errors: int

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


@dataclass(frozen=True, kw_only=True)
class Filing:
    """Requests that file disputes at ``address`` (HOST:PORT), each a new one."""

    folder: Path
    address: str
    path: str
    token_header: str
    tokens: Sequence[str]

    def prepare(self) -> None:
        """Raises ServerMissing without wrk."""
        if shutil.which("wrk") is None:
            raise ServerMissing("wrk is not installed (deploy/debian.sh load)")
        self.folder.mkdir(parents=True)
        (self.folder / "request").write_bytes(self._request(DISPUTE))
        (self.folder / "tokens").write_text("\n".join(self.tokens))

    def run(self, seconds: int, connections: int) -> Load:
        done = subprocess.run(
            [
                "wrk",
                f"-c{connections}",
                f"-d{seconds}s",
                "-t1",
                "--timeout=30s",
                f"--script={SCRIPT}",
                f"http://{self.address}/",
                "--",
                str(self.folder / "request"),
                str(self.folder / "tokens"),
                secrets.token_hex(8),
            ],
            check=True,
            capture_output=True,
            text=True,
        )
        [figures] = [line for line in done.stdout.splitlines() if line.startswith(MARK)]
        found = msgspec.json.decode(figures.removeprefix(MARK), type=Load)
        if not found.requests:
            raise AssertionError(f"{self.address} answered nothing in {seconds} s")
        return found

    def _request(self, body: Mapping[str, object]) -> bytes:
        words = {**body, "narrative": f"{body['narrative']} {NUMBER}"}
        content = json.dumps(words, ensure_ascii=False).encode()
        length = len(content) - len(NUMBER) + len(DIGITS)
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: {self.address}\r\n"
            f"{self.token_header}@TOKEN@\r\nIdempotency-Key: @KEY@\r\n"
            f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        )
        return head.encode() + content
