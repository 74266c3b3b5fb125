"""Health and figures of a process that serves no pages: a relay or a consumer."""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import msgspec
from prometheus_client import make_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LIMIT = 60.0
"""Seconds without a sign of life after which a role counts as hanging."""

Silences = Callable[[], Mapping[str, float]]


class Probe:
    """``/health/live`` and ``/metrics``. ``silences`` tells how long each role has been silent."""

    def __init__(self, silences: Silences) -> None:
        self._silences = silences
        self._figures: WSGIApplication = make_wsgi_app()

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        match environ.get("PATH_INFO"):
            case "/metrics":
                return self._figures(environ, start_response)
            case "/health/live":
                return self._live(start_response)
            case _:
                return _answer(start_response, HTTPStatus.NOT_FOUND, {"status": "not here"})

    def _live(self, start_response: "StartResponse") -> Iterable[bytes]:
        hanging = sorted(role for role, seconds in self._silences().items() if seconds > LIMIT)
        if hanging:
            body = {"status": "hanging", "roles": hanging}
            return _answer(start_response, HTTPStatus.SERVICE_UNAVAILABLE, body)
        return _answer(start_response, HTTPStatus.OK, {"status": "live"})


@contextmanager
def serve_probe(address: str, silences: Silences) -> Iterator[str]:
    """Serve it at ``HOST:PORT``, or at a port of 127.0.0.1, in a thread of its own; yields its
    URL. Without an address nothing is served.
    """
    if not address:
        yield ""
        return
    host, _, port = address.rpartition(":")
    server = make_server(
        host or "127.0.0.1", int(port), Probe(silences), server_class=_Server, handler_class=_Quiet
    )
    thread = threading.Thread(target=server.serve_forever, name="probe", daemon=True)
    thread.start()
    try:
        yield "http://{}:{}".format(*server.server_address[:2])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingMixIn, WSGIServer):
    """A slow client does not keep others waiting."""

    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 – the library's name
        """A question about health is no news."""


def _answer(
    start_response: "StartResponse", status: HTTPStatus, body: Mapping[str, object]
) -> Iterable[bytes]:
    content = [("Content-Type", "application/json")]
    start_response(f"{status.value} {status.phrase}", content)
    return [msgspec.json.encode(body)]
