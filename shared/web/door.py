"""The door: what is checked of every request before a view sees it, and noted of its answer."""

import re
import secrets
import time

from flask import Flask, g, request
from prometheus_client import Histogram
from werkzeug import Response

from shared.auth.actor import ANONYMOUS, Actor, service_actor
from shared.auth.door import COOKIE, HEADER, SECURE_COOKIE
from shared.errors import Forbidden, Malformed, Unauthenticated
from shared.telemetry import (
    HTTP_REQUEST_SECONDS,
    begin_context,
    continued,
    end_context,
    logger,
    trace_id,
)
from shared.web.context import current_actor, platform, service
from shared.web.headers import protect
from shared.web.operation import REPLAYED, SAFE, Guarded, current_view
from shared.web.reading import pairs

MAX_TOKEN = 4096
INTERNAL = "/internal/"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
DRAIN_BYTES = 32 * 1024 * 1024
DRAIN_SECONDS = 20
CHUNK = 64 * 1024

SIGNING = frozenset({"session.open", "session.close"})
"""What somebody may do whose session has ended."""

_REQUEST_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f]")
_SIGN_IN_AGAIN = "The sign-in has expired or is not valid. Please sign in again."


def install(app: Flask) -> None:
    app.before_request(_enter)
    app.after_request(_leave)
    app.teardown_request(_forget)


def _enter() -> None:
    g.started = time.perf_counter()
    g.request_id = _request_id()
    g.traceparent = continued(request.headers.get("traceparent"))
    g.log_context = begin_context(
        service=service().name, request_id=g.request_id, trace_id=trace_id(g.traceparent)
    )
    _check_address()
    if request.method not in SAFE:
        _check_origin()
    view = current_view()
    if request.endpoint is None or isinstance(view, Guarded):
        g.actor = _actor()
        if g.actor.lapsed and request.method not in SAFE:
            _check_lapsed(view)


def _request_id() -> str:
    given = request.headers.get("X-Request-ID", "")
    return given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)


def _check_address() -> None:
    """Raises Malformed for a path or query that is not UTF-8 or holds control characters."""
    try:
        path = request.environ["PATH_INFO"].encode("latin-1").decode()
    except UnicodeError as error:
        raise Malformed("The address is not valid UTF-8.") from error
    if _UNSAFE.search(path):
        raise Malformed("The address holds a character that is not allowed.")
    if request.query_string:
        pairs(request.query_string)


def _check_origin() -> None:
    """A browser says which site a change comes from; programs say nothing, and carry no cookie
    that somebody else could use. Raises Forbidden.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        ours = site in {"same-origin", "none"}
    else:
        ours = origin is None or origin.partition("://")[2] == request.host != ""
    if not ours:
        raise Forbidden("This was sent from another site. Please use the form on this one.")


def _actor() -> Actor:
    """Who shows a token for this service; nobody when there is none. Raises Unauthenticated."""
    token = request.headers.get(HEADER)
    if token is None:
        return ANONYMOUS
    if len(token) > MAX_TOKEN:
        raise Unauthenticated(_SIGN_IN_AGAIN)
    try:
        actor = platform().verifier.verify(token)
    except RecursionError as error:  # a header that is nested as deeply as it is long
        raise Unauthenticated(_SIGN_IN_AGAIN) from error
    kind, _, name = actor.id.partition(":")
    if kind != "service":
        return actor
    if not request.path.startswith(INTERNAL):
        raise Forbidden("Services may use internal addresses only.")
    return service_actor(name)  # a service has its own role and no other, whatever it claims


def _check_lapsed(view: Guarded | None) -> None:
    """Nobody who had signed in does something as nobody, unawares. Raises Unauthenticated."""
    if view is None or view.action not in SIGNING:
        raise Unauthenticated(
            "Your session has ended. Sign in again in another tab, then come back to this one and "
            "reload it: what you have written is sent once more."
        )


def _leave(response: Response) -> Response:
    _drain()
    protect(response)
    if current_actor().lapsed and request.method in SAFE:
        _forget_session(response)
    response.headers["X-Request-ID"] = g.request_id
    if g.get("replayed"):
        response.headers[REPLAYED] = "true"
    seconds = time.perf_counter() - g.started
    method = request.method if request.method in METHODS else "other"
    rule = request.url_rule.rule if request.url_rule else "none"
    _timer(service().name, method, rule, response.status_code).observe(seconds)
    logger().info(
        "request.answered",
        method=method,
        rule=rule,
        status=response.status_code,
        ms=round(seconds * 1000, 2),
    )
    return response


def _forget_session(response: Response) -> None:
    """Of a session that has ended: what is opened from now on is opened as nobody."""
    name = SECURE_COOKIE if request.is_secure else COOKIE
    response.delete_cookie(name, path="/", httponly=True, samesite="Lax", secure=request.is_secure)


def _forget(_error: BaseException | None) -> None:
    if "log_context" in g:
        end_context(g.pop("log_context"))


def _timer(name: str, method: str, rule: str, status: int) -> Histogram:
    return HTTP_REQUEST_SECONDS.labels(name, method, rule, str(status))


def _drain() -> None:
    """Read the rest of a body that was refused: a client that is still sending would otherwise
    see a broken connection instead of the answer.
    """
    if not request.environ.get("wsgi.input_terminated") or request.method in SAFE:
        return
    stream = request.environ["wsgi.input"]
    left = DRAIN_BYTES
    until = time.monotonic() + DRAIN_SECONDS
    while left > 0 and time.monotonic() < until:
        try:
            chunk = stream.read(min(CHUNK, left))
        except OSError:
            return  # it does not send any more
        if not chunk:
            return
        left -= len(chunk)
