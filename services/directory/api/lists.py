"""The directory's JSON API: who there is, and what they are there for."""

from collections.abc import Sequence
from typing import TypeVar

from flask import Blueprint

from services.directory import queries
from services.directory.data import AGENCY
from services.directory.models import Entry
from services.directory.schemas.lists import (
    NO_TIME,
    AgencyFilters,
    AgencyFiltersSchema,
    MemberFilters,
    MemberFiltersSchema,
    MembersSchema,
    OrganisationFilters,
    OrganisationFiltersSchema,
    OrganisationsSchema,
)
from shared.web.answer import Answer
from shared.web.context import reading
from shared.web.operation import operation
from shared.web.paging import Cursor, cut

E = TypeVar("E", bound=Entry)

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/organisations")
@operation("directory.read", query=OrganisationFiltersSchema(), answer=OrganisationsSchema())
def organisations(wanted: OrganisationFilters) -> Answer:
    return _organisations(wanted, wanted.kind)


@blueprint.get("/agencies")
@operation("directory.read", query=AgencyFiltersSchema(), answer=OrganisationsSchema())
def agencies(wanted: AgencyFilters) -> Answer:
    return _organisations(wanted, AGENCY)


@blueprint.get("/members")
@operation("directory.read", query=MemberFiltersSchema(), answer=MembersSchema())
def members(wanted: MemberFilters) -> Answer:
    with reading() as session:
        rows = queries.members(
            session,
            role=wanted.role,
            area=wanted.area,
            organisation_id=wanted.organisation,
            after=_after(wanted.cursor),
            limit=wanted.limit + 1,
        )
    return _page(rows, wanted.limit)


def _organisations(wanted: AgencyFilters, kind: str | None) -> Answer:
    with reading() as session:
        rows = queries.organisations(
            session,
            kind=kind,
            area=wanted.area,
            duty=wanted.duty,
            after=_after(wanted.cursor),
            limit=wanted.limit + 1,
        )
    return _page(rows, wanted.limit)


def _after(cursor: Cursor | None) -> str | None:
    return None if cursor is None else cursor.id


def _page(rows: Sequence[E], limit: int) -> Answer:
    shown, following = cut(rows, limit, lambda row: Cursor(NO_TIME, row.id))
    return Answer({"items": shown}, next_cursor=following)
