"""The parts of a registration, each read into what is kept of it."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from marshmallow import ValidationError, fields

from services.intake.models.filed import (
    Handling,
    Informant,
    Party,
    Place,
    Point,
    Secrecy,
    Suspect,
)
from services.intake.schemas.quick import QuickSchema
from shared.events.intake import CaseFacts, Danger
from shared.web.i18n import N_
from shared.web.schema import (
    AreaField,
    CodeField,
    Coordinate,
    Day,
    Flag,
    KnownField,
    Length,
    Text,
    WholeNumber,
)
from shared.words import codes

NAME, PHONE, LINE, DETAILS = 100, 30, 200, 2000
COMMUNITY_DIGITS, GRID_DIGITS = 12, 15
FIRST_YEAR, LAST_YEAR = 1900, 2100

_PHONE = re.compile(r"\+?[0-9][0-9 ()\-]{2,28}")


class Several(fields.List[Any]):
    """A list that is kept as a tuple, of so many entries at most."""

    def __init__(self, of: fields.Field[Any], *, most: int, **options: Any) -> None:
        super().__init__(of, validate=Length(max=most), **options)

    def _deserialize(self, *args: Any, **options: Any) -> Any:
        return tuple(super()._deserialize(*args, **options))


def several_codes(kind: str) -> Several:
    return Several(CodeField(codes(kind)), most=len(codes(kind)))


def optional_text(max_length: int, **options: Any) -> Text:
    return Text(max_length=max_length, allow_none=True, **options)


def optional_count() -> WholeNumber:
    return WholeNumber(allow_none=True)


def _of_digits(allowed: Collection[int], text: str) -> Callable[[str], None]:
    def check(area: str) -> None:
        if len(area) not in allowed:
            raise ValidationError(text)

    return check


def _phone(text: str) -> None:
    if not _PHONE.fullmatch(text):
        raise ValidationError(N_("This is not a telephone number."))


class PointSchema(QuickSchema[Point]):
    command = Point

    lat = Coordinate(limit=90, required=True)
    lon = Coordinate(limit=180, required=True)


class PlaceSchema(QuickSchema[Place]):
    command = Place

    area = AreaField(
        required=True,
        validate=_of_digits(
            (COMMUNITY_DIGITS, GRID_DIGITS),
            N_("This must be the code of a community (12 digits) or a grid (15)."),
        ),
    )
    grid = AreaField(
        allow_none=True,
        validate=_of_digits((GRID_DIGITS,), N_("This must be the code of a grid (15 digits).")),
    )
    building = optional_text(NAME)
    point = fields.Nested(PointSchema, allow_none=True)

    def check(self, data: Mapping[str, Any]) -> None:
        grid = data.get("grid")
        if grid and not grid.startswith(data["area"]):
            raise ValidationError(N_("This grid does not lie in the area."), "grid")


class PartySchema(QuickSchema[Party]):
    command = Party

    side = CodeField(codes("side"), required=True)
    kind = CodeField(codes("party_kind"), required=True)
    name = optional_text(NAME)
    phone = optional_text(PHONE, validate=_phone)
    birth_year = WholeNumber(minimum=FIRST_YEAR, maximum=LAST_YEAR, allow_none=True)
    vulnerable = several_codes("vulnerable")
    consent = CodeField(codes("consent"))


class HandlingSchema(QuickSchema[Handling]):
    command = Handling

    by = CodeField(codes("handled_by"), required=True)
    status = CodeField(codes("handled_status"), required=True)
    reference = optional_text(LINE)
    entrust_letter = optional_text(DETAILS, multiline=True)


class DangerSchema(QuickSchema[Danger]):
    command = Danger

    ongoing_violence = KnownField()
    weapon = KnownField()
    threat = KnownField()
    self_harm = KnownField()
    fire_or_gas = KnownField()
    domestic_violence = KnownField()
    victim_incapacitated = KnownField()
    child_harm = KnownField()
    crowd_fight = KnownField()
    serious_crime = KnownField()
    police_calls_12m = optional_count()


class CaseFactsSchema(QuickSchema[CaseFacts]):
    command = CaseFacts

    exclusion = CodeField(codes("exclusion"), allow_none=True)
    utility_cut = KnownField()
    title_issue = KnownField()
    crosses_communities = KnownField()
    petition_linked = KnownField()
    minor_gravely_affected = KnownField()
    joint_room_requested = KnownField()
    households_affected = optional_count()
    failed_mediations = optional_count()
    repeat_12m = optional_count()


class PublicInterestSchema(QuickSchema[dict[str, Any]]):
    """Stays a dictionary: a dispute's holds one thing more, which is not a fact."""

    affects_others = KnownField()
    people_affected = optional_count()
    field = CodeField(codes("field"), allow_none=True)
    imminent_danger = KnownField()
    agency_informed = KnownField()
    agency_informed_on = Day(allow_none=True)
    agency_idle = KnownField()
    serious = KnownField()
    repeated = KnownField()

    def make(self, data: dict[str, Any]) -> dict[str, Any]:
        return data


class SecrecySchema(QuickSchema[Secrecy]):
    command = Secrecy

    hide_identity = Flag()
    fears_retaliation = KnownField()


class SuspectSchema(QuickSchema[Suspect]):
    command = Suspect

    kind = CodeField(codes("party_kind"))
    name = optional_text(NAME)
    details = optional_text(DETAILS, multiline=True)


class InformantSchema(QuickSchema[Informant]):
    command = Informant

    name = optional_text(NAME)
    phone = optional_text(PHONE, validate=_phone)
