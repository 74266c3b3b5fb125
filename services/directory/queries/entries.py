"""Everything that can be asked of the directory."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from services.directory.data import AREA_LENGTHS
from services.directory.models import (
    ENTRIES,
    Entry,
    Member,
    Organisation,
    last_revision,
    traits,
)
from shared.auth.actor import NEWCOMER
from shared.errors import NotFound
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


def roles_of(session: Session, member_id: str, *, newcomer: bool = False) -> frozenset[str]:
    """None of them yet for a newcomer."""
    if newcomer:
        return frozenset({NEWCOMER})
    member = session.get(Member, member_id)
    return frozenset(member.roles) if member else frozenset()


def published_entries(session: Session) -> list[DirectoryEvent]:
    """All active entries, as they were last published."""
    return [
        entry.state() for model in ENTRIES.values() for entry in session.scalars(_active(model))
    ]


def revision(session: Session) -> int:
    """The last one published; 0 before the first."""
    return last_revision(session)


def having(model: type[Entry], role: str | None, area: str | None) -> list[ColumnElement[bool]]:
    """The role, and serving the area; what is None is not asked for."""
    return [*_having(model, role=role), *_serving(model, area)]


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
