"""A new lead is decided once, and given to exactly one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from services.referral.models import ORDERS, Decided, Lead, LeadText, Order, Review, timeline
from shared.db.message_tables import outbox
from shared.events.referral import LeadRouted, OrderOpened, ReviewOpened
from shared.messaging.reactions import NotYet
from tests.district import demo, organisation
from tests.referral.site import (
    ENVIRONMENT,
    HOUSING,
    MARKET,
    OFF_DUTY,
    OFFICER,
    ON_DUTY,
    OTHER_OFFICER,
    PROCURATORATE,
    UPPER,
    UPPER_INTAKE,
    Site,
    for_market,
    for_officer,
    for_prosecutor,
    for_upper,
)
from tests.registrations import lead

LEAD = UUID("00000000-0000-4000-8000-00000000000a")


def test_a_lead_for_an_agency_opens_one_order(either_site: Site) -> None:
    either_site.hear(for_market(LEAD))

    found = either_site.lead(LEAD)
    [order] = either_site.orders(LEAD)
    [routed, opened] = either_site.announced(LEAD)
    assert (found.state, found.organisation_id, found.member_id) == (
        "redirected_to_agency",
        MARKET,
        None,
    )
    assert (order.agency_id, order.duty, order.state, order.urgent) == (
        MARKET,
        "food_drug",
        "opened",
        False,
    )
    assert isinstance(routed, LeadRouted)
    assert (routed.decision.route, routed.decision.rule) == ("agency_follow_up", "L21")
    assert (routed.state, routed.officer_id) == ("redirected_to_agency", None)
    assert opened == OrderOpened(
        lead_id=LEAD, order_id=order.order_id, agency_id=MARKET, urgent=False
    )
    assert either_site.count(Review) == 0


def test_an_urgent_lead_opens_an_urgent_order(either_site: Site) -> None:
    cut: dict[str, Any] = {"facts": {"utility_cut": "yes"}, "public_interest": {"field": None}}

    either_site.hear(lead(lead_id=LEAD, **cut))

    [order] = either_site.orders(LEAD)
    assert (order.agency_id, order.duty, order.urgent) == (HOUSING, "utility_cut", True)
    assert either_site.lead(LEAD).urgent


def test_a_lead_for_the_procuratorate_goes_to_the_prosecutor_on_duty(either_site: Site) -> None:
    either_site.hear(for_prosecutor(LEAD))

    found = either_site.lead(LEAD)
    [review] = either_site.reviews(LEAD)
    [routed, opened] = either_site.announced(LEAD)
    assert isinstance(routed, LeadRouted)
    assert (routed.decision.route, routed.state) == ("procuratorate", "transferred")
    assert opened == ReviewOpened(
        lead_id=LEAD,
        review_id=review.review_id,
        procuratorate_id=PROCURATORATE,
        member_id=ON_DUTY,
    )
    assert (found.organisation_id, found.member_id) == (PROCURATORATE, ON_DUTY)
    assert either_site.count(Order) == 0


def test_the_duty_is_that_of_the_day_on_which_it_is_decided(site: Site) -> None:
    site.clock.move(days=1)

    site.hear(for_prosecutor(LEAD))

    [review] = site.reviews(LEAD)
    assert review.member_id == OFF_DUTY


def test_the_day_is_the_day_in_china(site: Site) -> None:
    site.clock.now = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)  # Tuesday there

    site.hear(for_prosecutor(LEAD))

    [review] = site.reviews(LEAD)
    assert review.member_id == OFF_DUTY


def test_competition_goes_to_the_upper_procuratorate(either_site: Site) -> None:
    either_site.hear(for_upper(LEAD))

    [review] = either_site.reviews(LEAD)
    assert (review.procuratorate_id, review.member_id) == (UPPER, UPPER_INTAKE)
    assert either_site.lead(LEAD).state == "transferred"


@pytest.mark.parametrize(
    "route,changes",
    [
        ("ask_again", {"questions": ("imminent_danger",)}),
        ("not_public_interest", {"public_interest": {"affects_others": "no", "field": None}}),
    ],
)
def test_what_only_a_person_may_decide_waits_for_the_officer(
    either_site: Site, route: str, changes: dict[str, Any]
) -> None:
    either_site.hear(lead(lead_id=LEAD, **changes))

    [routed] = either_site.announced(LEAD)
    assert isinstance(routed, LeadRouted)
    assert (routed.decision.route, routed.state, routed.officer_id) == (
        route,
        "screening",
        OFFICER,
    )
    assert either_site.lead(LEAD).member_id == OFFICER
    assert (either_site.count(Order), either_site.count(Review)) == (0, 0)


def missing(site: Site, lead_id: UUID) -> str | None:
    with site.database.reading() as session:
        return session.get_one(Decided, lead_id).missing


def test_where_no_duty_is_known_the_officer_chooses(either_site: Site) -> None:
    either_site.hear(for_officer(LEAD))

    [routed] = either_site.announced(LEAD)
    assert isinstance(routed, LeadRouted)
    assert (routed.decision.route, routed.state, routed.officer_id) == (
        "agency_follow_up",
        "screening",
        OFFICER,
    )
    assert missing(either_site, LEAD) == "no_duty"
    assert either_site.count(Order) == 0


def test_where_two_agencies_are_equally_near_the_officer_chooses(either_site: Site) -> None:
    rival = organisation("o-999", "agency", "350599", duties=("food_drug",))
    either_site.know(*demo(), rival, revision=2)

    either_site.hear(for_market(LEAD))

    assert either_site.lead(LEAD).state == "screening"
    assert missing(either_site, LEAD) == "several_agencies"
    assert either_site.count(Order) == 0


def test_where_no_agency_serves_the_area_the_officer_chooses(site: Site) -> None:
    without = tuple(entry for entry in demo() if entry.id != MARKET)
    gone = next(replace(entry, active=False) for entry in demo() if entry.id == MARKET)
    site.know(*without, gone, revision=2)

    site.hear(for_market(LEAD))

    assert site.lead(LEAD).state == "screening"
    assert missing(site, LEAD) == "no_agency"


def test_the_officer_is_that_of_the_street(site: Site) -> None:
    site.hear(replace(for_officer(LEAD), area="350599002001"))

    assert site.lead(LEAD).officer_id == OTHER_OFFICER


def test_an_area_that_nobody_serves_is_kept_all_the_same(site: Site) -> None:
    site.hear(replace(for_prosecutor(LEAD), area="110101001001"))

    assert (site.lead(LEAD).state, site.lead(LEAD).officer_id) == ("screening", None)
    assert missing(site, LEAD) == "no_reviewer"


def test_a_lead_waits_for_the_directory_that_intake_knew(either_site: Site) -> None:
    early = either_site.delivered(replace(for_market(LEAD), directory_revision=2))

    with pytest.raises(NotYet):
        either_site.take([early])

    assert either_site.count(Lead) == 0
    either_site.know(*demo(), organisation("o-998", "agency", "350599"), revision=2)
    assert either_site.take([early]) == 1
    with either_site.database.reading() as session:
        assert session.get_one(Decided, LEAD).directory_revision == 2


def test_an_event_delivered_twice_does_nothing_twice(either_site: Site) -> None:
    once = either_site.delivered(for_market(LEAD))
    either_site.take([once])
    before = len(either_site.announced())

    handled = either_site.take([once, once])

    assert handled == 0
    assert len(either_site.announced()) == before
    assert (either_site.count(Order), either_site.count(Decided)) == (1, 1)


def test_a_batch_is_decided_like_single_leads(either_site: Site) -> None:
    events = [
        make(uuid4())
        for make in (for_market, for_prosecutor, for_upper, for_officer)
        for _ in range(5)
    ]

    assert either_site.hear(*events) == 20

    assert (either_site.count(Order), either_site.count(Review)) == (5, 10)
    assert either_site.count(LeadText) == 20
    assert len(either_site.announced()) == 35


def test_the_rules_are_those_of_the_day_of_filing(site: Site) -> None:
    filed = site.clock() - timedelta(days=30)

    site.take([site.delivered(for_market(LEAD), filed_at=filed)])

    assert site.lead(LEAD).registered_at == filed
    with site.database.reading() as session:
        decided = session.get_one(Decided, LEAD)
        assert (decided.rule_set, decided.version) == ("referral.routing", "2026-01")
        assert decided.decided_at == site.clock()


def test_the_decision_keeps_what_is_needed_to_decide_again(either_site: Site) -> None:
    either_site.hear(lead(lead_id=LEAD, questions=("serious", "imminent_danger")))

    with either_site.database.reading() as session:
        decided = session.get_one(Decided, LEAD)
        assert decided.facts["questions"] == ["imminent_danger", "serious"]
        assert decided.facts["field"] == "food_drug"
        assert decided.tried[-1] == ["L11", True]
        assert decided.assigned == {"referral_officer": OFFICER}


def test_each_event_is_a_line_of_the_history(either_site: Site) -> None:
    either_site.hear(for_market(LEAD))

    with either_site.database.reading() as session:
        rows = session.execute(select(timeline).order_by(timeline.c.event_id)).all()
        ids = set(session.scalars(select(outbox.c.event_id)))
    assert {row.event_id for row in rows} == ids
    assert {(row.event_type, row.role, row.state_after) for row in rows} == {
        ("referral.lead.routed.v1", "service:referral", "redirected_to_agency"),
        ("referral.order.opened.v1", "service:referral", "redirected_to_agency"),
    }


def test_of_two_live_orders_the_database_refuses_the_second(either_site: Site) -> None:
    either_site.hear(for_market(LEAD))
    [first] = either_site.orders(LEAD)
    another = {column.name: getattr(first, column.name) for column in ORDERS.columns}

    with (
        pytest.raises(IntegrityError, match=r"(?i)unique"),
        either_site.database.transaction() as tx,
    ):
        tx.insert(ORDERS, another | {"order_id": uuid4(), "agency_id": ENVIRONMENT})

    assert len(either_site.orders(LEAD)) == 1
