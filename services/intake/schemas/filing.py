"""What may be filed: a dispute, a lead, a question about a receipt (design.md §8)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, fields

from services.intake.handlers.leads import FileLead
from services.intake.models.filed import FiledDispute, FiledLead
from services.intake.models.receipts import digits
from services.intake.schemas.parts import (
    DETAILS,
    CaseFactsSchema,
    DangerSchema,
    HandlingSchema,
    InformantSchema,
    PartySchema,
    PlaceSchema,
    PublicInterestSchema,
    SecrecySchema,
    Several,
    SuspectSchema,
    optional_text,
)
from services.intake.schemas.quick import QuickSchema
from shared.events.intake import PublicInterest
from shared.web.i18n import N_
from shared.web.schema import CodeField, Day, Money, Text
from shared.words import codes

NARRATIVE = 10_000
CLAIM = 500
MAX_PARTIES = 50
MAX_CLAIMS = 20
MAX_HANDLED = 20
MAX_RECEIPT = 60
SIDES = ("applicant", "respondent")


class DisputePublicInterestSchema(PublicInterestSchema):
    summary = optional_text(DETAILS, multiline=True)


class FiledDisputeSchema(QuickSchema[FiledDispute]):
    command = FiledDispute

    category = CodeField(codes("category"), required=True)
    narrative = Text(max_length=NARRATIVE, multiline=True, required=True)
    origin = CodeField(codes("origin"))
    place = fields.Nested(PlaceSchema, required=True)
    parties = Several(fields.Nested(PartySchema), most=MAX_PARTIES, required=True)
    claims = Several(Text(max_length=CLAIM, multiline=True), most=MAX_CLAIMS)
    amount = Money(allow_none=True)
    since = Day(allow_none=True)
    handled_before = Several(fields.Nested(HandlingSchema), most=MAX_HANDLED)
    danger = fields.Nested(DangerSchema)
    facts = fields.Nested(CaseFactsSchema)
    public_interest = fields.Nested(DisputePublicInterestSchema)
    secrecy = fields.Nested(SecrecySchema)

    def check(self, data: Mapping[str, Any]) -> None:
        if {party.side for party in data["parties"]} != set(SIDES):
            raise ValidationError(N_("Name at least one applicant and one respondent."), "parties")

    def make(self, data: dict[str, Any]) -> FiledDispute:
        public = data.pop("public_interest", {})
        summary = public.pop("summary", None)
        return FiledDispute(**data, public_interest=PublicInterest(**public), summary=summary)


class FileLeadSchema(QuickSchema[FileLead]):
    command = FileLead

    narrative = Text(max_length=NARRATIVE, multiline=True, required=True)
    origin = CodeField(codes("origin"))
    place = fields.Nested(PlaceSchema, required=True)
    since = Day(allow_none=True)
    handled_before = Several(fields.Nested(HandlingSchema), most=MAX_HANDLED)
    danger = fields.Nested(DangerSchema)
    facts = fields.Nested(CaseFactsSchema)
    public_interest = fields.Nested(PublicInterestSchema)
    secrecy = fields.Nested(SecrecySchema)
    suspect = fields.Nested(SuspectSchema, allow_none=True)
    informant = fields.Nested(InformantSchema, allow_none=True)

    def make(self, data: dict[str, Any]) -> FileLead:
        informant = data.pop("informant", None)
        public = PublicInterest(**data.pop("public_interest", {}))
        return FileLead(filed=FiledLead(**data, public_interest=public), informant=informant)


@dataclass(frozen=True, kw_only=True)
class LookUpReceipt:
    """``receipt`` as its digits alone."""

    receipt: str


class LookUpReceiptSchema(QuickSchema[LookUpReceipt]):
    command = LookUpReceipt

    receipt = Text(max_length=MAX_RECEIPT, required=True)

    def make(self, data: dict[str, Any]) -> LookUpReceipt:
        found = digits(data["receipt"])
        if found is None:
            raise ValidationError(N_("A receipt has sixteen digits."), "receipt")
        return LookUpReceipt(receipt=found)


FILE_DISPUTE = FiledDisputeSchema()
FILE_LEAD = FileLeadSchema()
LOOK_UP_RECEIPT = LookUpReceiptSchema()
