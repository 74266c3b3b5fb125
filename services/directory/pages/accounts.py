"""The accounts of the members one administers: given, renewed, locked."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug import Response

from services.directory import handlers, queries
from services.directory.handlers.throttle import PURPOSE
from services.directory.schemas import NewAccountSchema
from shared.db import Transaction
from shared.errors import Rejected
from shared.web.context import current_actor, plain_sealer, reading, transaction
from shared.web.forms import Errors, form_errors, nested
from shared.web.operation import page

blueprint = Blueprint("accounts", __name__, url_prefix="/members/<member_id>/account")

NEW_ACCOUNT = NewAccountSchema()


@blueprint.get("")
@page("account.look")
def account(member_id: str) -> str:
    return _show(member_id)


@blueprint.post("")
@page("account.open")
def open_account(member_id: str) -> tuple[str, int]:
    """Shows the first password, this once."""
    try:
        wanted = NEW_ACCOUNT.read({**nested(request.form), "member_id": member_id})
        with transaction() as tx:
            queries.member_seen(tx.session, current_actor(), member_id)
            password = handlers.open_account(tx, wanted)
    except (ValidationError, Rejected) as error:
        return _show(member_id, form_errors(error, request.form)), 422
    return _show(member_id, password=password), 201


@blueprint.post("/password")
@page("account.renew")
def give_new_password(member_id: str) -> str:
    """Likewise."""
    account_id = _account_id(member_id)
    with transaction() as tx:
        password = handlers.give_new_password(tx, account_id)
    return _show(member_id, password=password)


@blueprint.post("/lock")
@page("account.lock")
def lock(member_id: str) -> Response:
    return _changed(member_id, lambda tx, id_: handlers.set_locked(tx, id_, locked=True))


@blueprint.post("/unlock")
@page("account.unlock")
def unlock(member_id: str) -> Response:
    return _changed(member_id, lambda tx, id_: handlers.unlock(tx, id_, plain_sealer(PURPOSE)))


@blueprint.post("/second-factor/drop")
@page("account.drop_factor")
def drop_second_factor(member_id: str) -> Response:
    return _changed(member_id, handlers.leave_out_second_factor)


def _changed(member_id: str, change: Callable[[Transaction, UUID], None]) -> Response:
    account_id = _account_id(member_id)
    with transaction() as tx:
        change(tx, account_id)
    return redirect(url_for(".account", member_id=member_id), 303)


def _account_id(member_id: str) -> UUID:
    """Raises NotFound, also for somebody whom one does not administer."""
    with reading() as session:
        return queries.administered_account(session, current_actor(), member_id).id


def _show(member_id: str, errors: Errors | None = None, *, password: str = "") -> str:
    with reading() as session:
        member = queries.member_seen(session, current_actor(), member_id)
        found = queries.account_of(session, member_id)
    return render_template(
        "directory/member_account.html",
        member=member,
        account=found,
        password=password,
        errors=errors or {},
        values=request.form.to_dict() if errors else {},
    )
