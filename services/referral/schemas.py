"""What may be asked of referral, and what it answers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from marshmallow import fields

from services.referral.handlers import (
    Closing,
    Finding,
    Milestone,
    NewOrder,
    Objection,
    Reply,
    Transfer,
)
from services.referral.lifecycle import (
    DISMISSALS,
    MILESTONES,
    OBJECTIONS,
    REPLIES,
    RESULTS,
    LeadState,
    OrderState,
)
from services.referral.queries import LeadFilters, OrderFilters
from services.referral.routing import Route
from shared.errors import Malformed
from shared.web.paging import DEFAULT_LIMIT, Cursor, PageSchema
from shared.web.schema import AnswerSchema, AreaField, CodeField, CommandSchema, Text
from shared.words import codes

WORDS = 4000
DOCUMENT_NO = 64


class NewOrderSchema(CommandSchema[NewOrder]):
    command = NewOrder

    agency_id = CodeField(required=True)
    text = Text(max_length=WORDS, multiline=True)
    reason = Text(max_length=WORDS, multiline=True)


class TransferSchema(CommandSchema[Transfer]):
    command = Transfer

    note = Text(max_length=WORDS, multiline=True)


class ClosingSchema(CommandSchema[Closing]):
    command = Closing

    outcome = CodeField((*DISMISSALS, *RESULTS, *MILESTONES))


class ObjectionSchema(CommandSchema[Objection]):
    command = Objection

    reason = CodeField(OBJECTIONS, required=True)


class ReplySchema(CommandSchema[Reply]):
    command = Reply

    result = CodeField(REPLIES, required=True)
    text = Text(max_length=WORDS, multiline=True, required=True)


class FindingSchema(CommandSchema[Finding]):
    command = Finding

    outcome = CodeField(tuple(RESULTS), required=True)


class MilestoneSchema(CommandSchema[Milestone]):
    command = Milestone

    outcome = CodeField(tuple(MILESTONES), required=True)
    document_no = Text(max_length=DOCUMENT_NO)


@dataclass(frozen=True, kw_only=True)
class LeadsWanted:
    cursor: Cursor | None = None
    limit: int = DEFAULT_LIMIT
    state: str | None = None
    route: str | None = None
    field: str | None = None
    area: str | None = None

    def filters(self, *, more: int = 0, longest_first: bool = False) -> LeadFilters:
        """Raises Malformed for a cursor that was not given out here."""
        return LeadFilters(
            state=self.state,
            route=self.route,
            field=self.field,
            area=self.area,
            longest_first=longest_first,
            after=_place(self.cursor),
            limit=self.limit + more,
        )


@dataclass(frozen=True, kw_only=True)
class OrdersWanted:
    cursor: Cursor | None = None
    limit: int = DEFAULT_LIMIT
    state: str | None = None

    def filters(self, *, more: int = 0) -> OrderFilters:
        """Raises Malformed for a cursor that was not given out here."""
        return OrderFilters(state=self.state, after=_place(self.cursor), limit=self.limit + more)


class LeadsWantedSchema(PageSchema[LeadsWanted]):
    command = LeadsWanted

    state = CodeField(tuple(LeadState))
    route = CodeField(tuple(Route))
    field = CodeField(codes("field"))
    area = AreaField()


class OrdersWantedSchema(PageSchema[OrdersWanted]):
    command = OrdersWanted

    state = CodeField(tuple(OrderState))


class InBothLanguages(AnswerSchema):
    zh = fields.String(required=True)
    en = fields.String(required=True)


class NamedSchema(AnswerSchema):
    id = fields.String(required=True)
    name = fields.Nested(InBothLanguages, required=True)


class HolderSchema(AnswerSchema):
    organisation = fields.Nested(NamedSchema, allow_none=True)
    member = fields.Nested(NamedSchema, allow_none=True)


class ListedSchema(AnswerSchema):
    lead_id = fields.UUID(required=True)
    number = fields.String(required=True)
    origin = fields.String(required=True)
    area = fields.Nested(NamedSchema, required=True)
    grid = fields.Nested(NamedSchema, allow_none=True)
    category = fields.String(allow_none=True)
    field = fields.String(allow_none=True)
    duty = fields.String(allow_none=True)
    route = fields.String(required=True)
    rule = fields.String(required=True)
    urgent = fields.Boolean(required=True)
    state = fields.String(required=True)
    outcome = fields.String(allow_none=True)
    holder = fields.Nested(HolderSchema, allow_none=True)
    officer = fields.Nested(NamedSchema, allow_none=True)
    registered_at = fields.AwareDateTime(required=True)
    changed_at = fields.AwareDateTime(required=True)
    version = fields.Integer(required=True)


class OrderListedSchema(AnswerSchema):
    order_id = fields.UUID(required=True)
    lead_id = fields.UUID(allow_none=True)
    number = fields.String(required=True)
    agency = fields.Nested(NamedSchema, required=True)
    duty = fields.String(allow_none=True)
    area = fields.Nested(NamedSchema, required=True)
    grid = fields.Nested(NamedSchema, allow_none=True)
    urgent = fields.Boolean(required=True)
    state = fields.String(required=True)
    task = fields.Nested(InBothLanguages, required=True)
    opened_at = fields.AwareDateTime(required=True, allow_none=True)
    opened_week = fields.String(required=True)
    acknowledged_at = fields.AwareDateTime(allow_none=True)
    objected_at = fields.AwareDateTime(allow_none=True)
    objection = fields.String(allow_none=True)
    replied_at = fields.AwareDateTime(allow_none=True)
    result = fields.String(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)
    outcome = fields.String(allow_none=True)
    version = fields.Integer(required=True)


class OrderSchema(OrderListedSchema):
    text = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    reply = fields.String(allow_none=True)


class ReviewSchema(AnswerSchema):
    review_id = fields.UUID(required=True)
    lead_id = fields.UUID(required=True)
    procuratorate = fields.Nested(NamedSchema, required=True)
    member = fields.Nested(NamedSchema, required=True)
    state = fields.String(required=True)
    note = fields.String(allow_none=True)
    opened_at = fields.AwareDateTime(required=True)
    acknowledged_at = fields.AwareDateTime(allow_none=True)
    closed_at = fields.AwareDateTime(allow_none=True)
    outcome = fields.String(allow_none=True)
    document_no = fields.String(allow_none=True)
    version = fields.Integer(required=True)


class SuspectSchema(AnswerSchema):
    kind = fields.String(required=True)
    name = fields.String(allow_none=True)
    details = fields.String(allow_none=True)


class TextSchema(AnswerSchema):
    state = fields.String(required=True)
    narrative = fields.String(allow_none=True)
    suspect = fields.Nested(SuspectSchema, allow_none=True)
    building = fields.String(allow_none=True)


class LeadFileSchema(ListedSchema):
    text = fields.Nested(TextSchema, required=True)
    orders = fields.List(fields.Nested(OrderSchema), required=True)
    reviews = fields.List(fields.Nested(ReviewSchema), required=True)
    to_open = fields.String(required=True, allow_none=True)


class LeadsSchema(AnswerSchema):
    items = fields.List(fields.Nested(ListedSchema), required=True)


class OrdersSchema(AnswerSchema):
    items = fields.List(fields.Nested(OrderListedSchema), required=True)


class RuleSetSchema(AnswerSchema):
    name = fields.String(required=True)
    version = fields.String(required=True)
    valid_from = fields.Date(required=True)


class TriedSchema(AnswerSchema):
    rule = fields.String(required=True)
    matched = fields.Boolean(required=True)
    because = fields.List(fields.Dict(), required=True)


class RoutingSchema(AnswerSchema):
    route = fields.String(required=True)
    rule = fields.String(required=True)
    rule_set = fields.Nested(RuleSetSchema, required=True)
    decided_at = fields.AwareDateTime(required=True)
    directory_revision = fields.Integer(required=True)
    facts = fields.Dict(required=True)
    overlays = fields.List(fields.String(), required=True)
    parallel = fields.List(fields.String(), required=True)
    tried = fields.List(fields.Nested(TriedSchema), required=True)
    assigned = fields.Dict(keys=fields.String(), values=fields.Nested(NamedSchema), required=True)
    missing = fields.String(allow_none=True)
    in_words = fields.Nested(InBothLanguages, required=True)


class EntrySchema(AnswerSchema):
    event_id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)
    event_type = fields.String(required=True)
    actor = fields.Nested(NamedSchema, allow_none=True)
    role = fields.String(required=True)
    state_before = fields.String(allow_none=True)
    state_after = fields.String(required=True)
    details = fields.Dict(required=True)


class TimelineSchema(AnswerSchema):
    items = fields.List(fields.Nested(EntrySchema), required=True)


def _place(cursor: Cursor | None) -> tuple[datetime, UUID] | None:
    if cursor is None:
        return None
    try:
        return cursor.at, UUID(cursor.id)
    except ValueError as error:
        raise Malformed("This is not a cursor that was given out here.") from error
