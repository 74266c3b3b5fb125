"""The account of who asks, and proving once more that it is theirs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from flask import request
from marshmallow import ValidationError

from services.directory import handlers, queries
from services.directory.models import Account
from services.directory.models.passwords import Passwords
from services.directory.models.second_factor import SEED
from services.directory.pages.browser import own_session
from services.directory.pages.tries import tried, tries_of
from services.directory.queries import OwnAccount, SessionHolder
from services.directory.schemas import CodeSchema
from shared.db import Transaction
from shared.errors import Rejected, Throttled, Unauthenticated
from shared.web.auditing import about
from shared.web.context import counting, kept, plain_sealer, platform, reading, transaction
from shared.web.forms import nested

CODE = CodeSchema()
REFUSED = (ValidationError, Rejected, Unauthenticated, Throttled)
"""What a form is shown again for."""


class Mine(NamedTuple):
    """The session of who asks, and the account behind it."""

    held: SessionHolder
    own: OwnAccount

    @property
    def account(self) -> Account:
        return self.own.account

    @property
    def names(self) -> tuple[str, ...]:
        """What others know them by."""
        members = self.own.members
        found = [name for member in members for name in (member.name_zh, member.name_en)]
        return (self.account.login, *found)


def mine() -> Mine:
    """Whatever is done then is about the member. Raises Unauthenticated."""
    held = own_session()
    about(held.actor.id)
    with reading() as session:
        own = queries.own_account(session, held.actor.id, now=platform().clock())
    if own is None:
        raise Unauthenticated("Please sign in.")
    return Mine(held=held, own=own)


def prove_password(whose: Mine, password: str) -> None:
    """Counts as a try to sign in. Raises Unauthenticated or Throttled."""
    tries = tries_of(whose.account.login)
    with kept(Passwords).place(tries.source), tried(tries, resource=whose.held.actor.id):
        if not kept(Passwords).matches(whose.account.password, password):
            raise Unauthenticated("This is not your password.").at("password")
        with counting() as tx:
            handlers.note_success(tx, tries)


@contextmanager
def proved_again(whose: Mine) -> Iterator[tuple[Transaction, str]]:
    """The code in the posted form, as a try to sign in; then the transaction in which it is used
    up, and the session's new token.

    Raises ValidationError, Unauthenticated or Throttled.
    """
    wanted = CODE.read(nested(request.form))
    tries = tries_of(whose.account.login)
    with tried(tries, resource=whose.held.actor.id), transaction() as tx:
        handlers.note_success(tx, tries)
        token = handlers.prove_again(
            tx, whose.account, whose.held.session_id, wanted.code, plain_sealer(SEED)
        )
        yield tx, token
