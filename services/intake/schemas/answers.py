"""What the JSON API answers."""

from dataclasses import fields as fields_of
from typing import Any

from marshmallow import Schema, fields

from shared.events.intake import CaseFacts, Danger, PublicInterest
from shared.web.schema import AnswerSchema, Money


class OwnLeadRegisteredSchema(AnswerSchema):
    lead_id = fields.UUID(required=True)
    receipt = fields.String(required=True)


class DisputeRegisteredSchema(AnswerSchema):
    """``lead`` only where the dispute led to one; it is told here and nowhere else."""

    case_id = fields.String(required=True)
    registration_no = fields.String(required=True)
    receipt = fields.String(required=True)
    lead = fields.Nested(OwnLeadRegisteredSchema)
    questions = fields.List(fields.String(), required=True)


class LeadRegisteredSchema(AnswerSchema):
    lead_id = fields.String(required=True)
    registration_no = fields.String(required=True)
    receipt = fields.String(required=True)
    questions = fields.List(fields.String(), required=True)


class InWordsSchema(AnswerSchema):
    zh = fields.String(required=True)
    en = fields.String(required=True)


class ToldSchema(AnswerSchema):
    status = fields.String(required=True)
    in_words = fields.Nested(InWordsSchema, required=True)
    registered_on = fields.Date(required=True)
    changed_on = fields.Date(required=True)


class HolderSchema(AnswerSchema):
    role = fields.String(required=True)
    id = fields.String(required=True)
    name_zh = fields.String(required=True)
    name_en = fields.String(required=True)


class PartyNamedSchema(AnswerSchema):
    side = fields.String(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)


class PartyShownSchema(PartyNamedSchema):
    phone = fields.String(required=True, allow_none=True)
    birth_year = fields.Integer(required=True, allow_none=True)
    vulnerable = fields.List(fields.String(), required=True)
    consent = fields.String(required=True)


class PointShownSchema(AnswerSchema):
    lat = fields.Float(required=True)
    lon = fields.Float(required=True)


class PlaceShownSchema(AnswerSchema):
    building = fields.String(required=True, allow_none=True)
    point = fields.Nested(PointShownSchema, required=True, allow_none=True)


class HandledBeforeSchema(AnswerSchema):
    by = fields.String(required=True)
    status = fields.String(required=True)
    entrusted = fields.Boolean(required=True)


class HandlingShownSchema(AnswerSchema):
    by = fields.String(required=True)
    status = fields.String(required=True)
    reference = fields.String(required=True, allow_none=True)
    entrust_letter = fields.String(required=True, allow_none=True)


class SuspectShownSchema(AnswerSchema):
    kind = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    details = fields.String(required=True, allow_none=True)


class CaseShownSchema(AnswerSchema):
    registration_no = fields.String(required=True)
    area = fields.String(required=True)
    grid = fields.String(required=True, allow_none=True)
    filed_at = fields.AwareDateTime(required=True)
    state = fields.String(required=True)
    route = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    holders = fields.List(fields.Nested(HolderSchema), required=True)
    changed_at = fields.AwareDateTime(required=True)
    mine = fields.Boolean(required=True)


class DisputeItemSchema(CaseShownSchema):
    case_id = fields.UUID(required=True)
    category = fields.String(required=True)
    sessions = fields.Integer(required=True)
    parties = fields.List(fields.Nested(PartyNamedSchema), required=True)


class LeadItemSchema(CaseShownSchema):
    lead_id = fields.UUID(required=True)
    field = fields.String(required=True, allow_none=True)
    order_state = fields.String(required=True, allow_none=True)
    review_state = fields.String(required=True, allow_none=True)


def _facts_schema(of: type) -> type[Schema]:
    """Facts are answered as they are announced, so their class says which there are."""
    raw: dict[str, fields.Field[Any]] = {
        field.name: fields.Raw(allow_none=True) for field in fields_of(of)
    }
    return AnswerSchema.from_dict(raw, name=f"{of.__name__}Shown")


class OwnDisputeSchema(AnswerSchema):
    narrative = fields.String(required=True)
    claims = fields.List(fields.String(), required=True)
    place = fields.Nested(PlaceShownSchema, required=True)
    handled_before = fields.List(fields.Nested(HandlingShownSchema), required=True)
    summary = fields.String(required=True, allow_none=True)


class OwnLeadSchema(AnswerSchema):
    narrative = fields.String(required=True, allow_none=True)
    place = fields.Nested(PlaceShownSchema, required=True)
    suspect = fields.Nested(SuspectShownSchema, required=True, allow_none=True)


class FactsShownSchema(AnswerSchema):
    origin = fields.String(required=True)
    since = fields.Date(required=True, allow_none=True)
    handled_before = fields.List(fields.Nested(HandledBeforeSchema), required=True)
    danger = fields.Nested(_facts_schema(Danger), required=True)
    facts = fields.Nested(_facts_schema(CaseFacts), required=True)
    public_interest = fields.Nested(_facts_schema(PublicInterest), required=True)


class DisputeSchema(DisputeItemSchema, FactsShownSchema):
    """``own`` is what only its filer gets; for all others people's names are masked."""

    amount = Money(required=True, allow_none=True)
    parties = fields.List(fields.Nested(PartyShownSchema), required=True)
    own = fields.Nested(OwnDisputeSchema, required=True, allow_none=True)


class LeadSchema(LeadItemSchema, FactsShownSchema):
    """``own`` is what only its filer gets; nobody gets who told it."""

    own = fields.Nested(OwnLeadSchema, required=True, allow_none=True)


class DisputesSchema(AnswerSchema):
    items = fields.List(fields.Nested(DisputeItemSchema), required=True)


class LeadsSchema(AnswerSchema):
    items = fields.List(fields.Nested(LeadItemSchema), required=True)
