"""The session of the browser that asks: its cookie, and whose it is."""

from datetime import timedelta

from flask import request
from werkzeug import Response

from services.directory.handlers.sessions import LIFETIME
from services.directory.holders import StoredHolders
from services.directory.queries import SessionHolder
from shared.auth.door import COOKIE, SECURE_COOKIE, session_cookie
from shared.errors import Unauthenticated
from shared.web.addresses import LOOPBACK
from shared.web.context import current_actor, platform


def held_token() -> str | None:
    return session_cookie(request.cookies, secure=request.is_secure)


def own_session() -> SessionHolder:
    """Raises Unauthenticated for who came by another way: by an API token, or not at all."""
    here = platform()
    token = held_token()
    found = StoredHolders(here.database, here.clock).find_session(token) if token else None
    if found is None or found.actor.id != current_actor().id:
        raise Unauthenticated("Please sign in.")
    return found


def keep(response: Response, token: str) -> Response:
    _set(response, token, LIFETIME)
    return response


def forget(response: Response) -> Response:
    """And all that the browser has stored of this site."""
    _set(response, "", timedelta(0))
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _set(response: Response, token: str, lifetime: timedelta) -> None:
    response.set_cookie(
        SECURE_COOKIE if request.is_secure else COOKIE,
        token,
        max_age=lifetime,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
        path="/",
    )


def source() -> str:
    """The network address that a request comes from, as far as it can be known: behind the
    cluster's gateway, or a proxy on this machine, it is what the nearest of them says. Kept as a
    fingerprint only.
    """
    here = request.remote_addr or ""
    if platform().settings.urls or here in LOOPBACK:
        return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or here
    return here
