"""What the gateway asks about every request: who sends it (nginx ``auth_request``)."""

from flask import Blueprint, Response, current_app, request

from services.directory.holders import StoredHolders
from shared.auth.door import BY_ITSELF, HEADER, Door, audience_of, door, session_cookie
from shared.settings import SERVICES
from shared.web.context import platform
from shared.web.operation import operation

blueprint = Blueprint("internal", __name__, url_prefix="/internal/v1")

ASKED_FOR = "X-Original-URI"


@blueprint.get("/actor")
@operation("actor.exchange")
def actor() -> Response:
    """204 with the actor token for the service that the original request is for; without one, for
    a path that belongs to no service.
    """
    response = Response(status=204)
    audience = audience_of(request.headers.get(ASKED_FOR, ""))
    if audience in SERVICES:
        response.headers[HEADER] = _door().exchange(
            request.headers.get("Authorization"),
            session_cookie(request.cookies, secure=request.is_secure),
            audience,
            by_itself=BY_ITSELF in request.headers,
        )
    return response


def _door() -> Door:
    """One per application, so that tokens are signed once and then reused."""
    found: Door | None = current_app.extensions.get("hemu.door")
    if found is None:
        here = platform()
        holders = StoredHolders(here.database, here.clock)
        found = current_app.extensions["hemu.door"] = door(here.keys, holders, here.clock)
    return found
