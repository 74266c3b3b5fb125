"""Signing in at an OpenID provider, and linking one's account to it."""

from contextlib import AbstractContextManager
from typing import NoReturn

import msgspec
from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug import Response

from services.directory import handlers, queries
from services.directory.handlers import Proof
from services.directory.models.second_factor import SEED
from services.directory.openid import Begun, Known, Provider
from services.directory.pages.browser import held_token, keep
from services.directory.pages.homes import home
from services.directory.pages.mine import REFUSED, Mine, mine, prove_password
from services.directory.pages.tries import refusals_told
from services.directory.schemas import PasswordSchema
from shared.auth.sealing import CannotOpen, Sealer
from shared.errors import NotFound, Unauthenticated
from shared.web.addresses import local_path
from shared.web.auditing import about, acts
from shared.web.context import kept, plain_sealer, platform, reading, transaction
from shared.web.devices import device
from shared.web.forms import Errors, form_errors, nested
from shared.web.operation import page

blueprint = Blueprint("openid", __name__)

PURPOSE = "directory.openid"
COOKIE = "hemu_openid"
ABOUT = "sign-in"
SECONDS = 600
PASSWORD = PasswordSchema()


@blueprint.get("/sign-in/openid")
@page("session.open")
def begin() -> Response:
    address, begun = provider().begin(next_=request.args.get("next", ""))
    return _away(address, begun)


@blueprint.get("/account/openid")
@page("account.read")
def link() -> str:
    provider()
    return _linking(mine())


@blueprint.post("/account/openid")
@page("provider.link")
def begin_linking() -> Response | tuple[str, int]:
    """From now on one may sign in there, so the password is asked for again. The answer shows the
    way: a form may not lead to another site.
    """
    there, whose = provider(), mine()
    try:
        prove_password(whose, PASSWORD.read(nested(request.form)).password)
    except REFUSED as error:
        return _linking(whose, form_errors(error, request.form)), 422
    address, begun = there.begin(links=str(whose.account.id))
    return _keeping(make_response(_linking(whose, address=address)), begun)


@blueprint.post("/account/openid/unlink")
@page("provider.unlink")
def unlink() -> Response:
    whose = mine()
    with transaction() as tx:
        handlers.link_provider(tx, whose.account.id, None)
    return redirect(url_for("account.account"), 303)


@blueprint.get("/sign-in/openid/back")
@page("session.open")
def back() -> Response:
    """Where the provider sends the browser."""
    begun = _begun()
    known = provider().finish(request.args, begun)
    answer = _linked(known, begun) if begun.links else _opened(known, begun)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="Lax", secure=request.is_secure)
    return answer


def provider() -> Provider:
    """Raises NotFound where there is none."""
    found = kept(_provider)
    if found is None:
        raise NotFound("There is no such record.")
    return found


def _provider() -> Provider | None:
    return Provider.of(platform().settings)


def _linking(whose: Mine, errors: Errors | None = None, *, address: str = "") -> str:
    return render_template(
        "directory/linking.html", mine=whose, errors=errors or {}, address=address
    )


def _away(address: str, begun: Begun) -> Response:
    return _keeping(redirect(address, 303), begun)


def _keeping(answer: Response, begun: Begun) -> Response:
    """Only this browser may come back with what was begun."""
    sealed = plain_sealer(PURPOSE).seal(msgspec.json.encode(begun), about=ABOUT)
    answer.set_cookie(
        COOKIE,
        sealed.hex(),
        max_age=SECONDS,
        httponly=True,
        samesite="Lax",  # it must come along when the provider sends the browser back
        secure=request.is_secure,
        path="/",
    )
    return answer


def _begun() -> Begun:
    """What this browser began. Raises Unauthenticated."""
    box: Sealer = plain_sealer(PURPOSE)
    try:
        sealed = bytes.fromhex(request.cookies.get(COOKIE, ""))
        return msgspec.json.decode(box.open(sealed, about=ABOUT), type=Begun)
    except (ValueError, CannotOpen, msgspec.ValidationError):
        _refuse("This sign-in was begun in another browser, or too long ago. Please begin again.")


def _opened(known: Known, begun: Begun) -> Response:
    with reading() as session:
        account = queries.account_by_subject(session, known.issuer, known.subject)
    if account is None:
        with _told(known):
            _refuse(
                "No account here is linked to that one. Sign in with your password and link it."
            )
    with _told(known), transaction() as tx:
        opened = handlers.open_session(
            tx,
            account,
            Proof(strong=known.strong, elsewhere=True),
            plain_sealer(SEED),
            device=device(request.user_agent.string),
        )
        handlers.end_former(tx, held_token())
        about(opened.member_id)
        roles = queries.roles_of(tx.session, opened.member_id, newcomer=account.initial)
    return keep(redirect(local_path(begun.next, home(roles)), 303), opened.token)


def _told(known: Known) -> AbstractContextManager[None]:
    """A refusal of whom the provider knows, by a keyed fingerprint."""
    who = plain_sealer(PURPOSE).fingerprint(f"{known.issuer}\n{known.subject}")
    return refusals_told(who)


def _linked(known: Known, begun: Begun) -> Response:
    acts("provider.link")
    whose = mine()
    if str(whose.account.id) != begun.links:
        _refuse("This sign-in was begun in another browser, or too long ago. Please begin again.")
    with transaction() as tx:
        handlers.link_provider(tx, whose.account.id, (known.issuer, known.subject))
    return redirect(url_for("account.account"), 303)


def _refuse(text: str) -> NoReturn:
    raise Unauthenticated(text)
