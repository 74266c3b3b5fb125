"""What the running system says of itself when all is done: I7, and that its answers agree."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import httpx

from shared.auth.actor import Actor
from tests.reliability.clients import Account, Caller
from tests.reliability.life import DISTRICT, reader_of

OPERATOR = Actor(id="t-ops", roles=frozenset({"ops"}), areas=DISTRICT)
SERVICE = {"dispute": ("mediation", "mediations"), "lead": ("referral", "leads")}
MOST = 1_000
"""No more cases than this are asked about one by one."""

Answer = Mapping[str, Any]


def replies(caller: Caller, account: Account) -> Iterator[str]:
    """Violations, each beginning with its number."""
    cases = [(*each, one.area) for one in account.accepted for each in one.cases]
    found = caller.insist("GET", "/ops/api/v1/reconciliation", OPERATOR).json()
    yield from (f"I7: {text}" for text in unbalanced(found, len(set(cases))))
    for kind, case, area in cases[:: 1 + len(cases) // MOST]:
        reader = reader_of(kind, area)
        found_wrong = _about(caller, kind, case, reader)
        yield from (f"replies: {kind} {case}: {text}" for text in found_wrong)


def unbalanced(found: Answer, cases: int) -> Iterator[str]:
    """I7: accepted = routed, of as many cases as were accepted, and nothing is unexplained."""
    wanted = {
        "accepted": cases,
        "routed": cases,
        "waiting": 0,
        "parked": 0,
        "unexplained": 0,
        "balanced": True,
        "away": [],
    }
    for name, value in wanted.items():
        if found[name] != value:
            yield f"{name} is {found[name]}, not {value} ({found['gaps'][:3]})"


def contradictions(intake: Answer, service: Answer, flow: Answer) -> Iterator[str]:
    """Whoever is asked about a case says the same."""
    if not intake["route"] == service["route"] == flow["route"]:
        yield f"route {intake['route']}, {service['route']}, {flow['route']}"
    if "sessions" in service and intake["sessions"] != service["sessions"]:
        yield f"sessions {intake['sessions']}, {service['sessions']}"
    if "sessions" in service and intake["state"] != service["state"]:
        yield f"state {intake['state']}, {service['state']}"
    if service["state"] == "closed" and flow["concluded_at"] is None:
        yield "closed, and not concluded"


def _about(caller: Caller, kind: str, case: UUID, reader: Actor) -> Iterator[str]:
    service, name = SERVICE[kind]
    places = (
        (f"/intake/api/v1/{kind}s/{case}", reader),
        (f"/{service}/api/v1/{name}/{case}", reader),
        (f"/ops/api/v1/flows/{case}", OPERATOR),
    )
    answers = [caller.insist("GET", path, by) for path, by in places]
    for (path, _), answer in zip(places, answers, strict=True):
        if answer.status_code != httpx.codes.OK:
            yield f"{path} {answer.status_code}"
            return
    yield from contradictions(*(answer.json() for answer in answers))
