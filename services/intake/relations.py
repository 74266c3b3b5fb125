"""What somebody is to a registration, as conditions of a query."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Table, and_, false, or_

from services.intake.models.seals import Seals
from services.intake.models.tables import disputes, leads
from shared.auth.actor import Actor
from shared.auth.relations import Relation
from shared.db.areas import LONGEST_AREA, within
from shared.db.scope import Conditions, is_theirs


def of_dispute(actor: Actor) -> Conditions:
    columns = disputes.c
    prosecutor = is_theirs(columns.prosecutor_id, _named(actor))
    return {
        Relation.OWN: is_theirs(columns.filer, _named(actor)),
        Relation.HOLDER: is_theirs(columns.mediator_id, _named(actor)),
        Relation.COMMITTEE: is_theirs(columns.organisation_id, actor.organisation_id),
        Relation.AREA: in_areas(disputes, actor.areas),
        Relation.ROOM: and_(prosecutor, columns.outcome.is_(None)),
        Relation.ROOM_ENDED: and_(prosecutor, columns.outcome.is_not(None)),
    }


def of_lead(actor: Actor, seals: Seals) -> Conditions:
    return {
        Relation.OWN: is_theirs(leads.c.filer, seals.filer_of_lead(actor)),
        Relation.HOLDER: is_theirs(leads.c.member_id, _named(actor)),
        Relation.PROCURATORATE: is_theirs(leads.c.organisation_id, actor.organisation_id),
        Relation.AREA: in_areas(leads, actor.areas),
    }


def in_areas(table: Table, areas: Sequence[str]) -> ColumnElement[bool]:
    """A registration knows its community, and its grid if that was said."""
    places = [within(table.c.area, area) for area in areas]
    grids = [table.c.grid == area for area in areas if len(area) == LONGEST_AREA]
    return or_(false(), *places, *grids)


def _named(actor: Actor) -> str | None:
    return actor.id if actor.signed_in else None
