"""Accounts, and what people may see of their own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.directory.models import (
    Account,
    Member,
    account_members,
    api_tokens,
    recovery_codes,
    sessions,
)
from services.directory.queries.looking import member_seen
from shared.auth.actor import Actor
from shared.errors import NotFound, Rejected


@dataclass(frozen=True, kw_only=True)
class OwnSession:
    id: UUID
    device: str
    opened_at: datetime
    seen_at: datetime
    second_factor: bool


@dataclass(frozen=True, kw_only=True)
class OwnToken:
    id: UUID
    name: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class OwnAccount:
    """``members`` are as whom the person may act; ``codes_left`` counts the recovery codes."""

    account: Account
    members: Sequence[Member]
    sessions: Sequence[OwnSession]
    tokens: Sequence[OwnToken]
    codes_left: int


def account_by_login(session: Session, login: str) -> Account | None:
    return session.scalars(select(Account).where(Account.login == login)).first()


def account_by_subject(session: Session, issuer: str, subject: str) -> Account | None:
    """Of whom an OpenID provider speaks."""
    wanted = select(Account).where(Account.issuer == issuer, Account.subject == subject)
    return session.scalars(wanted).first()


def account_of(session: Session, member_id: str) -> Account | None:
    return session.scalars(
        select(Account)
        .join(account_members, account_members.c.account_id == Account.id)
        .where(account_members.c.member_id == member_id)
    ).first()


def member_of(session: Session, account_id: UUID) -> str | None:
    """As whom somebody acts with it; the first, where there are several."""
    found: str | None = session.scalar(
        select(func.min(account_members.c.member_id)).where(
            account_members.c.account_id == account_id
        )
    )
    return found


def administered_account(session: Session, by: Actor, member_id: str) -> Account:
    """Raises NotFound, also for a member of whom they know nothing; Rejected for their own."""
    member_seen(session, by, member_id)
    if member_id == by.id:
        raise Rejected("Look after your own account on its own page.")
    found = account_of(session, member_id)
    if found is None:
        raise NotFound("There is no such record.")
    return found


def own_account(session: Session, member_id: str, *, now: datetime) -> OwnAccount | None:
    """None for a member without an account, who can act by API tokens only."""
    account = account_of(session, member_id)
    if account is None:
        return None
    return OwnAccount(
        account=account,
        members=_members(session, account.id),
        sessions=_sessions(session, account.id),
        tokens=_tokens(session, member_id, now),
        codes_left=session.scalar(
            select(func.count())
            .select_from(recovery_codes)
            .where(recovery_codes.c.account_id == account.id)
        )
        or 0,
    )


def _members(session: Session, account_id: UUID) -> Sequence[Member]:
    return session.scalars(
        select(Member)
        .join(account_members, account_members.c.member_id == Member.id)
        .where(account_members.c.account_id == account_id, Member.active)
        .order_by(Member.id)
    ).all()


def _sessions(session: Session, account_id: UUID) -> Sequence[OwnSession]:
    columns = (
        sessions.c.id,
        sessions.c.device,
        sessions.c.opened_at,
        sessions.c.seen_at,
        sessions.c.second_factor,
    )
    rows = session.execute(
        select(*columns)
        .where(sessions.c.account_id == account_id)
        .order_by(sessions.c.seen_at.desc(), sessions.c.id)
    )
    return [OwnSession(**row._asdict()) for row in rows]


def _tokens(session: Session, member_id: str, now: datetime) -> Sequence[OwnToken]:
    columns = (
        api_tokens.c.id,
        api_tokens.c.name,
        api_tokens.c.created_at,
        api_tokens.c.expires_at,
    )
    rows = session.execute(
        select(*columns)
        .where(api_tokens.c.member_id == member_id, api_tokens.c.expires_at > now)
        .order_by(api_tokens.c.created_at)
    )
    return [OwnToken(**row._asdict()) for row in rows]
