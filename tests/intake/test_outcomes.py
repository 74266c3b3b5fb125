"""What became of a case elsewhere is told to whoever filed it."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.intake.lifecycle import Status, status
from services.intake.manifest import SERVICE
from shared.errors import NotFound
from shared.events import Event
from shared.events.decisions import Explanation
from shared.events.mediation import (
    DisputeAccepted,
    DisputeConcluded,
    DisputeRouted,
    MediatorAssigned,
    ProsecutorAssigned,
    RoomOpened,
    SessionRecorded,
)
from shared.events.referral import (
    LeadClosed,
    LeadRouted,
    OfficerAssigned,
    OrderAcknowledged,
    OrderClosed,
    OrderObjected,
    OrderOpened,
    OrderReplied,
    ReviewAcknowledged,
    ReviewAssigned,
    ReviewClosed,
    ReviewOpened,
)
from shared.words import codes
from tests.intake.bodies import DISPUTE, LEAD
from tests.intake.site import Site, person

RESIDENT = person("resident")


def _explained(route: str) -> Explanation:
    return Explanation(
        route=route,
        rule="M46",
        rule_set="mediation",
        rule_set_version="1",
        directory_revision=7,
        facts=(),
        tried=(),
    )


class _Case:
    """One case, its filer, and what others say of it."""

    def __init__(self, site: Site, kind: str) -> None:
        body = DISPUTE if kind == "disputes" else LEAD
        self.told = site.filed(kind, body, RESIDENT)
        self.id = UUID(self.told["case_id" if kind == "disputes" else "lead_id"])
        self.site = site
        self.kind = kind

    def hear(self, *events: Event) -> dict[str, Any]:
        """What the filer sees then."""
        for event in events:
            self.site.hear(event)
        response = self.site.get(f"/api/v1/{self.kind}/{self.id}", RESIDENT)
        found: dict[str, Any] = response.get_json()
        return found

    def status(self) -> str:
        found: str = (
            self.site.client()
            .post("/api/v1/receipts/lookup", json={"receipt": self.told["receipt"]})
            .get_json()["status"]
        )
        return found


def _names(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(holder["role"], holder["name_en"]) for holder in found["holders"]]


def test_a_dispute_from_its_route_to_its_end(site: Site) -> None:
    case = _Case(site, "disputes")
    case_id = case.id

    routed = case.hear(
        DisputeRouted(
            case_id=case_id,
            decision=_explained("ordinary_mediation"),
            state="consent_pending",
            committee_id="o-021",
        ),
        MediatorAssigned(case_id=case_id, member_id="m-0002", organisation_id="o-021"),
    )
    assert (routed["route"], routed["state"]) == ("ordinary_mediation", "consent_pending")
    assert [role for role, _ in _names(routed)] == ["organisation", "mediator"]
    assert _names(routed)[0][1] == "Mediation Committee of Demo Community 1"
    assert case.status() == "under_way"

    accepted = case.hear(DisputeAccepted(case_id=case_id, member_id="m-0002"))
    assert accepted["state"] == "accepted"

    held = case.hear(
        SessionRecorded(
            case_id=case_id,
            session_no=1,
            held_on=date(2026, 11, 20),
            parties_present=2,
            joint=False,
        )
    )
    assert (held["state"], held["sessions"]) == ("in_mediation", 1)

    ended = case.hear(DisputeConcluded(case_id=case_id, outcome="settled_oral", state="closed"))
    assert (ended["state"], ended["outcome"]) == ("closed", "settled_oral")
    assert case.status() == "answered"


def test_a_joint_room_names_mediator_and_prosecutor(site: Site) -> None:
    case = _Case(site, "disputes")

    found = case.hear(
        DisputeRouted(case_id=case.id, decision=_explained("joint_room"), state="consent_pending"),
        RoomOpened(
            case_id=case.id,
            room_id=uuid4(),
            mediator_id="m-0002",
            prosecutor_id="m-0042",
            organisation_id="o-021",
        ),
    )

    assert [role for role, _ in _names(found)] == ["organisation", "mediator", "prosecutor"]
    joined = site.get(f"/api/v1/disputes/{case.id}", person("prosecutor", "m-0042"))
    other = site.get(f"/api/v1/disputes/{case.id}", person("prosecutor", "m-0041"))
    assert (joined.status_code, other.status_code) == (200, 404)


def test_another_prosecutor_in_the_room_takes_the_place_of_the_first(site: Site) -> None:
    case = _Case(site, "disputes")
    room_id = uuid4()
    case.hear(
        DisputeRouted(case_id=case.id, decision=_explained("joint_room"), state="consent_pending"),
        RoomOpened(
            case_id=case.id,
            room_id=room_id,
            mediator_id="m-0002",
            prosecutor_id="m-0042",
            organisation_id="o-021",
        ),
    )

    case.hear(ProsecutorAssigned(case_id=case.id, room_id=room_id, prosecutor_id="m-0043"))

    path = f"/api/v1/disputes/{case.id}"
    assert site.get(path, person("prosecutor", "m-0043")).status_code == 200
    assert site.get(path, person("prosecutor", "m-0042")).status_code == 404


def test_the_officer_is_named_while_the_lead_is_theirs(site: Site) -> None:
    case = _Case(site, "leads")
    routed = LeadRouted(lead_id=case.id, decision=_explained("agency_follow_up"), state="screening")

    following = case.hear(routed, OfficerAssigned(lead_id=case.id, member_id="m-0032", holds=False))
    acting = case.hear(OfficerAssigned(lead_id=case.id, member_id="m-0032", holds=True))

    assert _names(following) == []
    assert [role for role, _ in _names(acting)] == ["referral_officer"]


def test_another_reviewer_takes_the_place_of_the_first(site: Site) -> None:
    case = _Case(site, "leads")
    review_id = uuid4()

    found = case.hear(
        LeadRouted(lead_id=case.id, decision=_explained("procuratorate"), state="transferred"),
        ReviewOpened(
            lead_id=case.id, review_id=review_id, procuratorate_id="o-035", member_id="m-0042"
        ),
        ReviewAssigned(lead_id=case.id, review_id=review_id, member_id="m-0043"),
    )

    assert _names(found)[-1] == ("prosecutor", "m-0043")  # not in this district, so without a name


def test_a_lead_with_an_agency_that_objects_and_one_that_acts(site: Site) -> None:
    case = _Case(site, "leads")
    lead_id, first, second = case.id, uuid4(), uuid4()

    routed = case.hear(
        LeadRouted(
            lead_id=lead_id,
            decision=_explained("agency_follow_up"),
            state="redirected_to_agency",
        ),
        OrderOpened(lead_id=lead_id, order_id=first, agency_id="o-042", urgent=False),
    )
    assert (routed["state"], routed["order_state"]) == ("redirected_to_agency", "opened")
    assert _names(routed) == [("organisation", "Demo Market Supervision Bureau")]

    objected = case.hear(OrderObjected(lead_id=lead_id, order_id=first, reason="not_our_duty"))
    assert (objected["state"], objected["order_state"]) == ("screening", "objected")
    assert _names(objected) == []

    taken = case.hear(
        OrderOpened(lead_id=lead_id, order_id=second, agency_id="o-041", urgent=False),
        OrderClosed(lead_id=lead_id, order_id=first, outcome="objected"),
        OrderAcknowledged(lead_id=lead_id, order_id=second),
    )
    assert (taken["state"], taken["order_state"]) == ("agency_handling", "acknowledged")
    assert _names(taken) == [("organisation", "Demo Environment Bureau")]

    replied = case.hear(OrderReplied(lead_id=lead_id, order_id=second, result="fixed"))
    assert (replied["state"], replied["order_state"]) == ("agency_replied", "replied")

    found = case.hear(OrderClosed(lead_id=lead_id, order_id=second, outcome="fixed"))
    assert (found["state"], found["order_state"]) == ("feedback_due", "closed")

    ended = case.hear(LeadClosed(lead_id=lead_id, outcome="fixed"))
    assert (ended["state"], ended["outcome"]) == ("closed", "fixed")
    assert case.status() == "answered"


def test_a_lead_at_the_procuratorate(site: Site) -> None:
    case = _Case(site, "leads")
    lead_id, review_id = case.id, uuid4()

    opened = case.hear(
        LeadRouted(lead_id=lead_id, decision=_explained("procuratorate"), state="transferred"),
        ReviewOpened(
            lead_id=lead_id, review_id=review_id, procuratorate_id="o-035", member_id="m-0042"
        ),
    )
    assert (opened["state"], opened["review_state"]) == ("transferred", "opened")
    assert [role for role, _ in _names(opened)] == ["organisation", "prosecutor"]

    begun = case.hear(ReviewAcknowledged(lead_id=lead_id, review_id=review_id))
    assert (begun["state"], begun["review_state"]) == ("under_evaluation", "acknowledged")

    ended = case.hear(ReviewClosed(lead_id=lead_id, review_id=review_id, outcome="not_filed"))
    assert (ended["state"], ended["review_state"]) == ("not_filed", "closed")
    reader = person("prosecutor", "m-0042")
    assert site.get(f"/api/v1/leads/{lead_id}", reader).status_code == 200


def test_a_reply_that_does_not_hold_gives_the_lead_back_to_the_officer(site: Site) -> None:
    case = _Case(site, "leads")
    order = uuid4()

    found = case.hear(
        LeadRouted(
            lead_id=case.id,
            decision=_explained("agency_follow_up"),
            state="screening",
            officer_id="m-0070",
        ),
        OrderOpened(lead_id=case.id, order_id=order, agency_id="o-042", urgent=True),
        OrderClosed(lead_id=case.id, order_id=order, outcome="not_fixed"),
    )

    assert found["state"] == "screening"
    assert [role for role, _ in _names(found)] == ["referral_officer"]


def test_an_event_that_comes_twice_counts_once(site: Site) -> None:
    case = _Case(site, "disputes")
    event = DisputeAccepted(case_id=case.id, member_id="m-0002")

    assert site.hear(event) == 1
    version = site.get(f"/api/v1/disputes/{case.id}", RESIDENT).headers["ETag"]
    site.sequences.clear()
    assert site.hear(event) == 0

    assert site.get(f"/api/v1/disputes/{case.id}", RESIDENT).headers["ETag"] == version


def test_a_case_that_was_never_registered_here_is_not_passed_over(site: Site) -> None:
    with pytest.raises(NotFound):
        site.hear(DisputeAccepted(case_id=uuid4(), member_id="m-0002"))


def test_a_question_is_told_as_one(site: Site) -> None:
    case = _Case(site, "disputes")

    case.hear(DisputeRouted(case_id=case.id, decision=_explained("ask_again"), state="triage"))

    assert case.status() == "question"


@pytest.mark.parametrize("state", sorted({*codes("state"), *codes("lead_state")}))
def test_every_state_has_a_neutral_word(state: str) -> None:
    assert status(state, None) in Status
    assert status(state, "police_immediate") is not Status.RECEIVED


def test_a_receipt_does_not_tell_where_it_went() -> None:
    told = {status("safety_hold", route) for route in codes("route") if route != "ask_again"}

    assert told == {Status.UNDER_WAY}


def test_intake_listens_to_every_event_of_mediation_and_referral() -> None:
    heard = {reaction.event_class for reaction in SERVICE.reactions}

    for module in (DisputeRouted.__module__, LeadRouted.__module__):
        ours = {found for found in heard if found is not None and found.__module__ == module}
        assert len(ours) == {"mediation": 7, "referral": 12}[module.rpartition(".")[2]]
