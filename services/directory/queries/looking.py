"""What an administrator or auditor looks at: within reach, the rest looks like absent."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from services.directory.models import Duty, Entry, Member, Organisation
from services.directory.policy import everywhere
from services.directory.queries.entries import having
from shared.auth.actor import Actor
from shared.errors import NotFound

M = TypeVar("M", bound=Entry)


@dataclass(frozen=True, kw_only=True)
class Branch:
    """An organisation in the tree; ``depth`` is 0 for the topmost that is shown."""

    organisation: Organisation
    depth: int
    members: int


@dataclass(frozen=True, kw_only=True)
class OrganisationView:
    organisation: Organisation
    parent: Organisation | None
    children: Sequence[Organisation]
    members: Sequence[Member]
    rota: Sequence[Duty]


@dataclass(frozen=True, kw_only=True)
class MembersWanted:
    """``name`` is a part of one."""

    role: str | None = None
    area: str | None = None
    organisation: str | None = None
    name: str | None = None
    after: str | None = None
    limit: int = 50


def organisations_of(actor: Actor) -> ColumnElement[bool]:
    """The organisations within reach: the own one and all below it; for an auditor, all."""
    if everywhere(actor):
        return true()
    top = (
        select(Organisation.id)
        .where(Organisation.id == actor.organisation_id, Organisation.active)
        .cte("reached", recursive=True)
    )
    under = aliased(Organisation)
    lower = select(under.id).join(top, under.parent_id == top.c.id).where(under.active)
    reached = top.union(lower)
    return Organisation.id.in_(select(reached.c.id))


def members_of(actor: Actor) -> ColumnElement[bool]:
    ids = select(Organisation.id).where(organisations_of(actor))
    return true() if everywhere(actor) else Member.organisation_id.in_(ids)


def tree(session: Session, actor: Actor, name: str | None = None) -> Sequence[Branch]:
    """The organisations within reach, each behind the one it is below. With a part of a name only
    those that have it in theirs, and what they are below.
    """
    known = {
        one.id: one
        for one in session.scalars(
            select(Organisation)
            .where(Organisation.active, organisations_of(actor))
            .order_by(Organisation.id)
        )
    }
    shown = set(known) if name is None else set(_named(known, name))
    counts = Counter[str](
        session.scalars(select(Member.organisation_id).where(Member.active, members_of(actor)))
    )
    children: dict[str | None, list[str]] = defaultdict(list)
    for one in known.values():
        if one.id in shown:
            children[one.parent_id if one.parent_id in known else None].append(one.id)
    return [
        Branch(organisation=known[found], depth=depth, members=counts[found])
        for found, depth in _walk(children, None, 0)
    ]


def organisation_seen(session: Session, actor: Actor, organisation_id: str) -> OrganisationView:
    """Raises NotFound."""
    found = _one(session, Organisation, organisation_id, organisations_of(actor))
    parent = session.get(Organisation, found.parent_id) if found.parent_id else None
    staff = session.scalars(_active(Member, Member.organisation_id == found.id)).all()
    rota = _active(Duty, Duty.member_id.in_([member.id for member in staff]))
    return OrganisationView(
        organisation=found,
        parent=parent,
        children=session.scalars(_active(Organisation, Organisation.parent_id == found.id)).all(),
        members=staff,
        rota=session.scalars(rota).all(),
    )


def member_seen(session: Session, actor: Actor, member_id: str) -> Member:
    """Raises NotFound."""
    return _one(session, Member, member_id, members_of(actor))


def members_seen(session: Session, actor: Actor, wanted: MembersWanted) -> Sequence[Member]:
    """In the order of their ids."""
    conditions = [members_of(actor), *having(Member, wanted.role, wanted.area)]
    if wanted.organisation is not None:
        conditions.append(Member.organisation_id == wanted.organisation)
    if wanted.name is not None:
        conditions.append(_has_in_name(Member, wanted.name))
    if wanted.after is not None:
        conditions.append(Member.id > wanted.after)
    return session.scalars(_active(Member, *conditions).limit(wanted.limit)).all()


def rota_seen(session: Session, actor: Actor) -> Sequence[tuple[Duty, Member]]:
    """By role and area."""
    rows = session.execute(
        select(Duty, Member)
        .join(Member, Member.id == Duty.member_id)
        .where(Duty.active, members_of(actor))
        .order_by(Duty.role, Duty.area, Duty.id)
    )
    return [(duty, member) for duty, member in rows]


def organisation_ids(session: Session) -> Sequence[str]:
    """Of all there are: everybody may know them."""
    query = select(Organisation.id).where(Organisation.active).order_by(Organisation.id)
    return session.scalars(query).all()


def _has_in_name(model: type[Member], name: str) -> ColumnElement[bool]:
    return or_(
        model.name_zh.contains(name, autoescape=True),
        func.lower(model.name_en).contains(name.lower(), autoescape=True),
    )


def _named(known: Mapping[str, Organisation], name: str) -> Iterator[str]:
    for one in known.values():
        if name.casefold() in f"{one.name_zh}\n{one.name_en}\n{one.id}".casefold():
            above: str | None = one.id
            while above is not None and above in known:
                yield above
                above = known[above].parent_id


def _walk(
    children: Mapping[str | None, Sequence[str]], top: str | None, depth: int
) -> Iterator[tuple[str, int]]:
    for found in children.get(top, ()):
        yield found, depth
        yield from _walk(children, found, depth + 1)


def _active(model: type[M], *conditions: ColumnElement[bool]) -> Select[M]:
    return select(model).where(model.active, *conditions).order_by(model.id)


def _one(session: Session, model: type[M], entry_id: str, reached: ColumnElement[bool]) -> M:
    found = session.scalar(_active(model, model.id == entry_id, reached))
    if found is None:
        raise NotFound("There is no such record.")
    return found
