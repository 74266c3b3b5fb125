"""What comes and goes on a connection of our web servers: a request gathered without waiting for
it, an answer sent in one piece.
"""

import re
import socket
import time
from typing import Any

from gunicorn import util
from gunicorn.http import wsgi
from gunicorn.http.unreader import SocketUnreader

RECEIVE = 64 * 1024
MAX_HEAD = 64 * 1024
MAX_WAITED_FOR = 64 * 1024
"""The rest of a longer body is read by a thread."""

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*\r\n", re.IGNORECASE)
_ASKS_FIRST = re.compile(rb"\r\nexpect:", re.IGNORECASE)


class Unreader(SocketUnreader):
    """What came of a connection and was not read yet."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock)
        self.until = 0.0

    def gather(self) -> bool:
        """Take what has come, without waiting; False when the client is gone."""
        try:
            found = self.sock.recv(RECEIVE, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True
        except OSError:
            return False
        self.buf.seek(0, 2)
        self.buf.write(found)
        return bool(found)

    def empty(self) -> bool:
        return not self.buf.getbuffer().nbytes

    def whole(self) -> bool:
        """Whether a thread has something to do: only the parser says what it means."""
        found = self.buf.getvalue()
        end = found.find(_END_OF_HEAD)
        if end < 0:
            return len(found) > MAX_HEAD
        head = found[: end + 2]
        told = _LENGTH.search(head)
        length = int(told[1]) if told else 0
        missing = end + len(_END_OF_HEAD) + length - len(found)
        return missing <= 0 or length > MAX_WAITED_FOR or bool(_ASKS_FIRST.search(head))

    def chunk(self, size_hint: int | None = None) -> bytes:
        if time.monotonic() > self.until:
            raise TimeoutError("the request took too long to come")
        return super().chunk(size_hint)  # type: ignore[call-arg]  # its stubs are older


class Response(wsgi.Response):
    """Keeps the head back until there is something of the body to send it with."""

    _head = b""

    def send_headers(self) -> None:
        if self.headers_sent:
            return
        lines = [*self.default_headers(), *(f"{name}: {text}\r\n" for name, text in self.headers)]
        self._head = "".join([*lines, "\r\n"]).encode("latin-1")
        self.headers_sent = True
        if self.chunked:
            self._send_head()

    def sendfile(self, respiter: Any) -> bool:
        self.send_headers()
        self._send_head()
        return bool(super().sendfile(respiter))

    def close(self) -> None:
        super().close()
        self._send_head()

    def _emit_body(self, data: bytes) -> None:
        if self._head:
            data, self._head = self._head + data, b""
        util.write(self.sock, data, self.chunked)

    def _send_head(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            util.write(self.sock, head)
