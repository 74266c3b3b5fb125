"""A server as a child process: started until ready, stopped, killed, and gone when we are."""

import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from services.commands.cluster.programs import tied

TAIL_LINES = 15
LOWEST_PORT, HIGHEST_PORT = 20000, 32000  # below those that the system hands out to clients


class ServerMissing(Exception):
    """This machine cannot run the server; the text says what is missing."""


class ServerFailed(Exception):
    """The server did not get ready or did not stop; the text ends with its last words."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses now; it stays free while its server restarts."""
    while True:
        port = random.randint(LOWEST_PORT, HIGHEST_PORT)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


class ServerProcess:
    """One command that serves until told to stop; its output goes to a file."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        output: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        user: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._command = [*tied(stop_signal.name.removeprefix("SIG")), *command]
        self._output = output
        self._stop_signal = stop_signal
        self._user = user
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        if self._process is None:
            raise ServerFailed("it was not started")
        return self._process.pid

    def start(self, ready: Callable[[], bool], *, seconds: float) -> bool:
        """Start and wait until ready. False when it ended by itself before."""
        if self.running:
            raise ServerFailed("it is running already")
        process = self._process = self._launch()
        deadline = time.monotonic() + seconds
        while process.poll() is None:
            if ready():
                return True
            if time.monotonic() > deadline:
                self.kill()
                raise ServerFailed(f"not ready after {seconds:g} s:\n{self.last_words()}")
            time.sleep(0.05)
        return False

    def stop(self, *, seconds: float = 30) -> None:
        """Ask it to stop and wait until it has; does nothing when it is not running."""
        self._end(self._stop_signal, seconds)

    def kill(self) -> None:
        """End it as a crash would, without a chance to tidy up."""
        self._end(signal.SIGKILL, 10)

    def last_words(self) -> str:
        if not self._output.exists():
            return ""
        return "\n".join(self._output.read_text(errors="replace").splitlines()[-TAIL_LINES:])

    def _launch(self) -> subprocess.Popen[bytes]:
        with self._output.open("ab") as output:
            return subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                user=self._user,
                group=self._user,
                extra_groups=None if self._user is None else (),
                env=self._environment,
                cwd="/",
                start_new_session=True,  # Ctrl-C is for the tests, which then stop it
            )

    def _end(self, number: signal.Signals, seconds: float) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            self._process.kill()
            self._process.wait()
            raise ServerFailed(f"running {seconds:g} s after {number.name}") from error
        self._process = None
