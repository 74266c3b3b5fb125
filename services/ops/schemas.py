"""What may be asked of operations, and what it answers."""

from collections.abc import Collection
from dataclasses import dataclass

from marshmallow import ValidationError, fields, validates_schema

from services.ops.handlers import Retry
from services.ops.queries import Filters, Flow, Stage
from shared.settings import SERVICES
from shared.web.i18n import N_
from shared.web.paging import Cursor, PageSchema
from shared.web.schema import (
    AnswerSchema,
    AreaField,
    CodeField,
    CommandSchema,
    Text,
    WholeNumber,
)

KINDS = ("dispute", "lead")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    cursor: Cursor | None
    limit: int
    kind: str | None = None
    stage: str | None = None
    area: str | None = None

    def filters(self, parked: Collection[str]) -> Filters:
        """One row more than the limit, to see whether there is another page."""
        return Filters(
            kind=self.kind,
            stage=Stage(self.stage) if self.stage else None,
            area=self.area,
            parked=parked,
            after=(self.cursor.at, self.cursor.id) if self.cursor else None,
            limit=self.limit + 1,
        )


@dataclass(frozen=True, kw_only=True)
class LookedUp:
    """``number`` is what the search box of every page calls it."""

    case: str | None = None
    number: str | None = None


@dataclass(frozen=True, kw_only=True)
class Retried:
    retried: int | None = None


def place_of(flow: Flow) -> Cursor:
    if flow.registered_at is None:
        raise ValueError("a list holds only flows with a registration")
    return Cursor(flow.registered_at, flow.subject)


class WantedSchema(PageSchema[Wanted]):
    command = Wanted

    kind = CodeField(KINDS)
    stage = CodeField([str(stage) for stage in Stage])
    area = AreaField()


class LookedUpSchema(CommandSchema[LookedUp]):
    command = LookedUp

    case = Text(max_length=64)
    number = Text(max_length=64)


class RetriedSchema(CommandSchema[Retried]):
    command = Retried

    retried = WholeNumber()


class RetrySchema(CommandSchema[Retry]):
    command = Retry

    service = CodeField(SERVICES, required=True)
    key = Text(max_length=64)
    id = WholeNumber()

    @validates_schema
    def _one(self, data: dict[str, object], **_options: object) -> None:
        if "key" in data and "id" in data:
            raise ValidationError(N_("Give a case or a dead letter, not both."), "id")


class NamedSchema(AnswerSchema):
    id = fields.String(required=True)
    name = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class SentenceSchema(AnswerSchema):
    zh = fields.String(required=True)
    en = fields.String(required=True)


class FlowSchema(AnswerSchema):
    subject = fields.String(required=True)
    kind = fields.String(required=True, allow_none=True)
    number = fields.String(required=True, allow_none=True)
    area = fields.Nested(NamedSchema, required=True, allow_none=True)
    stage = fields.String(required=True)
    state = fields.String(required=True, allow_none=True)
    route = fields.String(required=True, allow_none=True)
    rule = fields.String(required=True, allow_none=True)
    holder = fields.Nested(NamedSchema, required=True, allow_none=True)
    holder_member = fields.Nested(NamedSchema, required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    registered_at = fields.AwareDateTime(required=True, allow_none=True)
    routed_at = fields.AwareDateTime(required=True, allow_none=True)
    concluded_at = fields.AwareDateTime(required=True, allow_none=True)
    last_type = fields.String(required=True)
    last_at = fields.AwareDateTime(required=True)


class FlowsSchema(AnswerSchema):
    items = fields.List(fields.Nested(FlowSchema), required=True)


class HopSchema(AnswerSchema):
    event = fields.String(required=True)
    event_id = fields.UUID(required=True)
    source = fields.String(required=True)
    sequence = fields.Integer(required=True)
    time = fields.AwareDateTime(required=True)
    appended_at = fields.AwareDateTime(required=True)
    seen_at = fields.AwareDateTime(required=True)
    topic = fields.String(required=True)
    partition = fields.Integer(required=True)
    offset = fields.Integer(required=True)
    causation = fields.UUID(required=True, allow_none=True)
    publish_ms = fields.Float(required=True, allow_none=True)
    react_ms = fields.Float(required=True, allow_none=True)
    since_start_ms = fields.Float(required=True)


class ParkedSchema(AnswerSchema):
    service = fields.String(required=True)
    since = fields.AwareDateTime(required=True)
    reason = fields.String(required=True)
    error_class = fields.String(required=True)
    attempts = fields.Integer(required=True)
    next_try = fields.AwareDateTime(required=True, allow_none=True)
    waiting = fields.Integer(required=True)
    first_type = fields.String(required=True, allow_none=True)


class FlowDetailSchema(FlowSchema):
    stands = fields.Nested(SentenceSchema, required=True)
    hops = fields.List(fields.Nested(HopSchema), required=True)
    parked = fields.Nested(ParkedSchema, required=True, allow_none=True)


class PartitionSchema(AnswerSchema):
    topic = fields.String(required=True)
    partition = fields.Integer(required=True)
    end = fields.Integer(required=True)
    next = fields.Integer(required=True)
    lag = fields.Integer(required=True)


class ServiceLagSchema(AnswerSchema):
    service = fields.String(required=True)
    away = fields.Boolean(required=True)
    unpublished = fields.Integer(required=True, allow_none=True)
    oldest_unpublished = fields.AwareDateTime(required=True, allow_none=True)
    oldest_unpublished_seconds = fields.Float(required=True, allow_none=True)
    parked_cases = fields.Integer(required=True, allow_none=True)
    parked_events = fields.Integer(required=True, allow_none=True)
    dead_letters = fields.Integer(required=True, allow_none=True)
    total_lag = fields.Integer(required=True, allow_none=True)
    partitions = fields.List(fields.Nested(PartitionSchema), required=True)


class LagsSchema(AnswerSchema):
    items = fields.List(fields.Nested(ServiceLagSchema), required=True)
    away = fields.List(fields.String(), required=True)


class FailureSchema(AnswerSchema):
    service = fields.String(required=True)
    kind = fields.String(required=True)
    key = fields.String(required=True, allow_none=True)
    number = fields.String(required=True, allow_none=True)
    id = fields.Integer(required=True, allow_none=True)
    reason = fields.String(required=True)
    error_class = fields.String(required=True, allow_none=True)
    event_type = fields.String(required=True, allow_none=True)
    since = fields.AwareDateTime(required=True)
    waiting = fields.Integer(required=True)
    attempts = fields.Integer(required=True)
    next_try = fields.AwareDateTime(required=True, allow_none=True)
    topic = fields.String(required=True, allow_none=True)
    partition = fields.Integer(required=True, allow_none=True)
    offset = fields.Integer(required=True, allow_none=True)
    retrying = fields.Boolean(required=True)


class FailuresSchema(AnswerSchema):
    items = fields.List(fields.Nested(FailureSchema), required=True)
    away = fields.List(fields.String(), required=True)


class RetryingSchema(AnswerSchema):
    retrying = fields.Integer(required=True)


class GapSchema(AnswerSchema):
    subject = fields.String(required=True)
    number = fields.String(required=True, allow_none=True)
    what = fields.String(required=True)
    service = fields.String(required=True)
    since = fields.AwareDateTime(required=True, allow_none=True)


class WaitSchema(AnswerSchema):
    what = fields.String(required=True)
    count = fields.Integer(required=True)
    since = fields.AwareDateTime(required=True, allow_none=True)


class ReconciliationSchema(AnswerSchema):
    at = fields.AwareDateTime(required=True)
    in_words = fields.Nested(SentenceSchema, required=True)
    accepted = fields.Integer(required=True, allow_none=True)
    routed = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    parked = fields.Integer(required=True)
    unexplained = fields.Integer(required=True)
    balanced = fields.Boolean(required=True, allow_none=True)
    gaps = fields.List(fields.Nested(GapSchema), required=True)
    waits = fields.List(fields.Nested(WaitSchema), required=True)
    away = fields.List(fields.String(), required=True)
