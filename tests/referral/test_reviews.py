"""What the procuratorate decides on a lead."""

from uuid import UUID

import pytest

from services.referral.handlers import (
    Closing,
    Milestone,
    Transfer,
    acknowledge_review,
    close_lead,
    close_review,
    transfer_lead,
)
from services.referral.models import REVIEWS
from shared.errors import Forbidden, IllegalTransition, NotFound, Rejected
from shared.events.referral import LeadClosed, ReviewAcknowledged, ReviewClosed
from tests.referral.site import (
    OFF_DUTY,
    OFFICER,
    ON_DUTY,
    PEOPLE,
    PROCURATORATE,
    Site,
    for_prosecutor,
    for_upper,
    seen,
)

LEAD = UUID("00000000-0000-4000-8000-00000000000d")


def acknowledge(site: Site, who: str = "prosecutor") -> None:
    with site.database.transaction(actor=PEOPLE[who]) as tx:
        acknowledge_review(tx, seen(site.reviews(LEAD)[-1], who))


def close(
    site: Site, outcome: str, *, who: str = "prosecutor", document_no: str | None = None
) -> None:
    command = Milestone(outcome=outcome, document_no=document_no)
    with site.database.transaction(actor=PEOPLE[who]) as tx:
        close_review(tx, seen(site.reviews(LEAD)[-1], who), command)


def transfer(site: Site) -> None:
    with site.database.transaction(actor=PEOPLE["officer"]) as tx:
        transfer_lead(tx, seen(site.lead(LEAD), "officer"), Transfer(), site.words)


@pytest.mark.parametrize("who", ["prosecutor", "proc_intake"])
def test_the_procuratorate_takes_the_lead_on(either_site: Site, who: str) -> None:
    either_site.hear(for_prosecutor(LEAD))

    acknowledge(either_site, who)

    [review] = either_site.reviews(LEAD)
    assert review.state == "acknowledged"
    assert either_site.lead(LEAD).state == "under_evaluation"
    assert either_site.announced(LEAD)[-1] == ReviewAcknowledged(
        lead_id=LEAD, review_id=review.review_id
    )


@pytest.mark.parametrize(
    "outcome,state,holder",
    [
        ("filed", "filed", (PROCURATORATE, ON_DUTY)),
        ("not_filed", "feedback_due", (None, OFFICER)),
        ("returned", "returned", (None, OFFICER)),
        ("jurisdiction_transferred", "feedback_due", (None, OFFICER)),
    ],
)
def test_each_decision_leads_on(
    either_site: Site, outcome: str, state: str, holder: tuple[str | None, str]
) -> None:
    either_site.hear(for_prosecutor(LEAD))
    acknowledge(either_site)

    close(either_site, outcome, document_no="示检公〔2026〕12号")

    found = either_site.lead(LEAD)
    [review] = either_site.reviews(LEAD)
    assert found.state == state
    assert (found.organisation_id, found.member_id) == holder
    assert found.outcome == (None if outcome == "returned" else outcome)
    assert (review.state, review.outcome, review.document_no) == (
        "closed",
        outcome,
        "示检公〔2026〕12号",
    )
    assert either_site.announced(LEAD)[-1] == ReviewClosed(
        lead_id=LEAD, review_id=review.review_id, outcome=outcome
    )


def test_a_decision_comes_after_the_receipt(site: Site) -> None:
    site.hear(for_prosecutor(LEAD))

    with pytest.raises(IllegalTransition):
        close(site, "filed")


@pytest.mark.parametrize("step", ["acknowledge", "close"])
def test_what_is_decided_is_not_decided_again(site: Site, step: str) -> None:
    site.hear(for_prosecutor(LEAD))
    acknowledge(site)
    close(site, "filed")

    with pytest.raises(IllegalTransition):
        acknowledge(site) if step == "acknowledge" else close(site, "not_filed")


def test_a_returned_lead_goes_back_to_who_returned_it(either_site: Site) -> None:
    either_site.hear(for_prosecutor(LEAD))
    acknowledge(either_site)
    close(either_site, "returned")
    either_site.clock.move(days=1)  # another prosecutor is on duty now

    transfer(either_site)

    assert either_site.lead(LEAD).state == "transferred"
    assert [review.member_id for review in either_site.reviews(LEAD)] == [ON_DUTY, ON_DUTY]


def test_a_lead_is_returned_only_once(either_site: Site) -> None:
    either_site.hear(for_prosecutor(LEAD))
    acknowledge(either_site)
    close(either_site, "returned")
    either_site.clock.move(days=1)
    transfer(either_site)
    acknowledge(either_site)

    with pytest.raises(Rejected, match="only once"):
        close(either_site, "returned")

    close(either_site, "not_filed")
    assert either_site.lead(LEAD).outcome == "not_filed"


@pytest.mark.parametrize("who", ["other_prosecutor", "upper_intake", "handler", "mediator", "ops"])
def test_a_lead_given_to_others_does_not_exist(site: Site, who: str) -> None:
    site.hear(for_prosecutor(LEAD))

    with pytest.raises(NotFound):
        acknowledge(site, who)


def test_the_referral_officer_sees_the_review_but_cannot_act_on_it(site: Site) -> None:
    site.hear(for_prosecutor(LEAD))

    with pytest.raises(Forbidden):
        acknowledge(site, "officer")


def test_the_chief_prosecutor_may_record_the_decision(site: Site) -> None:
    site.hear(for_prosecutor(LEAD))
    acknowledge(site)

    close(site, "filed", who="chief")

    assert site.lead(LEAD).state == "filed"


def test_the_intake_officer_may_return_but_not_decide(site: Site) -> None:
    site.hear(for_prosecutor(LEAD))
    acknowledge(site, "proc_intake")

    for outcome in ("filed", "not_filed", "jurisdiction_transferred"):
        with pytest.raises(Forbidden):
            close(site, outcome, who="proc_intake")

    close(site, "returned", who="proc_intake")
    assert site.lead(LEAD).state == "returned"


def test_the_upper_procuratorates_decision_is_entered_by_its_intake_officer(site: Site) -> None:
    site.hear(for_upper(LEAD))
    acknowledge(site, "upper_intake")

    close(site, "not_filed", who="upper_intake")

    assert site.lead(LEAD).state == "feedback_due"


@pytest.mark.parametrize("who", ["officer", "proc_intake"])
def test_the_lead_is_closed_when_the_filer_has_been_told(either_site: Site, who: str) -> None:
    either_site.hear(for_prosecutor(LEAD))
    acknowledge(either_site)
    close(either_site, "not_filed")

    with either_site.database.transaction(actor=PEOPLE[who]) as tx:
        close_lead(tx, seen(either_site.lead(LEAD), who), Closing())

    assert either_site.announced(LEAD)[-1] == LeadClosed(lead_id=LEAD, outcome="not_filed")


def test_a_returned_lead_of_a_prosecutor_who_left_goes_to_the_one_on_duty(site: Site) -> None:
    site.hear(for_prosecutor(LEAD))
    acknowledge(site)
    close(site, "returned")
    site.clock.move(days=1)
    with site.database.transaction() as tx:
        tx.execute(REVIEWS.update().values(member_id="m-9999"))  # nobody of the directory

    transfer(site)

    assert site.reviews(LEAD)[-1].member_id == OFF_DUTY
