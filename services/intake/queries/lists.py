"""What the lists of disputes and of leads have in common: filters, order, whose they are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Table, not_, select
from sqlalchemy.orm import Session

from services.intake.models.numbers import running_number
from services.intake.policy import POLICY
from services.intake.relations import in_areas
from shared.auth.actor import Viewer
from shared.auth.relations import Relation
from shared.db.areas import LONGEST_AREA, areas_within, narrowed, within
from shared.db.scope import Conditions, Found, Wish, decided, labelled, look_up, undenied
from shared.db.walks import MOST_PIECES, Walk, unindexed, walked
from shared.errors import Malformed, NotFound
from shared.web.paging import Cursor, cut

Condition = ColumnElement[bool]
Rows = Sequence[Row[*tuple[Any, ...]]]


@dataclass(frozen=True, kw_only=True)
class Reach:
    """What somebody may know of a table: ``action`` by the relations that ``conditions`` hold."""

    table: Table
    viewer: Viewer
    action: str
    conditions: Conditions

    @property
    def relations(self) -> frozenset[Relation]:
        return POLICY.relations(self.viewer.actor, self.action)


@dataclass(frozen=True, kw_only=True)
class Filters:
    """``area`` also finds what lies within; ``q`` is a registration number or its last part."""

    cursor: Cursor | None = None
    limit: int = 50
    state: str | None = None
    area: str | None = None
    q: str | None = None
    mine: bool = False


def page_of(
    session: Session, reach: Reach, wanted: Filters, kind: Sequence[Condition] = ()
) -> tuple[Rows, str | None]:
    """The newest first, with the relations of whoever asks (``relations_of``), and the cursor of
    the next page if there is one. ``kind``: conditions that an area's walk may use an index for.
    """
    table = reach.table
    pieces = [
        [*piece, *kind, *_filters(wanted, reach)] for piece in _pieces(session, reach, wanted)
    ]
    after = _place(wanted.cursor) if wanted.cursor else None
    walk = Walk(limit=wanted.limit + 1, after=after)
    query = walked(table, table.c.filed_at, table.c.id, pieces, walk)
    found = session.execute(query.add_columns(*labelled(reach.conditions))).all()
    return cut(found, wanted.limit, lambda row: Cursor(row.filed_at, str(row.id)))


def one(session: Session, reach: Reach, case_id: UUID) -> Found[UUID]:
    """Raises NotFound, also for one that the actor may not see."""
    table = reach.table
    wish = Wish(policy=POLICY, viewer=reach.viewer, action=reach.action, read=reach.action)
    query = select(table.c.id).where(table.c.id == case_id)
    return look_up(session, query, reach.conditions, wish)


def row_of(session: Session, table: Table, case_id: UUID) -> Row[Any]:
    """Without asking who wants it. Raises NotFound."""
    found = session.execute(select(table).where(table.c.id == case_id)).first()
    if found is None:
        raise NotFound("There is no such registration, or you may not see it.")
    return found


def _pieces(session: Session, reach: Reach, wanted: Filters) -> Iterator[Sequence[Condition]]:
    """Each has an index by time. No registration is in two: each relation leaves out what the ones
    before it cover.
    """
    before = list(undenied(reach.conditions))
    relations = reach.relations & {Relation.OWN} if wanted.mine else reach.relations
    for relation in sorted(relations):
        if relation is Relation.AREA:
            state = _state(reach.table.c.state, wanted)
            places = _areas(session, reach, wanted.area)
            yield from ([place, *state, *before] for place in places)
        else:  # an index that knows the state, too
            state = _state(unindexed(reach.table.c.state), wanted)
            yield [reach.conditions[relation], *state, *before]
        before.append(not_(decided(reach.conditions[relation])))


def _state(column: ColumnElement[str], wanted: Filters) -> Sequence[Condition]:
    return [] if wanted.state is None else [column == wanted.state]


def _filters(wanted: Filters, reach: Reach) -> Iterator[Condition]:
    if wanted.q is not None:
        yield reach.table.c.seq == running_number(wanted.q)
    if wanted.area is not None:
        grid = unindexed(reach.table.c.grid) == wanted.area
        yield within(unindexed(reach.table.c.area), wanted.area) | decided(grid)


def _areas(session: Session, reach: Reach, wanted: str | None) -> Iterator[Condition]:
    """Each of the places that occur in their areas; all at once where they are too many to walk,
    but then they hold so much that any walk finds a page at once.
    """
    table = reach.table
    areas = list(narrowed(reach.viewer.actor.areas, wanted))
    found: set[str] = set()
    for area in areas:
        inner = areas_within(session, table.c.area, area)
        if inner is None or len(found | set(inner)) > MOST_PIECES:
            yield decided(in_areas(table, areas))
            return
        found |= set(inner)
    yield from (table.c.area == each for each in sorted(found))
    inside = not_(table.c.area.in_(sorted(found)))
    for area in sorted(set(areas)):
        if len(area) == LONGEST_AREA:
            yield (table.c.grid == area) & inside


def _place(cursor: Cursor) -> tuple[datetime, UUID]:
    try:
        return cursor.at, UUID(cursor.id)
    except ValueError as error:
        text = "This is not a cursor that was given out here."
        raise Malformed(text, fields={"cursor": text}) from error
