"""A proxy for TCP that can be told to be a bad network."""

import select
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from tests.servers.process import free_port

CHUNK = 65_536
LOOK = 0.1
"""Seconds after which a connection notices at the latest that it is to be cut."""
AT_ONCE = struct.pack("ii", 1, 0)


class Proxy:
    """Listens on a port of its own and passes on to ``target``, a port of this machine."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self._target = target
        self._cuts = 0
        self._flows = threading.Event()
        self._flows.set()
        self._seconds, self._rate = 0.0, float("inf")
        self._answers, self._silent = True, False

    def __enter__(self) -> Self:
        self._listening = socket.create_server(("127.0.0.1", self.port), backlog=200)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._flows.set()
        self.reset()

    def reset(self) -> None:
        """Cut every connection; both ends are told (RST)."""
        self._cuts += 1

    @contextmanager
    def black_hole(self) -> Iterator[None]:
        """Nothing passes, and nobody is told; what was sent arrives afterwards."""
        self._flows.clear()
        yield
        self._flows.set()

    @contextmanager
    def losing_answers(self) -> Iterator[None]:
        """Requests pass, answers do not; in the end every connection is cut."""
        self._answers = False
        yield
        self.reset()
        self._answers = True

    @contextmanager
    def half_open(self) -> Iterator[None]:
        """The server forgets every connection; no client is told before all are cut in the end."""
        self._silent = True
        yield
        self.reset()
        self._silent = False

    @contextmanager
    def slow(self, *, seconds: float = 0.0, rate: float = float("inf")) -> Iterator[None]:
        """Each piece arrives so much later, or only so many bytes pass in a second."""
        self._seconds, self._rate = seconds, rate
        yield
        self._seconds, self._rate = 0.0, float("inf")

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return  # that is the end
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        cuts = self._cuts
        with client:
            try:
                with socket.create_connection(("127.0.0.1", self._target)) as server:
                    while cuts == self._cuts and self._pass_on(client, server):
                        pass
                    if cuts != self._cuts or self._silent:
                        server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
                while self._silent and cuts == self._cuts:
                    time.sleep(LOOK)
            except OSError:
                cuts = -1  # the server is away, or an end was cut from outside
            if cuts != self._cuts:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)

    def _pass_on(self, client: socket.socket, server: socket.socket) -> bool:
        """What there is, in both directions; False when it is over."""
        for source in select.select([client, server], [], [], LOOK)[0]:
            data = source.recv(min(CHUNK, int(min(self._rate, CHUNK))))
            self._flows.wait()
            time.sleep(self._seconds + len(data) / self._rate)
            if source is client:
                server.sendall(data)
            elif self._answers:
                client.sendall(data)
            if not data:
                return False
        return not self._silent
