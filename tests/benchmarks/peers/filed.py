"""A dispute as the peer reads it: the same fields and limits as Hemu's, in pydantic."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetPydanticSchema,
    StringConstraints,
    model_validator,
)

from shared.words import codes

COUNT_LIMIT = 2**53


def code(kind: str) -> GetPydanticSchema:
    """One of the codes of this kind."""
    choices = Literal[codes(kind)]  # type: ignore[valid-type]  # known when the module is loaded
    return GetPydanticSchema(lambda _source, handler: handler(choices))


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, pattern=r"^[^\x00-\x1f\x7f-\x9f]*$"),
]
Lines = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
    ),
]
Known = Literal["yes", "no", "unknown"]
Count = Annotated[int, Field(ge=0, le=COUNT_LIMIT)]
Community = Annotated[str, StringConstraints(pattern=r"^(?:[0-9]{12}|[0-9]{15})$")]
Grid = Annotated[str, StringConstraints(pattern=r"^[0-9]{15}$")]
Money = Annotated[Decimal, Field(max_digits=14, decimal_places=2, ge=0)]
Phone = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()\-]{2,28}$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Point(Strict):
    lat: Annotated[float, Field(ge=-90, le=90)]
    lon: Annotated[float, Field(ge=-180, le=180)]


class Place(Strict):
    area: Community
    grid: Grid | None = None
    building: Annotated[Line, Field(max_length=100)] | None = None
    point: Point | None = None

    @model_validator(mode="after")
    def _grid_in_area(self) -> Self:
        if self.grid and not self.grid.startswith(self.area):
            raise ValueError("this grid does not lie in the area")
        return self


class Party(Strict):
    side: Annotated[str, code("side")]
    kind: Annotated[str, code("party_kind")]
    name: Annotated[Line, Field(max_length=100)] | None = None
    phone: Phone | None = None
    birth_year: Annotated[int, Field(ge=1900, le=2100)] | None = None
    vulnerable: tuple[Annotated[str, code("vulnerable")], ...] = ()
    consent: Annotated[str, code("consent")] = "unknown"


class Handling(Strict):
    by: Annotated[str, code("handled_by")]
    status: Annotated[str, code("handled_status")]
    reference: Annotated[Line, Field(max_length=200)] | None = None
    entrust_letter: Annotated[Lines, Field(max_length=2000)] | None = None


class Danger(Strict):
    ongoing_violence: Known = "unknown"
    weapon: Known = "unknown"
    threat: Known = "unknown"
    self_harm: Known = "unknown"
    fire_or_gas: Known = "unknown"
    domestic_violence: Known = "unknown"
    victim_incapacitated: Known = "unknown"
    child_harm: Known = "unknown"
    crowd_fight: Known = "unknown"
    serious_crime: Known = "unknown"
    police_calls_12m: Count | None = None


class CaseFacts(Strict):
    exclusion: Annotated[str, code("exclusion")] | None = None
    utility_cut: Known = "unknown"
    title_issue: Known = "unknown"
    crosses_communities: Known = "unknown"
    petition_linked: Known = "unknown"
    minor_gravely_affected: Known = "unknown"
    joint_room_requested: Known = "unknown"
    households_affected: Count | None = None
    failed_mediations: Count | None = None
    repeat_12m: Count | None = None


class PublicInterest(Strict):
    affects_others: Known = "unknown"
    people_affected: Count | None = None
    field: Annotated[str, code("field")] | None = None
    imminent_danger: Known = "unknown"
    agency_informed: Known = "unknown"
    agency_informed_on: date | None = None
    agency_idle: Known = "unknown"
    serious: Known = "unknown"
    repeated: Known = "unknown"


class Secrecy(Strict):
    hide_identity: bool = False
    fears_retaliation: Known = "unknown"


class FiledDispute(Strict):
    category: Annotated[str, code("category")]
    narrative: Annotated[Lines, Field(max_length=10_000)]
    origin: Annotated[str, code("origin")] = "application"
    place: Place
    parties: Annotated[tuple[Party, ...], Field(max_length=50)]
    claims: Annotated[tuple[Lines, ...], Field(max_length=20)] = ()
    amount: Money | None = None
    since: date | None = None
    handled_before: Annotated[tuple[Handling, ...], Field(max_length=20)] = ()
    danger: Danger = Danger()
    facts: CaseFacts = CaseFacts()
    public_interest: PublicInterest = PublicInterest()
    secrecy: Secrecy = Secrecy()

    @model_validator(mode="after")
    def _both_sides(self) -> Self:
        if {party.side for party in self.parties} != {"applicant", "respondent"}:
            raise ValueError("name at least one applicant and one respondent")
        if self.since and self.since > date.today():  # noqa: DTZ011 – as anybody would write it
            raise ValueError("this day has not come yet")
        return self


class Registered(BaseModel):
    case_id: str
    registration_no: str
    receipt: str
    questions: list[str]
