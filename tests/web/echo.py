"""A small application for tests of the server around it."""

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SLOW_SECONDS = 0.3


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Sends the body back; below ``/slow`` after a while, below ``/pieces`` piece by piece."""
    body = environ["wsgi.input"].read()
    path = environ["PATH_INFO"]
    if path == "/slow":
        time.sleep(SLOW_SECONDS)
    if path == "/nothing":
        start_response("204 No Content", [])
        return []
    headers = [("Content-Type", "application/octet-stream")]
    if path == "/pieces":
        start_response("200 OK", headers)
        return (body[start : start + 1] for start in range(len(body)))
    start_response("200 OK", [*headers, ("Content-Length", str(len(body)))])
    return [body]
