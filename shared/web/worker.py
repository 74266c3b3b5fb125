"""The worker class of our web servers: gunicorn's threads, faster for who is busy and out of reach
for who is slow.

Fast: a thread stays with its connection for a moment after an answer, since handing a connection
to the main thread and back costs more than a small request; head and body of an answer leave in one
piece. Patient: a thread gets a connection only when a whole request is there (its head and, up to
a limit, its body), so that neither idle connections nor slow senders hold threads.

Made for gunicorn 27.0 (pinned); ``tests/web/test_worker.py`` says what must hold for another.
TLS is ended before us.
"""

import errno
import select
import selectors
import socket
import struct
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future
from functools import partial
from threading import BoundedSemaphore
from typing import Any

from gunicorn.http import wsgi
from gunicorn.workers import gthread

from shared.web.wire import Response, Unreader

STAY_MS = 20
SPARE_THREADS = 2
"""So many threads never wait for a client that was just answered."""

STALL_SECONDS = 10
BODY_SECONDS = 30
"""A thread that reads a body which was not waited for gives up after so long without a piece of it,
and after so long altogether.
"""

_GONE = {errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK}


class Worker(gthread.ThreadWorker):
    """Connections are in one of three places: with a thread; kept alive, of which nothing has come
    (``keepalived_conns``); or pending, of which not all has come (``pending_conns``).
    """

    def init_process(self) -> None:
        wsgi.Response = Response  # type: ignore[misc]  # what gthread makes its answers of
        self._staying = BoundedSemaphore(max(1, self.cfg.threads - SPARE_THREADS))
        super().init_process()

    def accept(self, listener: socket.socket) -> None:
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in _GONE:
                return
            raise
        self.nr_conns += 1
        conn: Any = gthread.TConn(self.cfg, client, address, listener.getsockname())
        conn.init()
        limit = struct.pack("ll", STALL_SECONDS, 0)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
        conn.parser.unreader = Unreader(client)
        self._wait_for_rest(conn)

    def on_client_socket_readable(self, conn: Any, client: socket.socket) -> None:
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        there = conn.parser.unreader.gather()
        if there and not conn.parser.unreader.whole():
            self._wait_for_rest(conn)
        else:
            self._go_on(conn, there=there)

    def on_pending_socket_readable(self, conn: Any, client: socket.socket) -> None:
        there = conn.parser.unreader.gather()
        if there and not conn.parser.unreader.whole():
            return
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        self._go_on(conn, there=there)

    def _go_on(self, conn: Any, *, there: bool) -> None:
        if there:
            self.enqueue_req(conn)
        else:
            self.nr_conns -= 1
            conn.close()

    def handle(self, conn: Any) -> Any:
        """Answer a request, and those that follow it at once; in a thread of the pool."""
        while True:
            conn.parser.unreader.until = time.monotonic() + BODY_SECONDS
            kept = super().handle(conn)
            if kept is not True or not self._another(conn):
                return kept

    def finish_request(self, conn: Any, fs: "Future[Any]") -> None:
        going_on = not fs.cancelled() and fs.exception() is None and fs.result() is True
        unreader = conn.parser.unreader
        if going_on and not unreader.empty() and not unreader.whole():
            self._wait_for_rest(conn)
        else:
            super().finish_request(conn, fs)

    def _wait_for_rest(self, conn: Any) -> None:
        """In the main thread, and not longer than an idle connection is kept."""
        conn.set_timeout()
        self.pending_conns.append(conn)
        self.poller.register(
            conn.sock, selectors.EVENT_READ, partial(self.on_pending_socket_readable, conn)
        )

    def _another(self, conn: Any) -> bool:
        """Whether the next request of the connection comes while nobody waits for a thread."""
        unreader = conn.parser.unreader
        if not self.alive or self.tpool._work_queue.qsize():  # noqa: SLF001 – nothing else says who waits
            return False
        if unreader.empty():
            if not self._staying.acquire(blocking=False):
                return False
            try:
                if not _comes(conn.sock) or not unreader.gather():
                    return False
            finally:
                self._staying.release()
        return bool(unreader.whole())

    def _cap_keepalive(self, deadline: float) -> None:
        """A stopping worker waits for the rest of a request no longer than for a new one."""
        super()._cap_keepalive(deadline)  # type: ignore[misc]  # its stubs are older
        waiting: deque[Any] = self.pending_conns
        for conn in waiting:
            conn.timeout = min(conn.timeout, deadline)


def _comes(sock: socket.socket) -> Iterable[object]:
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return poll.poll(STAY_MS)
