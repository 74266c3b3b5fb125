"""The short life of a case after it was accepted, played over HTTP by whoever has to act next."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from shared.auth.actor import Actor
from shared.clock import day_in_china, utc_now
from shared.events.mediation import DisputeAccepted, DisputeConcluded, SessionRecorded
from shared.events.referral import (
    LeadClosed,
    OrderAcknowledged,
    OrderClosed,
    OrderReplied,
    ReviewAcknowledged,
    ReviewClosed,
)
from tests.reliability.clients import Caller, Over

DISTRICT = ("350599",)
READERS = {"dispute": "judicial_office", "lead": "referral_officer"}
"""Who may read every case of a street, and what becomes of it."""
MOST_SESSIONS = 2
ACTS = frozenset(
    event.event_type
    for event in (
        DisputeAccepted,
        SessionRecorded,
        DisputeConcluded,
        OrderAcknowledged,
        OrderReplied,
        OrderClosed,
        ReviewAcknowledged,
        ReviewClosed,
        LeadClosed,
    )
)
"""The events that nobody but the players here causes."""

Case = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Act:
    """``event`` is what is published when it is done."""

    event: str
    path: str
    version: int
    by: Actor
    body: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is intended with a case, decided when it is filed."""

    kind: str
    id: UUID
    area: str
    way: str
    sessions: int

    @classmethod
    def drawn(cls, chance: random.Random, kind: str, case: UUID, area: str) -> "Plan":
        way = chance.choice(("settle", "settle", "withdraw", "leave"))
        sessions = chance.randint(1, MOST_SESSIONS)
        return cls(kind=kind, id=case, area=area, way=way, sessions=sessions)


def reader_of(kind: str, area: str) -> Actor:
    """Who has the role nearest to the area."""
    role = READERS[kind]
    return Actor(id=f"t-{role}", roles=frozenset({role}), areas=(area,))


Following = Callable[[Plan, Case], Act | None]


def play(caller: Caller, plan: Plan) -> bool:
    """Play on as far as possible now; False when the case has not arrived where it is to go.
    Raises Over.
    """
    path, following = _KINDS[plan.kind]
    reader = reader_of(plan.kind, plan.area)
    while True:
        response = caller.insist("GET", f"{path}/{plan.id}", reader)
        if response.status_code == httpx.codes.NOT_FOUND:
            return False
        if response.status_code != httpx.codes.OK:
            caller.account.wrong.append(f"GET {path}/{plan.id}: {response.status_code}")
            return True
        case = response.json()
        act = following[case["state"]](plan, case) if case["state"] in following else None
        if act is None or not _done(caller, plan, act):
            return True


def _done(caller: Caller, plan: Plan, act: Act) -> bool:
    """The same request again and again, with the version that was seen; whether it succeeded."""
    headers = {
        "Idempotency-Key": f"{plan.id}-{act.event}-{act.version}",
        "If-Match": f'"{act.version}"',
    }
    options: dict[str, Any] = {} if act.body is None else {"json": act.body}
    try:
        found = caller.expect(200, "POST", act.path, act.by, headers=headers, **options)
    except Over:
        caller.account.unknown.append((plan.id, act.event))
        raise
    if found is not None:
        caller.account.acts.append((plan.id, act.event))
    return found is not None


def _consent(plan: Plan, case: Case) -> Act | None:
    if plan.way == "leave":
        return None
    if plan.way == "withdraw" or case["consent_refused"]:
        return _conclude(case, "withdrawn")
    return _step(case, DisputeAccepted.event_type, "accept", {"parties_consented": True})


def _session(_plan: Plan, case: Case) -> Act:
    held = day_in_china(utc_now()).isoformat()
    body = {"held_on": held, "parties_present": 2, "notes": "谈了一次"}
    return _step(case, SessionRecorded.event_type, "record-session", body)


def _mediate(plan: Plan, case: Case) -> Act:
    if case["sessions"] < plan.sessions:
        return _session(plan, case)
    return _conclude(case, "settled_written")


def _hand_over(_plan: Plan, case: Case) -> Act:
    return _conclude(case, "handed_to_police")


def _conclude(case: Case, outcome: str) -> Act:
    return _step(case, DisputeConcluded.event_type, "conclude", {"outcome": outcome})


def _step(case: Case, event: str, action: str, body: Mapping[str, Any]) -> Act:
    path = f"/mediation/api/v1/mediations/{case['case_id']}/{action}"
    return Act(event=event, path=path, version=case["version"], by=_holder(case), body=body)


def _holder(case: Case) -> Actor:
    """Its mediator; where it has none, the director of its committee."""
    committee = case["committee"]["id"]
    found = case["mediator"]
    who, role = (found["id"], "mediator") if found else (f"t-{committee}", "pmc_director")
    return Actor(id=who, roles=frozenset({role}), areas=DISTRICT, organisation_id=committee)


def _take_on(plan: Plan, lead: Case) -> Act | None:
    if plan.way == "leave":
        return None
    return _on_order(lead, OrderAcknowledged.event_type, "acknowledge", None)


def _reply(_plan: Plan, lead: Case) -> Act:
    body = {"result": "fixed", "text": "已整改"}
    return _on_order(lead, OrderReplied.event_type, "reply", body)


def _judge(_plan: Plan, lead: Case) -> Act:
    return _on_order(lead, OrderClosed.event_type, "close", {"outcome": "fixed"}, by=_officer(lead))


def _receive(plan: Plan, lead: Case) -> Act | None:
    if plan.way == "leave":
        return None
    return _on_review(lead, ReviewAcknowledged.event_type, "acknowledge", None)


def _decide(plan: Plan, lead: Case) -> Act:
    outcome = "filed" if plan.way == "withdraw" else "not_filed"
    return _on_review(lead, ReviewClosed.event_type, "close", {"outcome": outcome})


def _close(_plan: Plan, lead: Case) -> Act:
    return _close_as(lead, {})


def _dismiss(plan: Plan, lead: Case) -> Act | None:
    dismissed = plan.way == "withdraw"
    return _close_as(lead, {"outcome": "insufficient_facts"}) if dismissed else None


def _close_as(lead: Case, body: Mapping[str, str]) -> Act:
    path = f"/referral/api/v1/leads/{lead['lead_id']}/close"
    event, version = LeadClosed.event_type, lead["version"]
    return Act(event=event, path=path, version=version, by=_officer(lead), body=body)


def _officer(lead: Case) -> Actor:
    return reader_of("lead", lead["area"]["id"])


def _on_order(
    lead: Case, event: str, action: str, body: Mapping[str, Any] | None, *, by: Actor | None = None
) -> Act:
    order = next(one for one in lead["orders"] if one["state"] != "closed")
    agency = order["agency"]["id"]
    roles = frozenset({"agency_handler"})
    handler = Actor(id=f"t-{agency}", roles=roles, organisation_id=agency)
    path = f"/referral/api/v1/orders/{order['order_id']}/{action}"
    return Act(event=event, path=path, version=order["version"], by=by or handler, body=body)


def _on_review(lead: Case, event: str, action: str, body: Mapping[str, Any] | None) -> Act:
    review = next(one for one in lead["reviews"] if one["state"] != "closed")
    prosecutor = Actor(
        id=review["member"]["id"],
        roles=frozenset({"prosecutor"}),
        areas=DISTRICT,
        organisation_id=review["procuratorate"]["id"],
    )
    path = f"/referral/api/v1/reviews/{review['review_id']}/{action}"
    return Act(event=event, path=path, version=review["version"], by=prosecutor, body=body)


_OF_DISPUTE: Mapping[str, Following] = {
    "safety_hold": _hand_over,
    "consent_pending": _consent,
    "accepted": _session,
    "in_mediation": _mediate,
}
_OF_LEAD: Mapping[str, Following] = {
    "screening": _dismiss,
    "redirected_to_agency": _take_on,
    "agency_handling": _reply,
    "agency_replied": _judge,
    "transferred": _receive,
    "under_evaluation": _decide,
    "feedback_due": _close,
}
_KINDS: Mapping[str, tuple[str, Mapping[str, Following]]] = {
    "dispute": ("/mediation/api/v1/mediations", _OF_DISPUTE),
    "lead": ("/referral/api/v1/leads", _OF_LEAD),
}
