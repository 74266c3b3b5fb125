"""What may be said of organisations, members, the rota and conflicts, and what is answered."""

from typing import Any

from marshmallow import fields

from services.directory.handlers import (
    AddDuty,
    ChangeMember,
    ChangeOrganisation,
    Confirmation,
    DeclareConflict,
    HandedItem,
    HandOver,
    InviteMember,
    OpenOrganisation,
    SetLeave,
)
from services.directory.schemas.lists import MemberSchema, OrganisationSchema
from shared.events.directory import Responsibility
from shared.web.schema import (
    AnswerSchema,
    AreaField,
    CodeField,
    CommandSchema,
    Day,
    Flag,
    Identifier,
    Length,
    Name,
    Text,
    WholeNumber,
)
from shared.words import codes

NAME = 120
WORDS = 500
MOST = 500


class Several(fields.List[Any]):
    """A list that is kept as a tuple."""

    def __init__(self, of: fields.Field[Any], *, most: int = MOST, **options: Any) -> None:
        super().__init__(of, validate=Length(max=most), **options)

    def _deserialize(self, *args: Any, **options: Any) -> Any:
        return tuple(super()._deserialize(*args, **options))


class ResponsibilitySchema(CommandSchema[Responsibility]):
    command = Responsibility

    duty = CodeField(codes("duty"), required=True)
    area = AreaField(required=True)
    valid_from = Day(allow_none=True)
    valid_to = Day(allow_none=True)


class OpenOrganisationSchema(CommandSchema[OpenOrganisation]):
    command = OpenOrganisation

    kind = CodeField(codes("organisation_kind"), required=True)
    name_zh = Name(max_length=NAME, required=True)
    name_en = Name(max_length=NAME, required=True)
    parent_id = CodeField(allow_none=True)
    areas = Several(AreaField())
    categories = Several(CodeField(codes("category")))
    responsibilities = Several(fields.Nested(ResponsibilitySchema))


class ChangeOrganisationSchema(CommandSchema[ChangeOrganisation]):
    command = ChangeOrganisation

    name_zh = Name(max_length=NAME, required=True)
    name_en = Name(max_length=NAME, required=True)
    parent_id = CodeField(allow_none=True)
    areas = Several(AreaField())
    categories = Several(CodeField(codes("category")))
    responsibilities = Several(fields.Nested(ResponsibilitySchema))
    confirmed = Flag()


class ConfirmationSchema(CommandSchema[Confirmation]):
    command = Confirmation

    confirmed = Flag()


class InviteMemberSchema(CommandSchema[InviteMember]):
    command = InviteMember

    name_zh = Name(max_length=NAME, required=True)
    name_en = Name(max_length=NAME, required=True)
    organisation_id = CodeField(required=True)
    roles = Several(CodeField(codes("role")), load_default=())
    areas = Several(AreaField(), load_default=())


class ChangeMemberSchema(CommandSchema[ChangeMember]):
    command = ChangeMember

    name_zh = Name(max_length=NAME, required=True)
    name_en = Name(max_length=NAME, required=True)
    roles = Several(CodeField(codes("role")), load_default=())
    areas = Several(AreaField(), load_default=())
    confirmed = Flag()


class SetLeaveSchema(CommandSchema[SetLeave]):
    command = SetLeave

    leave_from = Day(allow_none=True)
    leave_to = Day(allow_none=True)
    confirmed = Flag()


class HandedItemSchema(CommandSchema[HandedItem]):
    command = HandedItem

    kind = CodeField(codes("holding"), required=True)
    item_id = Identifier(required=True)
    successor_id = CodeField(required=True)


class HandOverSchema(CommandSchema[HandOver]):
    command = HandOver

    items = Several(fields.Nested(HandedItemSchema), required=True)


class AddDutySchema(CommandSchema[AddDuty]):
    command = AddDuty

    role = CodeField(codes("role"), required=True)
    member_id = CodeField(required=True)
    area = AreaField(required=True)
    weekdays = Several(WholeNumber(minimum=1, maximum=7), most=7, load_default=())
    valid_from = Day(required=True)
    valid_to = Day(allow_none=True)


class DeclareConflictSchema(CommandSchema[DeclareConflict]):
    command = DeclareConflict

    kind = CodeField(codes("conflict_kind"), required=True)
    valid_from = Day(required=True)
    valid_to = Day(allow_none=True)
    organisation_id = CodeField(allow_none=True)
    words = Text(max_length=WORDS, allow_none=True)


class GapSchema(AnswerSchema):
    kind = fields.String(required=True)
    code = fields.String(required=True)
    role = fields.String(required=True)
    area = fields.String(required=True)
    organisation_id = fields.String(required=True)


class GapsSchema(AnswerSchema):
    items = fields.List(fields.Nested(GapSchema), required=True)


class ChangedSchema(AnswerSchema):
    id = fields.String(required=True)
    gaps = fields.List(fields.Nested(GapSchema), required=True)


class ResponsibilityAnswerSchema(AnswerSchema):
    duty = fields.String(required=True)
    area = fields.String(required=True)
    valid_from = fields.Date(required=True, allow_none=True)
    valid_to = fields.Date(required=True, allow_none=True)


class OrganisationDetailSchema(OrganisationSchema):
    parent_id = fields.String(required=True, allow_none=True)
    responsibilities = fields.List(fields.Nested(ResponsibilityAnswerSchema), required=True)


class MemberDetailSchema(MemberSchema):
    leave_from = fields.Date(required=True, allow_none=True)
    leave_to = fields.Date(required=True, allow_none=True)


class DutySchema(AnswerSchema):
    id = fields.String(required=True)
    role = fields.String(required=True)
    member_id = fields.String(required=True)
    area = fields.String(required=True)
    weekdays = fields.List(fields.Integer(), required=True)
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(required=True, allow_none=True)
    version = fields.Integer(required=True, attribute="revision")


class RotaSchema(AnswerSchema):
    items = fields.List(fields.Nested(DutySchema), required=True)


class ProposalSchema(AnswerSchema):
    kind = fields.String(required=True, attribute="held.kind")
    item_id = fields.UUID(required=True, attribute="held.item_id")
    number = fields.String(required=True, attribute="held.number")
    state = fields.String(required=True, attribute="held.state")
    area = fields.String(required=True, attribute="held.area")
    successors = fields.List(fields.Pluck(MemberSchema, "id"), attribute="candidates")


class LeavingSchema(AnswerSchema):
    items = fields.List(fields.Nested(ProposalSchema), required=True, attribute="proposals")
    gaps = fields.List(fields.Nested(GapSchema), required=True)
    rota = fields.List(fields.Nested(DutySchema), required=True, attribute="turns")


class OrderedSchema(AnswerSchema):
    ordered = fields.Integer(required=True)


class ConflictSchema(AnswerSchema):
    id = fields.String(required=True)
    kind = fields.String(required=True)
    organisation_id = fields.String(required=True, allow_none=True)
    words = fields.String(required=True, allow_none=True)
    valid_from = fields.Date(required=True)
    valid_to = fields.Date(required=True, allow_none=True)


class ConflictsSchema(AnswerSchema):
    items = fields.List(fields.Nested(ConflictSchema), required=True)
