"""What may be asked of the directory's API, and what it answers."""

from dataclasses import dataclass

from marshmallow import fields

from shared.web.paging import Cursor, PageSchema
from shared.web.schema import AnswerSchema, AreaField, CodeField
from shared.words import codes


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
