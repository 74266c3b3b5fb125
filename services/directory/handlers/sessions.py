"""Sessions: opened when somebody has proved who they are, ended by row."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from uuid_utils.compat import uuid7

from services.directory.models import (
    Account,
    Member,
    account_members,
    api_tokens,
    recovery_codes,
    sessions,
)
from services.directory.models.codes import code_hash, new_token, token_hash
from services.directory.models.second_factor import used_step
from shared.auth.sealing import Sealer
from shared.db import Transaction
from shared.errors import NotFound, Unauthenticated

LIFETIME = timedelta(hours=8)
IDLE = timedelta(minutes=30)
TOUCH_AFTER = timedelta(minutes=1)
"""A session is noted as seen no more often than this."""
MOST_PER_ACCOUNT = 20


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What somebody showed besides a password that was right. ``elsewhere``: instead of it, the
    word of an OpenID provider, which says by ``strong`` that it asked for a second factor.
    """

    code: str = ""
    elsewhere: bool = False
    strong: bool = False


@dataclass(frozen=True, kw_only=True)
class Opened:
    """``token`` is for the browser, and stands nowhere else."""

    token: str
    member_id: str


def open_session(
    tx: Transaction, account: Account, proof: Proof, seeds: Sealer, *, device: str
) -> Opened:
    """Raises Unauthenticated for a wrong second factor, a locked account, and one of nobody who is
    still a member: the same words for each.
    """
    member_id = _first_member(tx, account.id)
    if account.locked or member_id is None:
        raise _refused()
    second_factor = _second_factor(tx, account, proof, seeds)
    _keep_few(tx, account.id)
    token = new_token()
    tx.insert(
        sessions,
        {
            "id": uuid7(),
            "token_hash": token_hash(token),
            "account_id": account.id,
            "member_id": member_id,
            "device": device,
            "opened_at": tx.now,
            "seen_at": tx.now,
            "authenticated_at": tx.now,
            "second_factor": second_factor,
        },
    )
    return Opened(token=token, member_id=member_id)


def prove_again(
    tx: Transaction, account: Account, session_id: UUID, code: str, seeds: Sealer
) -> str:
    """A second factor within a session; the new token replaces the one the browser holds.

    Raises Unauthenticated for a wrong code, and without a second factor.
    """
    if not account.has_second_factor:
        raise _refused()
    _second_factor(tx, account, Proof(code=code), seeds)
    token = new_token()
    changed = tx.execute(
        update(sessions)
        .where(sessions.c.id == session_id)
        .values(token_hash=token_hash(token), authenticated_at=tx.now, second_factor=True)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]  # a CursorResult
        raise _refused()
    return token


def act_as(tx: Transaction, session_id: UUID, account_id: UUID, member_id: str) -> None:
    """As another of one's own members. Raises NotFound."""
    own = select(account_members.c.member_id).where(
        account_members.c.account_id == account_id, account_members.c.member_id == member_id
    )
    if tx.execute(own).first() is None:
        raise NotFound("There is no such record.")
    tx.execute(update(sessions).where(sessions.c.id == session_id).values(member_id=member_id))


def touch(tx: Transaction, session_id: UUID) -> None:
    tx.execute(update(sessions).where(sessions.c.id == session_id).values(seen_at=tx.now))


def end_former(tx: Transaction, token: str | None) -> None:
    """What a browser has held until now, of whomever: it is about to hold another."""
    if token:
        tx.execute(delete(sessions).where(sessions.c.token_hash == token_hash(token)))


def end_session(tx: Transaction, account_id: UUID, session_id: UUID) -> None:
    """Nothing if it has ended already, or is somebody else's."""
    tx.execute(
        delete(sessions).where(sessions.c.id == session_id, sessions.c.account_id == account_id)
    )


def end_other_sessions(tx: Transaction, account_id: UUID, kept: UUID | None = None) -> None:
    """Everywhere, but for the one that is kept."""
    ending = delete(sessions).where(sessions.c.account_id == account_id)
    tx.execute(ending if kept is None else ending.where(sessions.c.id != kept))


def end_ways_in(tx: Transaction, member_id: str) -> None:
    """Nobody acts as this member any more: not by a session, a token, or an account, which is
    locked unless it is somebody else's as well.
    """
    for table in (sessions, api_tokens):
        tx.execute(delete(table).where(table.c.member_id == member_id))
    mine = account_members.c.member_id == member_id
    account_id = tx.execute(select(account_members.c.account_id).where(mine)).scalar()
    tx.execute(delete(account_members).where(mine))
    if account_id is not None and _first_member(tx, account_id) is None:
        tx.get(Account, account_id).locked = True


def _second_factor(tx: Transaction, account: Account, proof: Proof, seeds: Sealer) -> bool:
    """Whether there was one. Raises Unauthenticated when there must be and it is wrong."""
    if account.seed is None or proof.elsewhere:
        return proof.strong  # whoever looks after the sign-in there decides what it takes
    seed = seeds.open(account.seed, about=str(account.id))
    step = used_step(seed, proof.code, now=tx.now, last_step=account.last_step)
    if step is not None:
        taken = tx.execute(
            update(Account)
            .where(Account.id == account.id, Account.last_step < step)
            .values(last_step=step)
            .execution_options(synchronize_session=False)
        )
    else:
        taken = tx.execute(
            delete(recovery_codes).where(
                recovery_codes.c.account_id == account.id,
                recovery_codes.c.code_hash == code_hash(proof.code),
            )
        )
    if taken.rowcount != 1:  # type: ignore[attr-defined]  # a CursorResult
        raise _refused()
    return True


def _first_member(tx: Transaction, account_id: UUID) -> str | None:
    found = tx.execute(
        select(Member.id)
        .join(account_members, account_members.c.member_id == Member.id)
        .where(account_members.c.account_id == account_id, Member.active)
        .order_by(Member.id)
        .limit(1)
    ).scalar()
    return None if found is None else str(found)


def _keep_few(tx: Transaction, account_id: UUID) -> None:
    """The oldest give way to a new one."""
    rows = tx.execute(
        select(sessions.c.id)
        .where(sessions.c.account_id == account_id)
        .order_by(sessions.c.seen_at.desc())
        .offset(MOST_PER_ACCOUNT - 1)
    ).scalars()
    for session_id in list(rows):
        tx.execute(delete(sessions).where(sessions.c.id == session_id))


def _refused() -> Unauthenticated:
    return Unauthenticated("The login, the password or the code is not right.")
