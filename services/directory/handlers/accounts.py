"""What an administrator does with the accounts of others."""

import re
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert, select
from uuid_utils.compat import uuid7

from services.directory.handlers.api_tokens import end_tokens
from services.directory.handlers.own_account import drop_second_factor
from services.directory.handlers.sessions import end_other_sessions
from services.directory.handlers.throttle import Tries, forget_login
from services.directory.models import Account, Member, account_members
from services.directory.models.codes import new_code
from services.directory.models.passwords import quick_hash
from shared.auth.sealing import Sealer
from shared.db import Transaction
from shared.errors import NotFound, Rejected

_LOGIN = re.compile(r"[A-Za-z0-9._-]{2,64}")


@dataclass(frozen=True, kw_only=True)
class NewAccount:
    member_id: str
    login: str


def open_account(tx: Transaction, command: NewAccount, *, initial: bool = True) -> str:
    """A way in for a member; returns the password that is given to them, and kept nowhere.

    Raises NotFound, or Rejected when the login is none or taken, or the member has an account.
    """
    if not _LOGIN.fullmatch(command.login):
        raise Rejected(
            "A login is 2 to 64 letters (a to z), digits, dots, dashes or underscores."
        ).at("login")
    member = tx.session.get(Member, command.member_id)
    if member is None or not member.active:
        raise NotFound("There is no such record.")
    linked = select(account_members.c.account_id).where(
        account_members.c.member_id == command.member_id
    )
    if tx.execute(linked).first() is not None:
        raise Rejected("This member has an account already.").at("login")
    if tx.execute(select(Account.id).where(Account.login == command.login)).first() is not None:
        raise Rejected("This login is taken. Please choose another one.").at("login")
    password = new_code()
    account = Account(
        id=uuid7(),
        login=command.login,
        password=quick_hash(password),
        initial=initial,
        created_at=tx.now,
    )
    tx.add(account)
    tx.execute(insert(account_members), {"member_id": member.id, "account_id": account.id})
    return password


def give_new_password(tx: Transaction, account_id: UUID) -> str:
    """In place of a forgotten one; ends every session and token. Raises NotFound."""
    account = tx.get(Account, account_id)
    password = new_code()
    account.password, account.initial = quick_hash(password), True
    end_other_sessions(tx, account_id)
    end_tokens(tx, account_id)
    return password


def set_locked(tx: Transaction, account_id: UUID, *, locked: bool) -> None:
    """Raises NotFound."""
    tx.get(Account, account_id).locked = locked
    if locked:
        end_other_sessions(tx, account_id)


def leave_out_second_factor(tx: Transaction, account_id: UUID) -> None:
    """For somebody who lost their phone and their recovery codes. Raises NotFound."""
    drop_second_factor(tx, account_id)
    end_other_sessions(tx, account_id)


def unlock(tx: Transaction, account_id: UUID, sealer: Sealer) -> None:
    """Let them try again at once. Raises NotFound."""
    account = tx.get(Account, account_id)
    account.locked = False
    forget_login(tx, Tries.of(account.login, "", sealer).login)
