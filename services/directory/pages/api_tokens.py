"""One's own API tokens."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from werkzeug import Response

from services.directory import handlers
from services.directory.pages.account import show
from services.directory.pages.mine import REFUSED, mine
from services.directory.schemas import NewTokenSchema
from shared.web.context import current_actor, transaction
from shared.web.forms import form_errors, nested
from shared.web.operation import page

blueprint = Blueprint("api_tokens", __name__, url_prefix="/account/tokens")

NEW_TOKEN = NewTokenSchema()


@blueprint.post("")
@page("token.issue")
def issue_token() -> tuple[str, int]:
    """Shows it, this once."""
    whose = mine()
    try:
        wanted = NEW_TOKEN.read(nested(request.form))
        with transaction() as tx:
            token = handlers.issue_token(tx, current_actor().id, wanted)
    except REFUSED as error:
        return show(whose, form_errors(error, request.form)), 422
    return show(mine(), token=token), 201


@blueprint.post("/<uuid:token_id>/revoke")
@page("token.revoke")
def revoke_token(token_id: UUID) -> Response:
    mine()
    with transaction() as tx:
        handlers.revoke_token(tx, current_actor().id, token_id)
    return redirect(url_for("account.account"), 303)
