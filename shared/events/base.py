"""What an event is: a frozen dataclass of ids, codes, enums, counts and times.

The field types below are the whole vocabulary. None of them can hold a name, a phone number, an
address or a sentence: their patterns are checked when an event is emitted and when it is read.
``Label`` alone holds words; it is for names of organisations and work names of staff, and a test
lets it stand on ``hemu.directory`` only.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from msgspec import Meta

CASES = "hemu.cases"
DIRECTORY = "hemu.directory"
TOPICS = (CASES, DIRECTORY)

Code = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$",
        description="A code of a taxonomy, a rule, or the opaque id of a member or organisation.",
    ),
]
Area = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{6,15}$",
        description="District (6 digits), street (9), community (12) or grid (15).",
    ),
]
Number = Annotated[
    str,
    Meta(
        pattern=r"^[A-Z]{2}[0-9]{6}-[0-9]{4}-[0-9]{6,}$",
        description="A registration number: kind, district, year, running number.",
    ),
]
Known = Annotated[
    Literal["yes", "no", "unknown"],
    Meta(description="A three-valued fact: unknown is not no."),
]
Count = Annotated[int, Meta(ge=0, le=2**53, description="A number of things, or an amount in fen.")]
Label = Annotated[
    str, Meta(min_length=1, max_length=120, description="Words; only on the directory topic.")
]


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened. A class's ``event_type`` is its contract and never changes its
    meaning: an incompatible change is a new class with the next version number.
    """

    event_type: ClassVar[str]
    topic: ClassVar[str] = CASES

    @property
    def subject(self) -> str:
        """The key: events about one subject stay in order."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class DisputeEvent(Event):
    case_id: UUID

    @property
    def subject(self) -> str:
        return str(self.case_id)


@dataclass(frozen=True, kw_only=True)
class LeadEvent(Event):
    lead_id: UUID

    @property
    def subject(self) -> str:
        return str(self.lead_id)
