"""Sending a lead on, without bouncing it; and ending it."""

from uuid import UUID

import pytest

from services.referral.handlers import (
    Closing,
    Finding,
    NewOrder,
    Objection,
    Reply,
    Seen,
    Transfer,
    acknowledge_order,
    close_lead,
    close_order,
    object_to_order,
    order_agency,
    reply_to_order,
    transfer_lead,
)
from services.referral.models import Order
from shared.auth.actor import Actor
from shared.errors import Forbidden, IllegalTransition, NotFound, Rejected, VersionMoved
from shared.events.referral import LeadClosed, OrderClosed, OrderOpened, ReviewOpened
from tests.referral.site import (
    ENVIRONMENT,
    HOUSING,
    MARKET,
    OFFICER,
    ON_DUTY,
    PEOPLE,
    PROCURATORATE,
    Site,
    actor,
    for_market,
    for_officer,
    for_prosecutor,
    seen,
)

LEAD = UUID("00000000-0000-4000-8000-00000000000c")
HANDLERS = {
    MARKET: PEOPLE["handler"],
    ENVIRONMENT: PEOPLE["other_handler"],
    HOUSING: actor("m-0068", "agency_handler", HOUSING),
}


def order(
    site: Site,
    agency_id: str,
    *,
    text: str | None = None,
    reason: str | None = None,
    who: str = "officer",
) -> None:
    command = NewOrder(agency_id=agency_id, text=text, reason=reason)
    with site.database.transaction(actor=PEOPLE[who]) as tx:
        order_agency(tx, seen(site.lead(LEAD), who), command, site.words)


def transfer(site: Site, *, note: str | None = None, who: str = "officer") -> None:
    with site.database.transaction(actor=PEOPLE[who]) as tx:
        transfer_lead(tx, seen(site.lead(LEAD), who), Transfer(note=note), site.words)


def close(site: Site, outcome: str | None = None, *, who: str = "officer") -> None:
    with site.database.transaction(actor=PEOPLE[who]) as tx:
        close_lead(tx, seen(site.lead(LEAD), who), Closing(outcome=outcome))


def last(site: Site) -> Order:
    return next(found for found in reversed(site.orders(LEAD)))


def objected(site: Site) -> None:
    """By the agency that has it now."""
    found = last(site)
    by = HANDLERS[found.agency_id]
    with site.database.transaction(actor=by) as tx:
        what = Seen(id=found.order_id, version=found.version, by=by)
        object_to_order(tx, what, Objection(reason="other_agency"))
    site.clock.move(minutes=1)


def handled(site: Site) -> None:
    with site.database.transaction(actor=PEOPLE["handler"]) as tx:
        acknowledge_order(tx, seen(last(site), "handler"))


def replied(site: Site) -> None:
    handled(site)
    with site.database.transaction(actor=PEOPLE["handler"]) as tx:
        reply_to_order(
            tx, seen(last(site), "handler"), Reply(result="fixed", text="已整改"), site.words
        )


def judged(site: Site, outcome: str) -> None:
    replied(site)
    with site.database.transaction(actor=PEOPLE["officer"]) as tx:
        close_order(tx, seen(last(site), "officer"), Finding(outcome=outcome))
    site.clock.move(minutes=1)


def test_the_officer_gives_a_lead_to_an_agency(either_site: Site) -> None:
    either_site.hear(for_officer(LEAD))

    order(either_site, ENVIRONMENT, text="请查看三楼排烟口")

    found = either_site.lead(LEAD)
    opened = last(either_site)
    assert (found.state, found.organisation_id, found.member_id) == (
        "redirected_to_agency",
        ENVIRONMENT,
        None,
    )
    assert either_site.announced(LEAD)[-1] == OrderOpened(
        lead_id=LEAD, order_id=opened.order_id, agency_id=ENVIRONMENT, urgent=False
    )
    assert opened.text is not None
    assert "三楼".encode() not in opened.text
    text = either_site.words.open(opened.text, about=f"{opened.order_id}:text").decode()
    assert text == "请查看三楼排烟口"


def test_what_an_agency_objected_to_goes_to_another(either_site: Site) -> None:
    either_site.hear(for_market(LEAD))
    objected(either_site)

    order(either_site, ENVIRONMENT)

    [first, second] = either_site.orders(LEAD)
    assert (first.state, first.outcome) == ("closed", "objected")
    assert (second.state, second.agency_id) == ("opened", ENVIRONMENT)
    assert either_site.announced(LEAD)[-2:] == [
        OrderClosed(lead_id=LEAD, order_id=first.order_id, outcome="objected"),
        OrderOpened(lead_id=LEAD, order_id=second.order_id, agency_id=ENVIRONMENT, urgent=False),
    ]


def test_an_order_that_nobody_took_on_is_withdrawn_when_the_lead_goes_on(site: Site) -> None:
    site.hear(for_market(LEAD))
    site.clock.move(days=1)

    order(site, ENVIRONMENT)

    [first, second] = site.orders(LEAD)
    assert (first.state, first.outcome, second.state) == ("closed", "referred", "opened")


def test_an_agency_that_objected_is_chosen_again_only_with_a_reason(either_site: Site) -> None:
    either_site.hear(for_market(LEAD))
    objected(either_site)

    with pytest.raises(Rejected) as refused:
        order(either_site, MARKET)

    assert set(refused.value.fields) == {"reason"}
    assert either_site.lead(LEAD).state == "screening"
    order(either_site, MARKET, reason="职责清单第12条")
    again = last(either_site)
    assert (again.agency_id, again.state) == (MARKET, "opened")
    assert again.reason is not None
    assert either_site.words.open(again.reason, about=f"{again.order_id}:reason").decode() == (
        "职责清单第12条"
    )


@pytest.mark.parametrize("reason", [None, "还是你们办"])
def test_a_lead_is_not_bounced_back(either_site: Site, reason: str | None) -> None:
    either_site.hear(for_market(LEAD))
    objected(either_site)
    order(either_site, ENVIRONMENT)
    objected(either_site)
    events = len(either_site.announced())

    with pytest.raises(Rejected) as refused:
        order(either_site, MARKET, reason=reason)

    assert set(refused.value.fields) == {"agency_id"}
    assert either_site.lead(LEAD).state == "screening"
    assert len(either_site.announced()) == events


def test_a_lead_is_not_bounced_back_over_a_third_agency_either(site: Site) -> None:
    site.hear(for_market(LEAD))
    objected(site)
    order(site, ENVIRONMENT)
    objected(site)
    order(site, HOUSING)
    objected(site)

    for earlier in (MARKET, ENVIRONMENT):
        with pytest.raises(Rejected):
            order(site, earlier, reason="再试一次")

    transfer(site)
    assert site.lead(LEAD).state == "transferred"


def test_the_agency_that_has_it_does_not_get_it_twice(site: Site) -> None:
    site.hear(for_market(LEAD))

    with pytest.raises(Rejected, match="already"):
        order(site, MARKET, reason="请尽快")


def test_an_agency_that_did_not_put_it_right_may_be_ordered_again(site: Site) -> None:
    site.hear(for_market(LEAD))
    judged(site, "not_fixed")

    order(site, MARKET)

    assert [found.outcome for found in site.orders(LEAD)] == ["not_fixed", None]


@pytest.mark.parametrize("agency_id", ["o-055", "o-035", "m-0048", "nobody"])
def test_only_an_agency_that_serves_the_area_is_ordered(site: Site, agency_id: str) -> None:
    site.hear(for_officer(LEAD))

    with pytest.raises(Rejected) as refused:
        order(site, agency_id)

    assert set(refused.value.fields) == {"agency_id"}


@pytest.mark.parametrize("bring", [None, handled, replied], ids=["opened", "handled", "replied"])
def test_what_an_agency_does_not_settle_goes_to_the_procuratorate(
    either_site: Site, bring: object
) -> None:
    either_site.hear(for_market(LEAD))
    if callable(bring):
        bring(either_site)

    transfer(either_site, note="两次到期未办结")

    found = either_site.lead(LEAD)
    [review] = either_site.reviews(LEAD)
    assert (found.state, found.organisation_id, found.member_id) == (
        "transferred",
        PROCURATORATE,
        ON_DUTY,
    )
    assert (last(either_site).state, last(either_site).outcome) == ("closed", "transferred")
    assert either_site.announced(LEAD)[-1] == ReviewOpened(
        lead_id=LEAD,
        review_id=review.review_id,
        procuratorate_id=PROCURATORATE,
        member_id=ON_DUTY,
    )
    assert review.note is not None
    assert either_site.words.open(review.note, about=f"{review.review_id}:note").decode() == (
        "两次到期未办结"
    )


def test_a_lead_under_review_is_not_sent_elsewhere(site: Site) -> None:
    site.hear(for_prosecutor(LEAD))

    with pytest.raises(IllegalTransition):
        order(site, MARKET)
    with pytest.raises(IllegalTransition):
        transfer(site)
    with pytest.raises(IllegalTransition):
        close(site, "not_public_interest")


def test_the_officer_of_another_street_does_not_know_the_lead(site: Site) -> None:
    site.hear(for_officer(LEAD))

    with pytest.raises(NotFound):
        order(site, MARKET, who="other_officer")


def test_what_was_decided_on_an_old_version_is_refused(either_site: Site) -> None:
    either_site.hear(for_officer(LEAD))
    old = seen(either_site.lead(LEAD), "officer")
    order(either_site, ENVIRONMENT)

    with (
        pytest.raises(VersionMoved),
        either_site.database.transaction(actor=PEOPLE["officer"]) as tx,
    ):
        transfer_lead(tx, old, Transfer(), either_site.words)

    assert len(either_site.orders(LEAD)) == 1


@pytest.mark.parametrize("outcome", ["not_public_interest", "insufficient_facts"])
def test_the_officer_ends_what_is_no_lead_with_a_reason(either_site: Site, outcome: str) -> None:
    either_site.hear(for_officer(LEAD))

    close(either_site, outcome)

    found = either_site.lead(LEAD)
    assert (found.state, found.outcome, found.member_id) == ("closed", outcome, None)
    assert either_site.announced(LEAD)[-1] == LeadClosed(lead_id=LEAD, outcome=outcome)


@pytest.mark.parametrize("outcome", [None, "not_filed", "filed", "fixed"])
def test_the_officer_does_not_decide_what_others_decide(site: Site, outcome: str | None) -> None:
    site.hear(for_officer(LEAD))

    with pytest.raises(Rejected) as refused:
        close(site, outcome)

    assert set(refused.value.fields) == {"outcome"}
    assert site.lead(LEAD).state == "screening"


def test_what_was_found_not_put_right_is_not_dismissed(site: Site) -> None:
    site.hear(for_market(LEAD))
    judged(site, "not_fixed")

    with pytest.raises(Rejected, match="procuratorate"):
        close(site, "not_public_interest")


def test_an_objection_that_ends_with_the_lead_is_closed_with_it(site: Site) -> None:
    site.hear(for_market(LEAD))
    objected(site)

    close(site, "not_public_interest")

    assert (last(site).state, last(site).outcome) == ("closed", "objected")


def test_a_lead_is_closed_with_what_came_of_it(either_site: Site) -> None:
    either_site.hear(for_market(LEAD))
    judged(either_site, "fixed")

    close(either_site)

    assert either_site.announced(LEAD)[-1] == LeadClosed(lead_id=LEAD, outcome="fixed")
    assert either_site.lead(LEAD).state == "closed"


def test_a_lead_is_not_closed_with_something_else(site: Site) -> None:
    site.hear(for_market(LEAD))
    judged(site, "fixed")

    with pytest.raises(Rejected):
        close(site, "not_filed")

    assert (site.lead(LEAD).state, site.lead(LEAD).outcome) == ("feedback_due", "fixed")


def test_the_intake_officer_dismisses_nothing(site: Site) -> None:
    site.hear(for_officer(LEAD))
    found = site.lead(LEAD)
    roles = frozenset({"proc_intake", "liaison"})
    by = Actor(id="m-0041", roles=roles, areas=("350599",), organisation_id=PROCURATORATE)

    what = Seen(id=LEAD, version=found.version, by=by)

    with pytest.raises(Forbidden), site.database.transaction(actor=by) as tx:
        close_lead(tx, what, Closing(outcome="not_public_interest"))


def test_the_officer_follows_the_lead_all_along(site: Site) -> None:
    site.hear(for_prosecutor(LEAD))

    assert site.lead(LEAD).officer_id == OFFICER
