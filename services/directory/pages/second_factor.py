"""The second factor of one's own account, and showing it for what asks for a fresh one."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug import Response

from services.directory import handlers
from services.directory.models.second_factor import SEED, picture, spelt
from services.directory.pages.browser import keep
from services.directory.pages.homes import home
from services.directory.pages.mine import (
    CODE,
    REFUSED,
    Mine,
    mine,
    prove_password,
    proved_again,
)
from services.directory.schemas import PasswordSchema
from shared.web.addresses import local_path
from shared.web.context import current_actor, plain_sealer, transaction
from shared.web.forms import Errors, form_errors, nested
from shared.web.operation import page

blueprint = Blueprint("second_factor", __name__)

PASSWORD = PasswordSchema()


@blueprint.get("/account/second-factor")
@page("account.read")
def second_factor() -> str:
    return _show(mine())


@blueprint.post("/account/second-factor")
@page("factor.enrol")
def prepare() -> str | tuple[str, int]:
    """The first one: the password is asked for again. Shows what goes into the app, this once."""
    whose = mine()
    try:
        wanted = PASSWORD.read(nested(request.form))
        prove_password(whose, wanted.password)
        with transaction() as tx:
            seed = handlers.prepare_second_factor(tx, whose.account.id, plain_sealer(SEED))
    except REFUSED as error:
        return _show(whose, form_errors(error, request.form)), 422
    return _show(whose, seed=seed)


@blueprint.post("/account/second-factor/replace")
@page("factor.replace")
def replace() -> Response | tuple[str, int]:
    """Likewise; a code of the old one, or a recovery code, is asked for."""
    whose = mine()
    try:
        with proved_again(whose) as (tx, token):
            seed = handlers.prepare_second_factor(
                tx, whose.account.id, plain_sealer(SEED), replacing=True
            )
    except REFUSED as error:
        return _show(whose, form_errors(error, request.form)), 422
    return keep(make_response(_show(whose, seed=seed)), token)


@blueprint.post("/account/second-factor/confirm")
@page("factor.confirm")
def confirm() -> str | tuple[str, int]:
    """Shows the recovery codes, this once; every other session ends."""
    whose = mine()
    try:
        wanted = CODE.read(nested(request.form))
        with transaction() as tx:
            codes = handlers.confirm_second_factor(
                tx, whose.account.id, wanted.code, plain_sealer(SEED)
            )
            handlers.end_other_sessions(tx, whose.account.id, whose.held.session_id)
    except REFUSED as error:
        return _show(whose, form_errors(error, request.form), confirming=True), 422
    return _show(mine(), codes=codes)


@blueprint.post("/account/second-factor/drop")
@page("factor.drop")
def drop() -> Response | tuple[str, int]:
    """A code of it, or a recovery code, is asked for once more."""
    whose = mine()
    try:
        with proved_again(whose) as (tx, token):
            handlers.drop_second_factor(tx, whose.account.id)
    except REFUSED as error:
        return _show(whose, form_errors(error, request.form)), 422
    return keep(redirect(url_for("account.account"), 303), token)


@blueprint.get("/step-up")
@page("account.read")
def step_up() -> str:
    return _step_up(mine())


@blueprint.post("/step-up")
@page("session.step_up")
def show_again() -> Response | tuple[str, int]:
    whose = mine()
    try:
        with proved_again(whose) as (_tx, token):
            pass  # that they have proved it is all
    except REFUSED as error:
        return _step_up(whose, form_errors(error, request.form)), 422
    target = local_path(request.form.get("next", ""), home(current_actor().roles))
    return keep(redirect(target, 303), token)


def _show(
    whose: Mine,
    errors: Errors | None = None,
    *,
    seed: bytes | None = None,
    confirming: bool = False,
    codes: tuple[str, ...] = (),
) -> str:
    """``seed`` is for who has just proved who they are; whoever comes later does not see it."""
    return render_template(
        "directory/second_factor.html",
        mine=whose.own,
        picture=picture(seed, whose.account.login) if seed else "",
        spelt=spelt(seed) if seed else "",
        confirming=confirming or seed is not None,
        codes=codes,
        errors=errors or {},
    )


def _step_up(whose: Mine, errors: Errors | None = None) -> str:
    return render_template(
        "directory/step_up.html",
        mine=whose.own,
        errors=errors or {},
        next=request.values.get("next", ""),
    )
