"""Where a dispute goes, and who then has it. The rules are data: ``rules/routing-*.yaml``."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from pathlib import Path

from shared import rules
from shared.clock import day_in_china
from shared.events.deciding import REGISTERED, explained_facts, registered
from shared.events.decisions import Explanation
from shared.events.directory import MemberPublished, OrganisationPublished
from shared.events.intake import DisputeRegistered
from shared.events.roster import Roster, Snapshot
from shared.rules import Decision, Finding, Kind, Moved, RuleBook, RuleSet, Value

NAME = "mediation.routing"
FOLDER = Path(__file__).with_name("rules")


class Route(StrEnum):
    POLICE_IMMEDIATE = "police_immediate"
    MANDATORY_REPORT = "mandatory_report"
    SAFETY_INTERVIEW = "safety_interview"
    ASK_AGAIN = "ask_again"
    NOT_ACCEPTED = "not_accepted"
    SPECIAL_COMMITTEE = "special_committee"
    JOINT_ROOM = "joint_room"
    STREET_MEDIATION = "street_mediation"
    ORDINARY_MEDIATION = "ordinary_mediation"


MEDIATING = frozenset(
    {
        Route.SPECIAL_COMMITTEE,
        Route.JOINT_ROOM,
        Route.STREET_MEDIATION,
        Route.ORDINARY_MEDIATION,
    }
)
"""The routes on which a named mediator takes the dispute up."""

FACTS: Mapping[str, Kind] = {
    **REGISTERED,
    "amount": Kind.AMOUNT,
    "pending_elsewhere": Kind.CODES,
    "decided_elsewhere": Kind.CODES,
    "entrusted_by": Kind.CODES,
    "respondent_consent": Kind.CODES,
    "applicant_vulnerable": Kind.CODES,
    "vulnerable": Kind.CODES,
    "largest_side": Kind.COUNT,
    "area_served": Kind.FLAG,
    "special_committee": Kind.FLAG,
}
"""What a rule can ask about: any of these may be added to a rule file's vocabulary."""


@cache
def rule_book() -> RuleBook:
    """Raises RuleSetError when a rule file is not sound."""
    return rules.load_book(FOLDER, name=NAME, known=FACTS)


def draft(file: Path) -> RuleSet:
    """A version that is not in force, for a replay; raises RuleSetError."""
    return rules.load(file, name=NAME, known=FACTS)


def decide(event: DisputeRegistered, *, filed_at: datetime, roster: Roster) -> Decision:
    """By the rules of the day of filing in China, whenever it is decided."""
    facts = facts_of(
        event,
        area_served=committee_for(roster, Route.ORDINARY_MEDIATION, event.area) is not None,
        special_committee=special_committee(roster, event.area, event.category) is not None,
    )
    return rules.decide(rule_book().on(day_in_china(filed_at)), facts)


def facts_of(
    event: DisputeRegistered, *, area_served: bool, special_committee: bool
) -> dict[str, Value]:
    """The values of all ``FACTS``. Another body's matter counts as entrusted only with a letter."""
    applicants = [party for party in event.parties if party.side == "applicant"]
    respondents = [party for party in event.parties if party.side == "respondent"]
    without_letter = [body for body in event.handled_before if not body.entrusted]
    return registered(event) | {
        "amount": event.amount_fen,
        "pending_elsewhere": frozenset(b.by for b in without_letter if b.status == "pending"),
        "decided_elsewhere": frozenset(b.by for b in without_letter if b.status == "decided"),
        "entrusted_by": frozenset(body.by for body in event.handled_before if body.entrusted),
        "respondent_consent": frozenset(party.consent for party in respondents),
        "applicant_vulnerable": frozenset(code for p in applicants for code in p.vulnerable),
        "vulnerable": frozenset(code for party in event.parties for code in party.vulnerable),
        "largest_side": max(len(applicants), len(respondents)),
        "area_served": area_served,
        "special_committee": special_committee,
    }


def committee_for(
    roster: Roster, route: str, area: str, category: str = ""
) -> OrganisationPublished | None:
    """The community's committee, or the street's where the community has none; for street
    mediation the other way round. Also for routes without mediation, so that somebody sees it.
    """
    if route == Route.SPECIAL_COMMITTEE:
        return special_committee(roster, area, category)
    kinds = ["community_committee", "street_committee"]
    if route == Route.STREET_MEDIATION:
        kinds.reverse()
    return next((found for kind in kinds for found in roster.nearest(kind, area)), None)


def special_committee(roster: Roster, area: str, category: str) -> OrganisationPublished | None:
    """A special committee is for first levels of the taxonomy."""
    first_level = category.partition(".")[0]
    found = roster.nearest("special_committee", area, lambda one: first_level in one.categories)
    return found[0] if found else None


def mediator_for(
    roster: Roster,
    committee: OrganisationPublished,
    area: str,
    loads: Mapping[str, int],
    day: date | None = None,
) -> MemberPublished | None:
    """The committee's mediator with the fewest cases (``loads`` by member id; none is 0); with a
    day, one who is not on leave then.
    """
    mediators = roster.staff(committee.id, "mediator", area, day)
    return min(mediators, key=lambda one: (loads.get(one.id, 0), one.id), default=None)


def prosecutor_for(roster: Roster, area: str, day: date) -> MemberPublished | None:
    """The prosecutor on duty for a joint room; ``day`` is the day in China."""
    return roster.on_duty("prosecutor", area, day)


def lint_findings(directory: Snapshot) -> list[Finding]:
    """What is wrong with the rules in view of this directory; raises RuleSetError when they are
    wrong by themselves.
    """
    coverage = _coverage(Roster(directory))
    return [found for version in rule_book().versions for found in rules.lint(version, coverage)]


def _coverage(roster: Roster) -> dict[str, dict[str, bool]]:
    """The special committee's route cannot arise where there is none."""
    areas = roster.communities()
    served = {
        route.value: {area: _is_served(roster, route, area) for area in areas}
        for route in Route
        if areas and route != Route.SPECIAL_COMMITTEE
    }
    special = {area: roster.nearest("special_committee", area) for area in areas}
    served[Route.SPECIAL_COMMITTEE.value] = {
        area: all(mediator_for(roster, committee, area, {}) for committee in committees)
        for area, committees in special.items()
        if committees
    }
    return served


def _is_served(roster: Roster, route: Route, area: str) -> bool:
    if route == Route.POLICE_IMMEDIATE:
        return any(roster.members("police_liaison", area))
    if route == Route.MANDATORY_REPORT:
        return any(roster.members("child_protection", area))
    if route == Route.JOINT_ROOM and not any(roster.members("prosecutor", area)):
        return False
    committee = committee_for(roster, route, area)
    return committee is not None and mediator_for(roster, committee, area, {}) is not None


def replay(
    history: Iterable[tuple[DisputeRegistered, Explanation]], *, old: RuleSet, new: RuleSet
) -> Iterator[Moved]:
    """Which of the disputes, given with their published decisions, ``new`` sends elsewhere than
    ``old`` does. What the directory said counts as it was then.
    """
    return rules.replay(
        ((str(event.case_id), _past_facts(event, then, old)) for event, then in history),
        old=old,
        new=new,
    )


def _past_facts(event: DisputeRegistered, then: Explanation, rule_set: RuleSet) -> dict[str, Value]:
    known = explained_facts(then, rule_set)
    return facts_of(
        event,
        area_served=known.get("area_served") is True,
        special_committee=known.get("special_committee") is True,
    )
