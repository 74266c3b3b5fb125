"""Where a lead goes, and who then has it. The rules are data: ``rules/routing-*.yaml``."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path

from shared import rules
from shared.clock import day_in_china
from shared.events.deciding import REGISTERED, registered
from shared.events.directory import MemberPublished, OrganisationPublished
from shared.events.intake import LeadRegistered
from shared.events.roster import Roster, Snapshot
from shared.rules import Decision, Finding, Kind, Moved, RuleBook, RuleSet, Value

NAME = "referral.routing"
FOLDER = Path(__file__).with_name("rules")


class Route(StrEnum):
    AGENCY_URGENT = "agency_urgent"
    ASK_AGAIN = "ask_again"
    NOT_PUBLIC_INTEREST = "not_public_interest"
    UPPER_PROCURATORATE = "upper_procuratorate"
    PROCURATORATE = "procuratorate"
    AGENCY_FOLLOW_UP = "agency_follow_up"


TO_AGENCY = frozenset({Route.AGENCY_URGENT, Route.AGENCY_FOLLOW_UP})
"""The routes that open an order to one agency."""

TO_PROCURATORATE = frozenset({Route.PROCURATORATE, Route.UPPER_PROCURATORATE})
"""The routes that open a review by a named prosecutor or intake officer."""

FACTS: Mapping[str, Kind] = REGISTERED
"""What a rule can ask about: any of these may be added to a rule file's vocabulary."""


@cache
def rule_book() -> RuleBook:
    """Raises RuleSetError when a rule file is not sound."""
    return rules.load_book(FOLDER, name=NAME, known=FACTS)


def draft(file: Path) -> RuleSet:
    """A version that is not in force, for a replay; raises RuleSetError."""
    return rules.load(file, name=NAME, known=FACTS)


def decide(event: LeadRegistered, *, filed_at: datetime) -> Decision:
    """By the rules of the day of filing in China, whenever it is decided."""
    return rules.decide(rule_book().on(day_in_china(filed_at)), facts_of(event))


def facts_of(event: LeadRegistered) -> dict[str, Value]:
    """The values of all ``FACTS``."""
    return registered(event)


def duty_of(event: LeadRegistered) -> str | None:
    """What an agency must answer for to get this lead; None when nothing says so."""
    if event.public_interest.field is not None:
        return event.public_interest.field
    if event.facts.utility_cut == "yes":
        return "utility_cut"
    if event.public_interest.imminent_danger == "yes":
        return "public_danger"
    return None


def agency_for(roster: Roster, event: LeadRegistered, day: date) -> OrganisationPublished | None:
    """The one agency with this duty on the day of filing that is nearest; None when there is none,
    or several are equally near: then the referral officer chooses, the software never guesses.
    """
    duty = duty_of(event)
    found = [] if duty is None else roster.responsible(duty, event.area, day)
    return found[0] if len(found) == 1 else None


def prosecutor_for(roster: Roster, area: str, day: date) -> MemberPublished | None:
    """The prosecutor on duty; ``day`` is the day in China."""
    return roster.on_duty("prosecutor", area, day)


def upper_intake_officer(
    roster: Roster, area: str, day: date | None = None
) -> MemberPublished | None:
    """Who receives leads at the upper procuratorate; with a day, if not on leave then."""
    return next(
        (
            member
            for organisation in roster.nearest("upper_procuratorate", area)
            for member in roster.staff(organisation.id, "proc_intake", area, day)
        ),
        None,
    )


def referral_officer(roster: Roster, area: str, day: date | None = None) -> MemberPublished | None:
    """The officer of the street, or the nearest above it; with a day, one who is not on leave."""
    return next(roster.members("referral_officer", area, day), None)


def lint_findings(directory: Snapshot) -> list[Finding]:
    """What is wrong with the rules in view of this directory; raises RuleSetError when they are
    wrong by themselves.
    """
    roster = Roster(directory)
    areas = roster.communities()
    coverage = {
        route.value: {area: _is_served(roster, route, area) for area in areas}
        for route in Route
        if areas
    }
    return [found for version in rule_book().versions for found in rules.lint(version, coverage)]


def _is_served(roster: Roster, route: Route, area: str) -> bool:
    """An agency needs somebody who answers; where none fits, the referral officer is needed."""
    if route == Route.PROCURATORATE:
        return any(roster.members("prosecutor", area))
    if route == Route.UPPER_PROCURATORATE:
        return upper_intake_officer(roster, area) is not None
    if route in TO_AGENCY and not any(roster.members("agency_handler", area)):
        return False
    return referral_officer(roster, area) is not None


def replay(history: Iterable[LeadRegistered], *, old: RuleSet, new: RuleSet) -> Iterator[Moved]:
    """Which of the leads ``new`` sends elsewhere than ``old`` does."""
    cases = ((str(event.lead_id), facts_of(event)) for event in history)
    return rules.replay(cases, old=old, new=new)
