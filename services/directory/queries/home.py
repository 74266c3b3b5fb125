"""What an administrator's day is about: who is away, and who has not come in yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from services.directory.data import Gap
from services.directory.models import Account, Member, Organisation, account_members
from services.directory.queries.leaving import present_gaps
from services.directory.queries.looking import members_of, organisations_of
from shared.auth.actor import Actor

MOST_NAMED = 8


@dataclass(frozen=True, kw_only=True)
class Newcomer:
    """Somebody who has not signed in with a password of their own; ``invited`` if they could."""

    member: Member
    invited: bool


@dataclass(frozen=True, kw_only=True)
class Day:
    """Within reach but for ``gaps``, which are told for the whole directory. Of ``away`` and
    ``newcomers`` the first few are named, and all are counted.
    """

    gaps: Sequence[Gap]
    away: Sequence[Member]
    newcomers: Sequence[Newcomer]
    newcomers_count: int
    away_count: int
    organisations: int
    members: int


def day_of(session: Session, actor: Actor, today: date) -> Day:
    away = (
        Member.leave_from <= today,
        or_(Member.leave_to.is_(None), Member.leave_to >= today),
    )
    return Day(
        gaps=present_gaps(session, today),
        away=session.scalars(
            select(Member)
            .where(Member.active, members_of(actor), *away)
            .order_by(Member.leave_from, Member.id)
            .limit(MOST_NAMED)
        ).all(),
        away_count=_count(session, actor, *away),
        newcomers=_newcomers(session, actor),
        newcomers_count=_count(session, actor, _new()),
        organisations=session.scalar(
            select(func.count()).where(Organisation.active, organisations_of(actor))
        )
        or 0,
        members=_count(session, actor),
    )


def _newcomers(session: Session, actor: Actor) -> Sequence[Newcomer]:
    """Those who could come in before those who cannot yet."""
    invited = exists().where(account_members.c.member_id == Member.id)
    rows = session.execute(
        select(Member, invited)
        .where(Member.active, members_of(actor), _new())
        .order_by(invited.desc(), Member.id)
        .limit(MOST_NAMED)
    )
    return [Newcomer(member=member, invited=there) for member, there in rows]


def _new() -> ColumnElement[bool]:
    """No account, or one whose first password has not been changed: it opens nothing yet."""
    come_in = (
        select(account_members.c.member_id)
        .join(Account, Account.id == account_members.c.account_id)
        .where(Account.initial.is_(False))
    )
    return Member.id.not_in(come_in)


def _count(session: Session, actor: Actor, *conditions: ColumnElement[bool]) -> int:
    query = select(func.count(Member.id)).where(Member.active, members_of(actor), *conditions)
    return session.scalar(query) or 0
