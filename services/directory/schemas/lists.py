"""What may be asked of the directory's API, and what it answers."""

from dataclasses import dataclass
from datetime import UTC, datetime

from marshmallow import fields

from services.directory.queries import MembersWanted
from shared.web.paging import Cursor, PageSchema
from shared.web.schema import AnswerSchema, AreaField, CodeField, CommandSchema, Text
from shared.words import codes

NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""These lists are in the order of ids alone."""


@dataclass(frozen=True, kw_only=True)
class AgencyFilters:
    cursor: Cursor | None
    limit: int
    area: str | None = None
    duty: str | None = None


@dataclass(frozen=True, kw_only=True)
class OrganisationFilters(AgencyFilters):
    kind: str | None = None


@dataclass(frozen=True, kw_only=True)
class MemberFilters:
    cursor: Cursor | None
    limit: int
    area: str | None = None
    role: str | None = None
    organisation: str | None = None


class AgencyFiltersSchema(PageSchema[AgencyFilters]):
    command = AgencyFilters

    area = AreaField()
    duty = CodeField(codes("duty"))


class OrganisationFiltersSchema(PageSchema[OrganisationFilters]):
    command = OrganisationFilters

    area = AreaField()
    duty = CodeField(codes("duty"))
    kind = CodeField(codes("organisation_kind"))


class MemberFiltersSchema(PageSchema[MemberFilters]):
    command = MemberFilters

    area = AreaField()
    role = CodeField(codes("role"))
    organisation = CodeField()


@dataclass(frozen=True, kw_only=True)
class TreeFilters:
    """``q`` is a part of a name; ``kind`` and ``parent`` are of an organisation to come."""

    q: str | None = None
    kind: str | None = None
    parent: str | None = None


class TreeFiltersSchema(CommandSchema[TreeFilters]):
    command = TreeFilters

    q = Text(max_length=120)
    kind = CodeField(codes("organisation_kind"))
    parent = CodeField()


@dataclass(frozen=True, kw_only=True)
class MembersListed(MemberFilters):
    q: str | None = None

    def filters(self) -> MembersWanted:
        """One more than the limit, to see whether there is another page."""
        return MembersWanted(
            role=self.role,
            area=self.area,
            organisation=self.organisation,
            name=self.q,
            after=self.cursor.id if self.cursor else None,
            limit=self.limit + 1,
        )


class MembersListedSchema(PageSchema[MembersListed]):
    command = MembersListed

    area = AreaField()
    role = CodeField(codes("role"))
    organisation = CodeField()
    q = Text(max_length=120)


@dataclass(frozen=True, kw_only=True)
class NewMember:
    organisation: str


class NewMemberSchema(CommandSchema[NewMember]):
    command = NewMember

    organisation = CodeField(required=True)


class OrganisationSchema(AnswerSchema):
    id = fields.String(required=True)
    kind = fields.String(required=True)
    name_zh = fields.String(required=True)
    name_en = fields.String(required=True)
    areas = fields.List(fields.String(), required=True)
    categories = fields.List(fields.String(), required=True)
    duties = fields.List(fields.String(), required=True)


class MemberSchema(AnswerSchema):
    id = fields.String(required=True)
    name_zh = fields.String(required=True)
    name_en = fields.String(required=True)
    organisation_id = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    areas = fields.List(fields.String(), required=True)


class OrganisationsSchema(AnswerSchema):
    items = fields.List(fields.Nested(OrganisationSchema), required=True)


class MembersSchema(AnswerSchema):
    items = fields.List(fields.Nested(MemberSchema), required=True)
