"""The gateway when everything runs in one process: what nginx is for the cluster.

Sends a request to the application its first segment names, exchanges what the caller holds for an
actor token, and keeps internal paths inside.
"""

from collections.abc import Iterable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

from werkzeug.utils import redirect

from shared.auth.door import Door, session_cookie
from shared.web.addresses import LOOPBACK

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WELCOME = "intake"
HOME = "/directory/home"
"""Leads everybody to where their work is."""

NOWHERE = "nowhere"
"""A path that no service has: its application says so in its own way."""

ACTOR = "HTTP_HEMU_ACTOR"
ITSELF = "HTTP_HX_REQUEST"
INSIDE = frozenset({"internal"})
LOCAL_ONLY = frozenset({"health", "metrics"})


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
            environ.get("HTTP_AUTHORIZATION"),
            _session(environ),
            service,
            by_itself=ITSELF in environ,
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
    given = environ.get("HTTP_COOKIE")
    if not given:
        return None
    try:
        found = {name: morsel.value for name, morsel in SimpleCookie(given).items()}
    except CookieError:
        return None
    return session_cookie(found, secure=environ.get("wsgi.url_scheme") == "https")
