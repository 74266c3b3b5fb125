"""Decisions about disputes for tests: one committee, one special committee, rules of 2026."""

from datetime import UTC, datetime

from services.mediation import routing
from shared.events.intake import DisputeRegistered
from shared.events.roster import Roster
from shared.rules import Decision, RuleSet
from tests.district import directory, organisation
from tests.registrations import COMMUNITY, party

FILED = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ROSTER = Roster(
    directory(
        organisation("committee", "community_committee", COMMUNITY),
        organisation("medical", "special_committee", "350599", categories=("medical",)),
    )
)
APPLICANT = party()
RESPONDENT = party("respondent", "unknown")
ELDER = party("applicant", "agreed", "elder")
ELDER_RESPONDENT = party("respondent", "unknown", "elder")


def decided(event: DisputeRegistered) -> Decision:
    return routing.decide(event, filed_at=FILED, roster=ROSTER)


def current() -> RuleSet:
    return routing.rule_book().on(FILED.date())
