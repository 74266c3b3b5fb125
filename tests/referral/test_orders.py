"""What an agency does with its order, and what then becomes of the lead."""

from uuid import UUID, uuid4

import pytest

from services.referral.handlers import (
    Finding,
    Objection,
    Reply,
    acknowledge_order,
    close_order,
    object_to_order,
    reply_to_order,
)
from services.referral.models import Order
from shared.errors import IllegalTransition, NotFound, VersionMoved
from shared.events.referral import OrderAcknowledged, OrderClosed, OrderObjected, OrderReplied
from tests.referral.site import CANARY, MARKET, OFFICER, PEOPLE, Site, for_market, seen

LEAD = UUID("00000000-0000-4000-8000-00000000000b")


def acknowledge(site: Site, who: str = "handler") -> None:
    with site.database.transaction(actor=PEOPLE[who]) as tx:
        acknowledge_order(tx, seen(site.orders(LEAD)[-1], who))


def object_(site: Site, who: str = "handler", reason: str = "not_our_duty") -> None:
    with site.database.transaction(actor=PEOPLE[who]) as tx:
        object_to_order(tx, seen(site.orders(LEAD)[-1], who), Objection(reason=reason))


def reply(site: Site, who: str = "handler", result: str = "fixed") -> None:
    command = Reply(result=result, text="已责令整改")
    with site.database.transaction(actor=PEOPLE[who]) as tx:
        reply_to_order(tx, seen(site.orders(LEAD)[-1], who), command, site.words)


def close(site: Site, who: str = "officer", outcome: str = "fixed") -> None:
    with site.database.transaction(actor=PEOPLE[who]) as tx:
        close_order(tx, seen(site.orders(LEAD)[-1], who), Finding(outcome=outcome))


STEPS = {"acknowledge": acknowledge, "object": object_, "reply": reply, "close": close}
PATHS: dict[str, tuple[str, ...]] = {
    "opened": (),
    "acknowledged": ("acknowledge",),
    "objected": ("object",),
    "replied": ("acknowledge", "reply"),
    "closed": ("acknowledge", "reply", "close"),
}
POSSIBLE = {
    ("opened", "acknowledge"),
    ("opened", "object"),
    ("acknowledged", "reply"),
    ("replied", "close"),
}


def brought_to(site: Site, state: str) -> Order:
    site.hear(for_market(LEAD))
    for step in PATHS[state]:
        STEPS[step](site)
    [order] = site.orders(LEAD)
    assert order.state == state
    return order


def test_an_agency_takes_its_order_on(either_site: Site) -> None:
    order = brought_to(either_site, "opened")
    either_site.clock.move(hours=2)

    acknowledge(either_site)

    [after] = either_site.orders(LEAD)
    found = either_site.lead(LEAD)
    assert (after.state, after.acknowledged_at, after.version) == (
        "acknowledged",
        either_site.clock(),
        2,
    )
    assert (found.state, found.organisation_id, found.version) == ("agency_handling", MARKET, 2)
    assert either_site.announced(LEAD)[-1] == OrderAcknowledged(
        lead_id=LEAD, order_id=order.order_id
    )


def test_an_objection_gives_the_lead_back_to_the_officer(either_site: Site) -> None:
    order = brought_to(either_site, "opened")

    object_(either_site, reason="outside_area")

    [after] = either_site.orders(LEAD)
    found = either_site.lead(LEAD)
    assert (after.state, after.objection) == ("objected", "outside_area")
    assert (found.state, found.organisation_id, found.member_id) == ("screening", None, OFFICER)
    assert either_site.announced(LEAD)[-1] == OrderObjected(
        lead_id=LEAD, order_id=order.order_id, reason="outside_area"
    )


def test_a_reply_is_sealed_and_waits_for_the_officer(either_site: Site) -> None:
    order = brought_to(either_site, "acknowledged")

    reply(either_site, result="partly_fixed")

    [after] = either_site.orders(LEAD)
    found = either_site.lead(LEAD)
    assert (after.state, after.result) == ("replied", "partly_fixed")
    assert after.reply is not None
    assert "已责令整改".encode() not in after.reply
    assert either_site.words.open(after.reply, about=f"{order.order_id}:reply").decode() == (
        "已责令整改"
    )
    assert (found.state, found.member_id) == ("agency_replied", OFFICER)
    assert either_site.announced(LEAD)[-1] == OrderReplied(
        lead_id=LEAD, order_id=order.order_id, result="partly_fixed"
    )


def test_what_was_put_right_makes_feedback_due(either_site: Site) -> None:
    order = brought_to(either_site, "replied")

    close(either_site)

    found = either_site.lead(LEAD)
    assert (found.state, found.outcome, found.member_id) == ("feedback_due", "fixed", OFFICER)
    assert either_site.announced(LEAD)[-1] == OrderClosed(
        lead_id=LEAD, order_id=order.order_id, outcome="fixed"
    )


def test_what_was_not_put_right_is_the_officers_to_send_on(either_site: Site) -> None:
    brought_to(either_site, "replied")

    close(either_site, outcome="not_fixed")

    found = either_site.lead(LEAD)
    [order] = either_site.orders(LEAD)
    assert (found.state, found.outcome, found.member_id) == ("screening", None, OFFICER)
    assert (order.state, order.outcome) == ("closed", "not_fixed")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("state", PATHS)
def test_a_step_is_possible_in_its_state_only(site: Site, state: str, step: str) -> None:
    brought_to(site, state)
    lead_before, events_before = site.lead(LEAD).state, len(site.announced())

    if (state, step) in POSSIBLE:
        STEPS[step](site)
        assert len(site.announced()) == events_before + 1
    else:
        with pytest.raises(IllegalTransition):
            STEPS[step](site)
        assert site.orders(LEAD)[0].state == state
        assert site.lead(LEAD).state == lead_before
        assert len(site.announced()) == events_before


def test_an_agency_lead_may_act_as_well(site: Site) -> None:
    brought_to(site, "opened")

    acknowledge(site, "agency_lead")

    assert site.orders(LEAD)[0].state == "acknowledged"


@pytest.mark.parametrize("who", ["other_handler", "other_officer", "ops", "mediator"])
def test_an_order_of_others_does_not_exist(site: Site, who: str) -> None:
    brought_to(site, "opened")

    with pytest.raises(NotFound):
        acknowledge(site, who)

    assert site.orders(LEAD)[0].state == "opened"


def test_an_order_that_nobody_has_does_not_exist(site: Site) -> None:
    order = brought_to(site, "opened")
    order.order_id = uuid4()

    with (
        pytest.raises(NotFound),
        site.database.transaction(actor=PEOPLE["handler"]) as tx,
    ):
        acknowledge_order(tx, seen(order, "handler"))


def test_what_was_decided_on_an_old_version_is_refused(either_site: Site) -> None:
    old = brought_to(either_site, "opened")
    acknowledge(either_site)
    events = len(either_site.announced())

    with (
        pytest.raises(VersionMoved),
        either_site.database.transaction(actor=PEOPLE["agency_lead"]) as tx,
    ):
        object_to_order(tx, seen(old, "agency_lead"), Objection(reason="not_our_duty"))

    assert len(either_site.announced()) == events


def test_an_event_tells_the_role_and_never_who(site: Site) -> None:
    brought_to(site, "replied")

    with site.database.reading() as session:
        actors = {
            row[0] for row in session.connection().exec_driver_sql("SELECT actor FROM outbox")
        }
    assert actors == {"service:referral", "agency_handler"}


def test_no_event_holds_what_was_written(site: Site) -> None:
    brought_to(site, "closed")

    for event in site.announced():
        assert "整改" not in repr(event)
        assert CANARY not in repr(event)
