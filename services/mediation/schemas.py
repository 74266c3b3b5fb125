"""What may be asked of mediation and done with it, and what it answers."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from marshmallow import fields

from services.mediation.handlers import (
    Accept,
    AnswerSession,
    Conclude,
    RecordSession,
    Recuse,
    ScheduleSession,
)
from services.mediation.lifecycle import Outcome, State
from services.mediation.queries import Filters, Listed
from services.mediation.routing import Route
from shared.auth.actor import Actor
from shared.errors import Malformed
from shared.web.paging import Cursor, PageSchema
from shared.web.schema import (
    AnswerSchema,
    AreaField,
    CodeField,
    CommandSchema,
    Day,
    Flag,
    Text,
    TimeOfDay,
    WholeNumber,
)
from shared.words import codes

MAX_NOTES = 20_000
MAX_PARTIES = 200
ME = "me"
"""As the mediator in a filter: whoever asks."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    cursor: Cursor | None
    limit: int
    state: str | None = None
    route: str | None = None
    area: str | None = None
    mediator: str | None = None

    def filters(self, actor: Actor) -> Filters:
        """One row more than the limit, to see whether there is another page. Raises Malformed."""
        return Filters(
            state=self.state,
            route=self.route,
            area=self.area,
            mediator=actor.id if self.mediator == ME else self.mediator,
            after=_place(self.cursor) if self.cursor else None,
            limit=self.limit + 1,
        )


def place_of(row: Listed) -> Cursor:
    return Cursor(row.mediation.since, str(row.mediation.case_id))


def _place(cursor: Cursor) -> tuple[datetime, UUID]:
    try:
        return cursor.at, UUID(cursor.id)
    except ValueError as error:
        raise Malformed("This is not a cursor that was given out here.") from error


class WantedSchema(PageSchema[Wanted]):
    command = Wanted

    state = CodeField([str(state) for state in State])
    route = CodeField([str(route) for route in Route])
    area = AreaField()
    mediator = CodeField()


@dataclass(frozen=True, kw_only=True)
class WeekWanted:
    """``day`` is any of the week; this one's without it."""

    day: date | None = None

    def monday(self, today: date) -> date:
        day = self.day or today
        return day - timedelta(days=day.weekday())


class WeekWantedSchema(CommandSchema[WeekWanted]):
    command = WeekWanted

    day = Day()


class AcceptSchema(CommandSchema[Accept]):
    command = Accept

    parties_consented = Flag(load_default=False)


class RecordSessionSchema(CommandSchema[RecordSession]):
    command = RecordSession

    held_on = Day(required=True)
    parties_present = WholeNumber(minimum=1, maximum=MAX_PARTIES, required=True)
    joint = Flag(load_default=False)
    notes = Text(max_length=MAX_NOTES, min_length=0, multiline=True, load_default="")


class ScheduleSessionSchema(CommandSchema[ScheduleSession]):
    command = ScheduleSession

    day = Day(required=True)
    begins = TimeOfDay(required=True)
    minutes = WholeNumber(minimum=15, maximum=480, load_default=90)
    place = CodeField(codes("session_place"), required=True)
    joint = Flag(load_default=True)


class AnswerSessionSchema(CommandSchema[AnswerSession]):
    command = AnswerSession

    comes = Flag(required=True)


class OutcomeField(CodeField):
    def __init__(self) -> None:
        super().__init__([str(outcome) for outcome in Outcome], required=True)

    def read(self, value: object) -> str:
        found = super().read(value)
        return Outcome(found) if found in set(Outcome) else found


class ConcludeSchema(CommandSchema[Conclude]):
    command = Conclude

    outcome = OutcomeField()


class RecuseSchema(CommandSchema[Recuse]):
    command = Recuse

    member_id = Text(max_length=64, required=True)
    successor = Text(max_length=64, min_length=0, load_default=None)


class NamedSchema(AnswerSchema):
    id = fields.String(required=True)
    name = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class ListedSchema(AnswerSchema):
    case_id = fields.UUID(required=True, attribute="mediation.case_id")
    number = fields.String(required=True, attribute="mediation.number")
    category = fields.String(required=True, attribute="mediation.category")
    area = fields.Nested(NamedSchema, required=True)
    filed_at = fields.AwareDateTime(required=True, attribute="mediation.filed_at")
    route = fields.String(required=True, attribute="mediation.route")
    state = fields.String(required=True, attribute="mediation.state")
    since = fields.AwareDateTime(required=True, attribute="mediation.since")
    safety_hold = fields.Boolean(required=True, attribute="mediation.safety_hold")
    risk = fields.String(required=True, allow_none=True, attribute="mediation.risk")
    committee = fields.Nested(NamedSchema, required=True, allow_none=True)
    mediator = fields.Nested(NamedSchema, required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True, attribute="mediation.outcome")
    version = fields.Integer(required=True, attribute="mediation.version")


class MediationsSchema(AnswerSchema):
    items = fields.List(fields.Nested(ListedSchema), required=True)


class RoomSchema(AnswerSchema):
    room_id = fields.UUID(required=True)
    case_id = fields.UUID(required=True)
    number = fields.String(required=True)
    state = fields.String(required=True)
    mediator = fields.Nested(NamedSchema, required=True, allow_none=True)
    prosecutor = fields.Nested(NamedSchema, required=True, allow_none=True)
    opened_at = fields.AwareDateTime(required=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)


class OnDutySchema(AnswerSchema):
    role = fields.String(required=True)
    area = fields.Nested(NamedSchema, required=True)
    member = fields.Nested(NamedSchema, required=True, allow_none=True)


class BookedSchema(AnswerSchema):
    case_id = fields.UUID(required=True)
    number = fields.String(required=True)
    category = fields.String(required=True, allow_none=True)
    area = fields.Nested(NamedSchema, required=True)
    mediator = fields.Nested(NamedSchema, required=True, allow_none=True)
    prosecutor = fields.Nested(NamedSchema, required=True, allow_none=True)
    day = fields.Date(required=True)
    begins = TimeOfDay(required=True)
    minutes = fields.Integer(required=True)
    place = fields.String(required=True)
    joint = fields.Boolean(required=True)
    comes = fields.Boolean(required=True, allow_none=True)
    held = fields.Boolean(required=True)
    over = fields.Boolean(required=True)


class WeekDaySchema(AnswerSchema):
    day = fields.Date(required=True)
    on_duty = fields.List(fields.Nested(NamedSchema), required=True)
    booked = fields.List(fields.Nested(BookedSchema), required=True)


class WeekSchema(AnswerSchema):
    days = fields.List(fields.Nested(WeekDaySchema), required=True)
    more = fields.Boolean(required=True)


class RoomsSchema(AnswerSchema):
    day = fields.Date(required=True)
    on_duty = fields.List(fields.Nested(OnDutySchema), required=True)
    open = fields.List(fields.Nested(RoomSchema), required=True)


class PartySchema(AnswerSchema):
    side = fields.String(required=True)
    kind = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)
    phone = fields.String(required=True, allow_none=True)
    birth_year = fields.Integer(required=True, allow_none=True)
    vulnerable = fields.List(fields.String(), required=True)
    consent = fields.String(required=True)


class DossierSchema(AnswerSchema):
    state = fields.String(required=True)
    problem = fields.String(required=True, allow_none=True)
    masked = fields.Boolean(required=True)
    parties = fields.List(fields.Nested(PartySchema), required=True)
    narrative = fields.String(required=True, allow_none=True)
    claims = fields.List(fields.String(), required=True)
    amount = fields.String(required=True, allow_none=True)
    building = fields.String(required=True, allow_none=True)


class ActionSchema(AnswerSchema):
    action = fields.String(required=True)
    roles = fields.List(fields.String(), required=True)
    allowed = fields.Boolean(required=True)
    outcomes = fields.List(fields.String(), required=True)


class CaseSchema(ListedSchema):
    origin = fields.String(required=True, attribute="mediation.origin")
    reason = fields.String(required=True, allow_none=True, attribute="mediation.reason")
    consent_refused = fields.Boolean(required=True, attribute="mediation.consent_refused")
    sessions = fields.Integer(required=True, attribute="mediation.sessions")
    room = fields.Nested(RoomSchema, required=True, allow_none=True)
    next_session = fields.Nested(BookedSchema, required=True, allow_none=True)
    dossier = fields.Nested(DossierSchema, required=True)
    actions = fields.List(fields.Nested(ActionSchema), required=True)
    to_open = fields.String(required=True, allow_none=True)


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
    in_words = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class SessionSchema(AnswerSchema):
    session_no = fields.Integer(required=True)
    held_on = fields.Date(required=True)
    parties_present = fields.Integer(required=True)
    joint = fields.Boolean(required=True)
    notes = fields.String(required=True, allow_none=True)


class EntrySchema(AnswerSchema):
    event_id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True)
    event_type = fields.String(required=True)
    actor = fields.Nested(NamedSchema, required=True, allow_none=True)
    role = fields.String(required=True)
    state_before = fields.String(required=True, allow_none=True)
    state_after = fields.String(required=True)
    details = fields.Dict(required=True)
    session = fields.Nested(SessionSchema, required=True, allow_none=True)


class TimelineSchema(AnswerSchema):
    items = fields.List(fields.Nested(EntrySchema), required=True)
