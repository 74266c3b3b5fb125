"""Everything that can be asked of the directory."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session

from services.directory.data import AREA_LENGTHS
from services.directory.models import (
    ENTRIES,
    Entry,
    Member,
    Organisation,
    publications,
    traits,
)
from shared.auth.actor import Actor
from shared.auth.door import ISSUER, SESSION_LIFETIME, SIGN_IN
from shared.auth.keys import Keyring
from shared.auth.tokens import signer
from shared.clock import Clock
from shared.errors import NotFound, Unauthenticated
from shared.events.directory import DirectoryEvent

M = TypeVar("M", bound=Entry)


def organisations(
    session: Session,
    *,
    kind: str | None = None,
    area: str | None = None,
    duty: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Sequence[Organisation]:
    """The active ones, in the order of their ids; those that serve the area, if one is given."""
    conditions = [*_having(Organisation, duty=duty), *_serving(Organisation, area)]
    if kind is not None:
        conditions.append(Organisation.kind == kind)
    return _page(session, Organisation, conditions, after, limit)


def members(
    session: Session,
    *,
    role: str | None = None,
    area: str | None = None,
    organisation_id: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Sequence[Member]:
    """The active ones, in the order of their ids; those whose roles count in the area."""
    conditions = [*_having(Member, role=role), *_serving(Member, area)]
    if organisation_id is not None:
        conditions.append(Member.organisation_id == organisation_id)
    return _page(session, Member, conditions, after, limit)


def demo_member(session: Session, role: str, area: str) -> Member:
    """The member who has the role nearest to the area: for exactly it, else for the smallest area
    around it, else within it. Raises NotFound.
    """
    for wider in reversed(_around(area)):
        found = session.scalars(
            _active(Member).where(*_having(Member, role=role, area=wider)).limit(1)
        ).first()
        if found is not None:
            return found
    for found in session.scalars(_active(Member).where(*_having(Member, role=role))):
        if any(smaller.startswith(area) for smaller in found.areas):
            return found
    raise NotFound("No member has the role %(role)s in %(area)s.", role=role, area=area)


def one_member_per_role(session: Session) -> dict[str, Member]:
    """By role, in the order of the members' ids."""
    found: dict[str, Member] = {}
    for member in session.scalars(_active(Member)):
        for role in member.roles:
            found.setdefault(role, member)
    return found


def actor_of(member: Member) -> Actor:
    """Who acts when the member does."""
    return Actor(
        id=member.id,
        roles=frozenset(member.roles),
        areas=member.areas,
        organisation_id=member.organisation_id,
    )


def signed_in(session: Session, member_id: str) -> Actor:
    """The member as of now; raises Unauthenticated when they are not one any more."""
    member = session.get(Member, member_id)
    if member is None or not member.active:
        raise Unauthenticated("The sign-in has expired or is not valid. Please sign in again.")
    return actor_of(member)


def link_token(keys: Keyring, member: Member, clock: Clock) -> str:
    """What ``/directory/sign-in?link=`` takes: signs its holder in as the member, for twelve hours
    from now.
    """
    signing = signer(keys, ISSUER, clock)
    who = Actor(id=member.id, roles=frozenset())  # the rest is looked up when the link is used
    return signing.sign(who, audience=SIGN_IN, lifetime=SESSION_LIFETIME)


def published_entries(session: Session) -> list[DirectoryEvent]:
    """All active entries, as they were last published."""
    return [
        entry.state() for model in ENTRIES.values() for entry in session.scalars(_active(model))
    ]


def revision(session: Session) -> int:
    """The last one published; 0 before the first."""
    return session.scalar(select(func.max(publications.c.revision))) or 0


def _page(
    session: Session,
    model: type[M],
    conditions: Sequence[ColumnElement[bool]],
    after: str | None,
    limit: int,
) -> Sequence[M]:
    query = _active(model).where(*conditions).limit(limit)
    return session.scalars(query if after is None else query.where(model.id > after)).all()


def _active(model: type[M]) -> Select[M]:
    return select(model).where(model.active).order_by(model.id)


def _having(model: type[Entry], **wanted: str | None) -> list[ColumnElement[bool]]:
    return [_trait(model, name, (value,)) for name, value in wanted.items() if value is not None]


def _serving(model: type[Entry], area: str | None) -> list[ColumnElement[bool]]:
    return [] if area is None else [_trait(model, "area", _around(area))]


def _trait(model: type[Entry], name: str, values: Sequence[str]) -> ColumnElement[bool]:
    return exists().where(
        traits.c.entry_id == model.id, traits.c.name == name, traits.c.value.in_(values)
    )


def _around(area: str) -> tuple[str, ...]:
    """The area and those it lies in, widest first."""
    return tuple(area[:length] for length in AREA_LENGTHS.values() if length <= len(area))
