"""What people do with their own account."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, select

from services.directory.handlers.sessions import end_other_sessions
from services.directory.models import Account, recovery_codes
from services.directory.models.codes import code_hash
from services.directory.models.second_factor import (
    new_recovery_codes,
    new_seed,
    used_step,
)
from shared.auth.sealing import Sealer
from shared.db import Transaction
from shared.errors import Rejected


@dataclass(frozen=True, kw_only=True)
class ChosenPassword:
    """``hashed`` outside of the transaction: that takes its time."""

    hashed: str


def set_password(tx: Transaction, account_id: UUID, chosen: ChosenPassword, kept: UUID) -> None:
    """Ends every other session. Raises NotFound."""
    account = tx.get(Account, account_id)
    account.password, account.initial = chosen.hashed, False
    end_other_sessions(tx, account_id, kept)


def improve_hash(tx: Transaction, account_id: UUID, hashed: str) -> None:
    """Of the same password, by the parameters of now. Raises NotFound."""
    tx.get(Account, account_id).password = hashed


def link_provider(tx: Transaction, account_id: UUID, known: tuple[str, str] | None) -> None:
    """To what an OpenID provider knows them by: issuer and subject; or to none. Raises NotFound,
    or Rejected when another account is linked to that.
    """
    issuer, subject = known or (None, None)
    taken = select(Account.id).where(
        Account.issuer == issuer, Account.subject == subject, Account.id != account_id
    )
    if known is not None and tx.execute(taken).first() is not None:
        raise Rejected("Another account is linked to that one already.")
    account = tx.get(Account, account_id)
    account.issuer, account.subject = issuer, subject


def prepare_second_factor(
    tx: Transaction, account_id: UUID, seeds: Sealer, *, replacing: bool = False
) -> bytes:
    """A seed to put into an app, for somebody who has just proved who they are: with the password,
    or, ``replacing`` one, with a code of that. It counts when a code of it was shown.

    Raises NotFound, or Rejected for a first one where there is one.
    """
    account = tx.get(Account, account_id)
    if account.has_second_factor and not replacing:
        raise Rejected("You have a second factor: show a code of it to replace it.")
    seed = new_seed()
    account.pending_seed = seeds.seal(seed, about=str(account_id))
    return seed


def confirm_second_factor(
    tx: Transaction, account_id: UUID, code: str, seeds: Sealer
) -> tuple[str, ...]:
    """From now on it is asked for. Returns the recovery codes, which can be read this once.

    Raises NotFound, or Rejected for a wrong code.
    """
    account = tx.get(Account, account_id)
    if account.pending_seed is None:
        raise Rejected("Begin again: there is no new app to confirm.").at("code")
    seed = seeds.open(account.pending_seed, about=str(account_id))
    step = used_step(seed, code, now=tx.now, last_step=0)
    if step is None:
        raise Rejected("This is not the code that the app shows now.").at("code")
    account.seed, account.pending_seed, account.last_step = account.pending_seed, None, step
    return _new_codes(tx, account_id)


def drop_second_factor(tx: Transaction, account_id: UUID) -> None:
    """Raises NotFound."""
    account = tx.get(Account, account_id)
    account.seed = account.pending_seed = None
    tx.execute(delete(recovery_codes).where(recovery_codes.c.account_id == account_id))


def _new_codes(tx: Transaction, account_id: UUID) -> tuple[str, ...]:
    tx.execute(delete(recovery_codes).where(recovery_codes.c.account_id == account_id))
    codes = new_recovery_codes()
    for code in codes:
        tx.insert(recovery_codes, {"account_id": account_id, "code_hash": code_hash(code)})
    return codes
