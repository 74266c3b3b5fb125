"""What people file, as it is kept: whole and sealed, in the words and codes they gave."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Self

from shared.events.base import Known
from shared.events.intake import CaseFacts, Danger, HandledBefore, PartyFacts, PublicInterest

APPLICATION = "application"


@dataclass(frozen=True, kw_only=True)
class Point:
    """Degrees (WGS 84)."""

    lat: float
    lon: float


@dataclass(frozen=True, kw_only=True)
class Place:
    area: str
    grid: str | None = None
    building: str | None = None
    point: Point | None = None


@dataclass(frozen=True, kw_only=True)
class Party:
    side: str
    kind: str
    name: str | None = None
    phone: str | None = None
    birth_year: int | None = None
    vulnerable: tuple[str, ...] = ()
    consent: str = "unknown"

    def facts(self) -> PartyFacts:
        return PartyFacts(
            side=self.side, kind=self.kind, consent=self.consent, vulnerable=self.vulnerable
        )


@dataclass(frozen=True, kw_only=True)
class Handling:
    """What another body did about it; with a letter it entrusts the matter to mediation."""

    by: str
    status: str
    reference: str | None = None
    entrust_letter: str | None = None

    def facts(self) -> HandledBefore:
        return HandledBefore(
            by=self.by, status=self.status, entrusted=self.entrust_letter is not None
        )


@dataclass(frozen=True, kw_only=True)
class Secrecy:
    hide_identity: bool = False
    fears_retaliation: Known = "unknown"


@dataclass(frozen=True, kw_only=True)
class Suspect:
    """Whom a lead is about."""

    kind: str = "unknown"
    name: str | None = None
    details: str | None = None


@dataclass(frozen=True, kw_only=True)
class Informant:
    """Who reports; kept in the sealed database only."""

    name: str | None = None
    phone: str | None = None


@dataclass(frozen=True, kw_only=True)
class FiledLead:
    """``narrative`` is None when the lead comes from a dispute whose filer wrote nothing for it."""

    narrative: str | None
    origin: str = APPLICATION
    place: Place
    since: date | None = None
    handled_before: tuple[Handling, ...] = ()
    danger: Danger = field(default_factory=Danger)
    facts: CaseFacts = field(default_factory=CaseFacts)
    public_interest: PublicInterest = field(default_factory=PublicInterest)
    secrecy: Secrecy = field(default_factory=Secrecy)
    suspect: Suspect | None = None


@dataclass(frozen=True, kw_only=True)
class FiledDispute:
    """``summary`` is what the filer wrote for a lead, should there be one."""

    category: str
    narrative: str
    origin: str = APPLICATION
    place: Place
    parties: tuple[Party, ...]
    claims: tuple[str, ...] = ()
    amount: Decimal | None = None
    since: date | None = None
    handled_before: tuple[Handling, ...] = ()
    danger: Danger = field(default_factory=Danger)
    facts: CaseFacts = field(default_factory=CaseFacts)
    public_interest: PublicInterest = field(default_factory=PublicInterest)
    summary: str | None = None
    secrecy: Secrecy = field(default_factory=Secrecy)

    @property
    def amount_fen(self) -> int | None:
        return None if self.amount is None else int(self.amount * 100)

    @property
    def concerns_public(self) -> bool:
        """Whether it has a side that is not the parties' to settle (design.md §8)."""
        public = self.public_interest
        return (
            public.affects_others == "yes"
            or public.field is not None
            or public.imminent_danger == "yes"
            or self.facts.utility_cut == "yes"
        )

    def own_lead(self) -> FiledLead | None:
        """The lead to register besides: codes and area, and the summary if there is one.

        No other fact goes along, however useful: each would point back to this dispute.
        """
        if not self.concerns_public:
            return None
        return FiledLead(
            narrative=self.summary,
            place=Place(area=self.place.area, grid=self.place.grid),
            facts=CaseFacts(utility_cut=self.facts.utility_cut),
            public_interest=self.public_interest,
        )

    def without_summary(self) -> Self:
        """As it is kept beside a lead of its own: the same words in both would link them."""
        return replace(self, summary=None)
