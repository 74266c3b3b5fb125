"""One's own account: what there is, the password, the sessions."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug import Response

from services.directory import handlers, queries
from services.directory.handlers import ChosenPassword
from services.directory.models.passwords import Passwords, check_new
from services.directory.pages.homes import home
from services.directory.pages.mine import REFUSED, Mine, mine, prove_password
from services.directory.schemas import NewPasswordSchema
from shared.web.context import current_actor, kept, platform, reading, transaction
from shared.web.forms import Errors, form_errors, nested
from shared.web.operation import page

blueprint = Blueprint("account", __name__, url_prefix="/account")

NEW_PASSWORD = NewPasswordSchema()


@blueprint.get("")
@page("account.read")
def account() -> str:
    return show(mine())


@blueprint.get("/password")
@page("password.change")
def password() -> str:
    return _password(mine())


@blueprint.post("/password")
@page("password.change")
def change_password() -> Response | tuple[str, int]:
    """The old one is asked for again."""
    whose = mine()
    try:
        wanted = NEW_PASSWORD.read(nested(request.form))
        check_new(wanted.new_password, known=whose.names)
        prove_password(whose, wanted.password)
        chosen = ChosenPassword(hashed=kept(Passwords).hash(wanted.new_password))
        with transaction() as tx:
            handlers.set_password(tx, whose.account.id, chosen, whose.held.session_id)
    except REFUSED as error:
        return _password(whose, form_errors(error, request.form)), 422
    return _back() if not whose.account.initial else _to_work()


@blueprint.post("/sessions/end")
@page("session.end")
def end_others() -> Response:
    """Everywhere but here."""
    whose = mine()
    with transaction() as tx:
        handlers.end_other_sessions(tx, whose.account.id, whose.held.session_id)
    return _back()


@blueprint.post("/sessions/<uuid:session_id>/end")
@page("session.end")
def end_one(session_id: UUID) -> Response:
    whose = mine()
    with transaction() as tx:
        handlers.end_session(tx, whose.account.id, session_id)
    return _back()


@blueprint.post("/act-as/<member_id>")
@page("session.act_as")
def act_as(member_id: str) -> Response:
    """As another of one's own members, for the rest of the session."""
    whose = mine()
    with transaction() as tx:
        handlers.act_as(tx, whose.held.session_id, whose.account.id, member_id)
        roles = queries.roles_of(tx.session, member_id)
    return redirect(home(roles), 303)


def show(whose: Mine, errors: Errors | None = None, *, token: str = "") -> str:
    """``token`` is a new one, to be read this once."""
    return render_template(
        "directory/account.html",
        mine=whose.own,
        here=whose.held,
        token=token,
        has_provider=bool(platform().settings.openid_issuer),
        errors=errors or {},
        values=request.form.to_dict() if errors else {"days": "30"},
    )


def _password(whose: Mine, errors: Errors | None = None) -> str:
    return render_template("directory/password.html", mine=whose.own, errors=errors or {})


def _back() -> Response:
    return redirect(url_for("account.account"), 303)


def _to_work() -> Response:
    """The first password of one's own opens everything else."""
    with reading() as session:
        return redirect(home(queries.roles_of(session, current_actor().id)), 303)
