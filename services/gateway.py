"""The gateway when everything runs in one process: what nginx is for the cluster.

Sends a request to the application its first segment names, exchanges what the caller holds for an
actor token, and keeps internal paths inside.
"""

from collections.abc import Iterable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from werkzeug.utils import redirect

from shared.auth.door import COOKIE, Door

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WELCOME = "intake"
HOME = f"/{WELCOME}/"
NOWHERE = "nowhere"
"""A path that no service has: its application says so in its own way."""

ACTOR = "HTTP_HEMU_ACTOR"
INSIDE = frozenset({"internal"})
LOCAL_ONLY = frozenset({"health", "metrics"})
LOOPBACK = frozenset({"127.0.0.1", "::1", ""})


class Gateway:
    """A WSGI application in front of the services' own."""

    def __init__(self, applications: Mapping[str, "WSGIApplication"], door: Door) -> None:
        self._applications = applications
        self._door = door

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        service, _, rest = path.lstrip("/").partition("/")
        if path in {"", "/"}:
            return redirect(HOME, 303)(environ, start_response)
        if service not in self._applications or "//" in path:
            service, rest = WELCOME, NOWHERE
        elif not _may_pass(environ, rest.partition("/")[0]):
            rest = f"api/{NOWHERE}"  # who asks for these is a program
        application = self._applications[service]
        environ.pop(ACTOR, None)
        environ[ACTOR] = self._door.exchange(
            environ.get("HTTP_AUTHORIZATION"), _session(environ), service
        )
        environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/{service}"
        environ["PATH_INFO"] = f"/{rest}"
        return application(environ, start_response)


def _may_pass(environ: "WSGIEnvironment", area: str) -> bool:
    """Health and figures are for this machine's own monitoring, not for who comes by a proxy."""
    if area in LOCAL_ONLY:
        proxied = "HTTP_X_FORWARDED_FOR" in environ or "HTTP_FORWARDED" in environ
        return environ.get("REMOTE_ADDR", "") in LOOPBACK and not proxied
    return area not in INSIDE


def _session(environ: "WSGIEnvironment") -> str | None:
    try:
        morsel = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel else None
