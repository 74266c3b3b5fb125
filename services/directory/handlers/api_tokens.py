"""API tokens: for scripts, with the rights that the member has when they are shown."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select
from uuid_utils.compat import uuid7

from services.directory.models import account_members, api_tokens
from services.directory.models.codes import new_token, token_hash
from shared.db import Transaction
from shared.errors import Rejected

LONGEST_DAYS = 366
MOST_PER_MEMBER = 100


@dataclass(frozen=True, kw_only=True)
class NewToken:
    name: str
    days: int = 30


def issue_token(
    tx: Transaction, member_id: str, command: NewToken, *, lifetime: timedelta | None = None
) -> str:
    """Returns what the script shows; it can be read this once. ``lifetime`` instead of the days.

    Raises Rejected when the member has too many.
    """
    counting = select(func.count()).select_from(api_tokens)
    open_ones = tx.execute(
        counting.where(api_tokens.c.member_id == member_id, api_tokens.c.expires_at > tx.now)
    ).scalar_one()
    if open_ones >= MOST_PER_MEMBER:
        raise Rejected("There are %(most)s tokens already. End one first.", most=MOST_PER_MEMBER)
    token = new_token()
    tx.insert(
        api_tokens,
        {
            "id": uuid7(),
            "token_hash": token_hash(token),
            "member_id": member_id,
            "name": command.name,
            "created_at": tx.now,
            "expires_at": tx.now + (lifetime or timedelta(days=command.days)),
        },
    )
    return token


def end_tokens(tx: Transaction, account_id: UUID) -> None:
    """All of everybody who has this account."""
    members = select(account_members.c.member_id).where(account_members.c.account_id == account_id)
    tx.execute(delete(api_tokens).where(api_tokens.c.member_id.in_(members)))


def revoke_token(tx: Transaction, member_id: str, token_id: UUID) -> None:
    """Nothing if there is none, or it is somebody else's."""
    tx.execute(
        delete(api_tokens).where(api_tokens.c.id == token_id, api_tokens.c.member_id == member_id)
    )
