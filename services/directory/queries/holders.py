"""Who holds a session or an API token: asked with every request, so each is one statement."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, bindparam, or_, select

from services.directory.models import Account, Member, account_members, api_tokens, sessions
from services.directory.models.codes import token_hash
from shared.auth.actor import NEWCOMER, Actor
from shared.db.prepared import Prepared

_MEMBER = (Member.id, Member.roles, Member.areas, Member.organisation_id)
_OF_SESSION = Prepared(
    lambda _dialect: (
        select(
            *_MEMBER,
            sessions.c.authenticated_at,
            sessions.c.second_factor,
            Account.initial,
            sessions.c.id,
            sessions.c.account_id,
            sessions.c.seen_at,
        )
        .join_from(sessions, Account, Account.id == sessions.c.account_id)
        .join(Member, Member.id == sessions.c.member_id)
        .where(
            sessions.c.token_hash == bindparam("hashed"),
            sessions.c.seen_at > bindparam("seen_after"),
            sessions.c.opened_at > bindparam("opened_after"),
            Member.active,
            Account.locked.is_(False),
        )
    )
)
_OF_TOKEN = Prepared(
    lambda _dialect: (
        select(*_MEMBER)
        .join_from(api_tokens, Member, Member.id == api_tokens.c.member_id)
        .outerjoin(account_members, account_members.c.member_id == Member.id)
        .outerjoin(Account, Account.id == account_members.c.account_id)
        .where(
            api_tokens.c.token_hash == bindparam("hashed"),
            api_tokens.c.expires_at > bindparam("now"),
            Member.active,
            or_(Account.id.is_(None), and_(~Account.locked, ~Account.initial)),
        )
    )
)


@dataclass(frozen=True, kw_only=True)
class SessionHolder:
    actor: Actor
    session_id: UUID
    account_id: UUID
    seen_at: datetime


def holder_of_session(
    connection: Connection, token: str, *, seen_after: datetime, opened_after: datetime
) -> SessionHolder | None:
    """None for one that has ended. Who must choose a password first has that right only."""
    wanted = {
        "hashed": token_hash(token),
        "seen_after": seen_after,
        "opened_after": opened_after,
    }
    found = _OF_SESSION.returned(connection, wanted)
    if found is None:
        return None
    *member, proved, second_factor, initial, session_id, account_id, seen_at = found
    actor = replace(_actor(member), authenticated_at=proved, second_factor=second_factor)
    return SessionHolder(
        actor=replace(actor, roles=frozenset({NEWCOMER})) if initial else actor,
        session_id=session_id,
        account_id=account_id,
        seen_at=seen_at,
    )


def holder_of_token(connection: Connection, token: str, *, now: datetime) -> Actor | None:
    """None also while the account is locked, or waits for a password of its owner's choice."""
    found = _OF_TOKEN.returned(connection, {"hashed": token_hash(token), "now": now})
    return None if found is None else _actor(found)


def _actor(member: Sequence[Any]) -> Actor:
    member_id, roles, areas, organisation_id = member
    return Actor(id=member_id, roles=frozenset(roles), areas=areas, organisation_id=organisation_id)
