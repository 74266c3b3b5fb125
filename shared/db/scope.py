"""Relations as conditions of a query: the same for a list, a count and a single look.

A service says once, in its ``relations``, by which condition a row stands in each relation to
somebody. The policy says which relations count.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Row,
    Select,
    and_,
    false,
    func,
    not_,
    or_,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from shared.auth.actor import Viewer
from shared.auth.policy import Decision, Policy
from shared.auth.relations import DENIALS, Relation
from shared.db.areas import within
from shared.errors import Forbidden, NotFound

Conditions = Mapping[Relation, ColumnElement[bool]]
R = TypeVar("R")
_LABEL = "is_"


@dataclass(frozen=True, kw_only=True)
class Found(Generic[R]):
    """What the actor may do this with. ``relations`` are all they are to it."""

    row: R
    relations: frozenset[Relation]
    decision: Decision


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Somebody wants to do something; ``read`` is the action of knowing of it at all."""

    policy: Policy
    viewer: Viewer
    action: str
    read: str

    def decide(self, relations: frozenset[Relation]) -> Decision:
        """Raises NotFound where the actor may not know of it; Forbidden for what they may see, but
        not do this with.
        """
        decision = self.policy.decide(self.viewer.actor, self.action, relations)
        if decision.allow:
            return decision
        if self.policy.decide(self.viewer.actor, self.read, relations).allow:
            raise Forbidden("You may see this case, but somebody else has to do this.")
        raise NotFound("There is no such record.")


def look_up(
    session: Session,
    query: Select[*tuple[Any, ...]],
    conditions: Conditions,
    wish: Wish,
    *,
    lock: bool = False,
) -> Found[Any]:
    """The one row of the query, of which the first column is what is wanted. ``lock``: until the
    end of the transaction it is nobody else's to change.

    Raises NotFound, also where the actor may not know of it, and Forbidden (``Wish.decide``).
    """
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    row = session.execute(query.add_columns(*labelled(conditions))).one_or_none()
    if row is None:
        raise NotFound("There is no such record.")
    relations = relations_of(row)
    return Found(row=row[0], relations=relations, decision=wish.decide(relations))


def allowed(
    session: Session, query: Select[*tuple[Any, ...]], conditions: Conditions, wish: Wish
) -> Iterator[Found[Any]]:
    """Those rows of the query, as for ``look_up``, with which the actor may do it."""
    for row in session.execute(query.add_columns(*labelled(conditions))):
        relations = relations_of(row)
        decision = wish.policy.decide(wish.viewer.actor, wish.action, relations)
        if decision.allow:
            yield Found(row=row[0], relations=relations, decision=decision)


def scope(conditions: Conditions, relations: frozenset[Relation]) -> ColumnElement[bool]:
    """Any of the relations, and none that denies."""
    if Relation.ANY in relations:
        return and_(true(), *undenied(conditions))
    wanted = [conditions[each] for each in sorted(relations & conditions.keys())]
    return and_(or_(false(), *wanted), *undenied(conditions))


def undenied(conditions: Conditions) -> Iterator[ColumnElement[bool]]:
    yield from (not_(decided(conditions[each])) for each in sorted(DENIALS & conditions.keys()))


def labelled(conditions: Conditions) -> Sequence[ColumnElement[bool]]:
    """Columns that say of a row in which relations it stands; ``relations_of`` reads them."""
    return [
        decided(condition).label(_LABEL + relation) for relation, condition in conditions.items()
    ]


def relations_of(row: Row[*tuple[Any, ...]]) -> frozenset[Relation]:
    found = row._mapping  # noqa: SLF001 – that is its public name
    return frozenset(each for each in Relation if found.get(_LABEL + each))


def decided(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """False where a comparison with NULL would be neither true nor false."""
    return func.coalesce(condition, false(), type_=Boolean)


def in_any(
    column: ColumnElement[Any] | InstrumentedAttribute[Any], areas: Sequence[str]
) -> ColumnElement[bool]:
    return or_(false(), *(within(column, area) for area in sorted(areas)))


def is_theirs(
    column: ColumnElement[Any] | InstrumentedAttribute[Any], whose: str | None
) -> ColumnElement[bool]:
    """A value of None is nobody's."""
    return false() if whose is None else column == whose
