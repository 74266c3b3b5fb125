"""Events published by the intake service."""

from dataclasses import dataclass
from datetime import date

from shared.events.base import Area, Code, Count, DisputeEvent, Known, LeadEvent, Number


@dataclass(frozen=True, kw_only=True)
class PartyFacts:
    """What routing may know of a party: never who it is."""

    side: Code
    kind: Code
    consent: Code
    vulnerable: tuple[Code, ...] = ()


@dataclass(frozen=True, kw_only=True)
class HandledBefore:
    """Another body has, or had, the matter; ``entrusted`` says that it sent a letter."""

    by: Code
    status: Code
    entrusted: bool = False


@dataclass(frozen=True, kw_only=True)
class Danger:
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


@dataclass(frozen=True, kw_only=True)
class CaseFacts:
    exclusion: Code | None = None
    utility_cut: Known = "unknown"
    title_issue: Known = "unknown"
    crosses_communities: Known = "unknown"
    petition_linked: Known = "unknown"
    minor_gravely_affected: Known = "unknown"
    joint_room_requested: Known = "unknown"
    households_affected: Count | None = None
    failed_mediations: Count | None = None
    repeat_12m: Count | None = None


@dataclass(frozen=True, kw_only=True)
class PublicInterest:
    affects_others: Known = "unknown"
    people_affected: Count | None = None
    field: Code | None = None
    imminent_danger: Known = "unknown"
    agency_informed: Known = "unknown"
    agency_informed_on: date | None = None
    agency_idle: Known = "unknown"
    serious: Known = "unknown"
    repeated: Known = "unknown"


@dataclass(frozen=True, kw_only=True)
class DisputeRegistered(DisputeEvent):
    """A dispute has its number and its receipt; mediation decides where it goes.

    ``directory_revision`` is what intake had applied: whoever routes waits until it has it too.
    ``questions`` are the signs in the text that the filer has not answered yet.
    """

    event_type = "intake.dispute.registered.v1"

    number: Number
    category: Code
    origin: Code
    area: Area
    grid: Area | None = None
    amount_fen: Count | None = None
    since: date | None = None
    parties: tuple[PartyFacts, ...]
    handled_before: tuple[HandledBefore, ...] = ()
    danger: Danger
    facts: CaseFacts
    public_interest: PublicInterest
    questions: tuple[Code, ...] = ()
    directory_revision: Count


@dataclass(frozen=True, kw_only=True)
class LeadRegistered(LeadEvent):
    """A public-interest lead has its number and its receipt; referral decides where it goes.

    A lead that intake registers because of a dispute looks exactly like any other.
    """

    event_type = "intake.lead.registered.v1"

    number: Number
    origin: Code
    area: Area
    grid: Area | None = None
    category: Code | None = None
    danger: Danger
    facts: CaseFacts
    public_interest: PublicInterest
    questions: tuple[Code, ...] = ()
    directory_revision: Count
