"""Signing in and out."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from werkzeug import Response

from services.directory import handlers, queries
from services.directory.handlers import Opened, Proof, Tries
from services.directory.models import Account
from services.directory.models.passwords import Passwords
from services.directory.models.second_factor import SEED
from services.directory.pages.browser import forget, held_token, keep, own_session
from services.directory.pages.homes import home
from services.directory.pages.tries import tried, tries_of
from services.directory.schemas import SignIn, SignInSchema
from shared.db import Transaction
from shared.errors import Throttled, Unauthenticated
from shared.web.addresses import local_path
from shared.web.auditing import about
from shared.web.context import kept, plain_sealer, platform, reading, transaction
from shared.web.devices import device
from shared.web.forms import Errors, form_errors, nested
from shared.web.operation import page

blueprint = Blueprint("pages", __name__)

SIGN_IN = SignInSchema()


@blueprint.get("/sign-in")
@page("session.open")
def sign_in() -> str:
    return _form()


@blueprint.post("/sign-in")
@page("session.open")
def open_session() -> ResponseReturnValue:
    try:
        wanted = SIGN_IN.read(nested(request.form))
        tries = tries_of(wanted.login)
        with reading() as session:
            handlers.check_pause(session, tries, platform().clock())
        with kept(Passwords).place(tries.source):
            account, opened = _opened(wanted, tries)
    except (ValidationError, Unauthenticated, Throttled) as error:
        status = 422 if isinstance(error, ValidationError) else int(error.status)
        wait = {"Retry-After": str(error.seconds)} if isinstance(error, Throttled) else {}
        return _form(form_errors(error, request.form)), status, wait
    return keep(redirect(_target(account, opened), 303), opened.token)


@blueprint.post("/sign-out")
@page("session.close")
def close_session() -> Response:
    answer = forget(redirect(f"{request.script_root}/sign-in", 303))
    try:
        held = own_session()
    except Unauthenticated:
        return answer  # it has ended already
    about(held.actor.id)
    with transaction() as tx:
        handlers.end_session(tx, held.account_id, held.session_id)
    return answer


def _opened(wanted: SignIn, tries: Tries) -> tuple[Account, Opened]:
    """Two transactions: the first counts the try, whatever becomes of it.

    Raises Unauthenticated or Throttled.
    """
    with tried(tries):
        account, rehashed = _proved(wanted)
        with transaction() as tx:
            opened = _open(tx, account, rehashed, wanted)
            handlers.note_success(tx, tries)
    return account, opened


def _proved(wanted: SignIn) -> tuple[Account, str | None]:
    """The account whose password it is, and a better hash if there is one to be had.

    Raises Unauthenticated, after the same time for an account that is not there.
    """
    passwords = kept(Passwords)
    with reading() as session:
        account = queries.account_by_login(session, wanted.login)
    hashed = account.password if account else None
    if not passwords.matches(hashed, wanted.password) or account is None or hashed is None:
        raise Unauthenticated("The login, the password or the code is not right.")
    better = passwords.is_outdated(hashed) and not account.initial
    return account, passwords.hash(wanted.password) if better else None


def _open(tx: Transaction, account: Account, rehashed: str | None, wanted: SignIn) -> Opened:
    if rehashed is not None:
        handlers.improve_hash(tx, account.id, rehashed)
    opened = handlers.open_session(
        tx,
        account,
        Proof(code=wanted.code),
        plain_sealer(SEED),
        device=device(request.user_agent.string),
    )
    handlers.end_former(tx, held_token())
    about(opened.member_id)
    return opened


def _target(account: Account, opened: Opened) -> str:
    """Where one wanted to go, or where one's work is; first to a password of one's own."""
    with reading() as session:
        roles = queries.roles_of(session, opened.member_id, newcomer=account.initial)
    usual = home(roles)
    return usual if account.initial else local_path(request.form.get("next", ""), usual)


def _form(errors: Errors | None = None) -> str:
    return render_template(
        "directory/sign_in.html",
        errors=errors or {},
        values={"login": request.form.get("login", "")},
        next=request.values.get("next", ""),
        has_provider=bool(platform().settings.openid_issuer),
    )
