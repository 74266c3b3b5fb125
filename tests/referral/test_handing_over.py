"""What an officer follows and a reviewer reviews goes to a successor, once."""

from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import pytest

from services.referral.handlers import Milestone, Seen, acknowledge_review, close_review
from services.referral.manifest import SERVICE
from services.referral.queries import holdings
from shared.auth.actor import service_actor
from shared.auth.door import HEADER
from shared.auth.tokens import signer
from shared.db import Transaction
from shared.events.directory import (
    HandoverPublished,
    MemberPublished,
    OrganisationPublished,
    Responsibility,
)
from shared.events.referral import OfficerAssigned, OrderOpened, ReviewAssigned
from tests.district import demo
from tests.referral.site import (
    ENVIRONMENT,
    MARKET,
    OFF_DUTY,
    OFFICER,
    ON_DUTY,
    OTHER_OFFICER,
    PEOPLE,
    PROCURATORATE,
    Site,
    for_market,
    for_officer,
    for_prosecutor,
    seen,
)

LEAD = UUID("00000000-0000-4000-8000-00000000000e")


def handover(kind: str, of: str, to: str, item_id: UUID = LEAD) -> HandoverPublished:
    return HandoverPublished(id="h-1", kind=kind, item_id=item_id, member_id=of, successor_id=to)


def held(site: Site, member_id: str) -> list[tuple[str, UUID]]:
    with site.database.reading() as session:
        return [(one.kind, one.item_id) for one in holdings(session, member_id).items]


def test_a_lead_in_the_officers_hands_goes_to_another_officer(either_site: Site) -> None:
    either_site.hear(for_officer(LEAD))
    assert held(either_site, OFFICER) == [("lead", LEAD)]

    either_site.hear(handover("lead", OFFICER, OTHER_OFFICER))
    either_site.hear(handover("lead", OFFICER, OTHER_OFFICER))

    lead = either_site.lead(LEAD)
    assert (lead.officer_id, lead.member_id) == (OTHER_OFFICER, OTHER_OFFICER)
    assert held(either_site, OFFICER) == []
    told = [one for one in either_site.announced(LEAD) if isinstance(one, OfficerAssigned)]
    assert told == [OfficerAssigned(lead_id=LEAD, member_id=OTHER_OFFICER, holds=True)]


def test_a_lead_that_an_agency_has_is_only_followed_by_another(either_site: Site) -> None:
    either_site.hear(for_market(LEAD))

    either_site.hear(handover("lead", OFFICER, OTHER_OFFICER))

    lead = either_site.lead(LEAD)
    assert (lead.officer_id, lead.organisation_id, lead.member_id) == (OTHER_OFFICER, MARKET, None)
    assert either_site.announced(LEAD)[-1] == OfficerAssigned(
        lead_id=LEAD, member_id=OTHER_OFFICER, holds=False
    )


def test_a_review_goes_to_another_prosecutor_with_the_lead(either_site: Site) -> None:
    either_site.hear(for_prosecutor(LEAD))
    assert held(either_site, ON_DUTY) == [("review", LEAD)]

    either_site.hear(handover("review", ON_DUTY, OFF_DUTY))
    either_site.hear(handover("review", ON_DUTY, OFF_DUTY))

    [review] = either_site.reviews(LEAD)
    lead = either_site.lead(LEAD)
    assert (review.member_id, lead.member_id) == (OFF_DUTY, OFF_DUTY)
    assert lead.organisation_id == PROCURATORATE
    told = [one for one in either_site.announced(LEAD) if isinstance(one, ReviewAssigned)]
    assert [one.member_id for one in told] == [OFF_DUTY]
    with either_site.database.transaction(actor=PEOPLE["other_prosecutor"]) as tx:
        acknowledge_review(tx, seen(review, "other_prosecutor"))


def test_a_lead_that_was_filed_goes_on_with_the_successor(either_site: Site) -> None:
    either_site.hear(for_prosecutor(LEAD))
    for work in (acknowledge_review, file):
        with either_site.database.transaction(actor=PEOPLE["prosecutor"]) as tx:
            work(tx, seen(either_site.reviews(LEAD)[-1], "prosecutor"))
    assert held(either_site, ON_DUTY) == [("review", LEAD)]

    either_site.hear(handover("review", ON_DUTY, OFF_DUTY))

    assert either_site.lead(LEAD).member_id == OFF_DUTY
    assert held(either_site, ON_DUTY) == []
    assert held(either_site, OFF_DUTY) == [("review", LEAD)]


def file(tx: Transaction, found: Seen) -> None:
    close_review(tx, found, Milestone(outcome="filed"))


@pytest.mark.parametrize("kind", ["mediation", "room", "lead", "review"])
def test_what_is_not_here_is_passed_over(either_site: Site, kind: str) -> None:
    assert either_site.hear(handover(kind, OFFICER, OTHER_OFFICER, uuid4())) == 1
    assert either_site.announced() == []


def test_only_the_directory_asks_what_somebody_holds(site: Site) -> None:
    path = f"/internal/v1/holdings/{OFFICER}"

    def status(service: str) -> int:
        token = signer(site.keys, service, site.clock).sign(
            service_actor(service), audience=SERVICE.name
        )
        return site.client().get(path, headers={HEADER: token}).status_code

    assert (status("directory"), status("ops")) == (200, 403)
    assert site.client().get(path, headers=site.headers("officer")).status_code == 403


def test_who_is_on_leave_gets_no_new_lead(either_site: Site) -> None:
    away = [
        replace(one, leave_from=date(2026, 3, 1))
        for one in demo()
        if isinstance(one, MemberPublished) and one.id == ON_DUTY
    ]
    either_site.know(*away, revision=2)

    either_site.hear(for_prosecutor(LEAD))

    assert either_site.lead(LEAD).member_id == OFF_DUTY


def test_a_lead_goes_to_the_agency_that_has_the_duty_on_the_day_of_filing(
    either_site: Site,
) -> None:
    until = Responsibility(duty="food_drug", area="350599", valid_to=date(2026, 3, 1))
    since = Responsibility(duty="food_drug", area="350599", valid_from=date(2026, 3, 2))
    told = {MARKET: until, ENVIRONMENT: since}
    changed = [
        replace(one, duties=("food_drug",), responsibilities=(told[one.id],))
        for one in demo()
        if isinstance(one, OrganisationPublished) and one.id in told
    ]
    either_site.know(*changed, revision=2)

    either_site.hear(for_market(LEAD))

    opened = next(one for one in either_site.announced(LEAD) if isinstance(one, OrderOpened))
    assert opened.agency_id == ENVIRONMENT
