"""Every way of changing something over HTTP, of every service, as one who may does it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID, uuid4

from werkzeug.test import TestResponse

from tests.directory.office import Office
from tests.intake.bodies import DISPUTE, LEAD
from tests.intake.site import Site as Intake
from tests.intake.site import person
from tests.intake.test_pages import DISPUTE_FORM, LEAD_FORM
from tests.mediation.site import Site as Mediation
from tests.ops.system import System
from tests.referral.site import ENVIRONMENT, for_officer
from tests.referral.site import Site as Referral
from tests.registrations import dispute

Walk = Iterator[tuple[str, TestResponse]]
"""The rule of each change, and what was answered."""

Given = dict[str, Any] | None
UNCHANGED = frozenset(
    {"/receipts", "/api/v1/receipts/lookup", "/sign-out", "/internal/v1/checkpoints"}
)
"""They change nothing that anybody has, and show nobody. A checkpoint is the audit's own."""
ELSEWHERE = frozenset({"/internal/v1/backbone/retry"})
"""Every service has it, for operations alone."""

STEPS: Mapping[str, dict[str, Any]] = {
    "accept": {"parties_consented": "yes"},
    "schedule-session": {"day": "2026-03-03", "begins": "10:00", "place": "committee"},
    "answer-session": {"comes": "yes"},
    "record-session": {"held_on": "2026-03-02", "parties_present": "2", "notes": "各退一步"},
    "conclude": {"outcome": "settled_written"},
}


def intake(site: Intake) -> Walk:
    by = person("mediator")
    for kind, body in (("disputes", DISPUTE), ("leads", LEAD)):
        yield f"/api/v1/{kind}", site.file(kind, body, by)
    for path, form in (("/disputes/new", DISPUTE_FORM), ("/leads/new", LEAD_FORM)):
        yield path, site.client().post(path, data=form, headers=site.headers(by))


def mediation(site: Mediation) -> Walk:
    client = site.client()
    for prefix, send in (("/api/v1", _typed), ("", _form)):
        event = dispute(case_id=uuid4(), facts={"joint_room_requested": "yes"})
        site.hear(event)
        for version, (step, given) in enumerate(STEPS.items(), start=1):
            who = "prosecutor" if step == "answer-session" else "mediator"
            rule = f"{prefix}/mediations/<uuid:case_id>/{step}"
            path = rule.replace("<uuid:case_id>", str(event.case_id))
            body, headers = send(given, version)
            yield rule, client.post(path, headers={**site.headers(who), **headers}, **body)


def refused(site: Mediation) -> Walk:
    """A change of a version that is not there any more."""
    event = dispute(case_id=uuid4())
    site.hear(event)
    path = f"/api/v1/mediations/{event.case_id}/accept"
    headers = {**site.headers("mediator"), "If-Match": '"7"'}
    yield path, site.client().post(path, json={"parties_consented": True}, headers=headers)


def _typed(given: Given, version: int) -> tuple[dict[str, Any], dict[str, str]]:
    if given is None:
        return {}, {"If-Match": f'"{version}"'}
    numbers = {name: int(text) if text.isdecimal() else text for name, text in given.items()}
    body = {name: True if text == "yes" else text for name, text in numbers.items()}
    return {"json": body}, {"If-Match": f'"{version}"'}


def _form(given: Given, version: int) -> tuple[dict[str, Any], dict[str, str]]:
    return {"data": {**(given or {}), "version": version, "request_key": str(uuid4())}}, {}


def referral(site: Referral) -> Walk:
    for prefix, send in (("/api/v1", _typed), ("", _form)):
        yield from _orders(site, prefix, send)
        yield from _reviews(site, prefix, send)


def retries(system: System) -> Walk:
    """Of operations; what they ask of another service, that one's row tells, too."""
    body = {"service": "mediation", "key": str(uuid4())}
    yield "/api/v1/dead-letters/retry", system.post("/api/v1/dead-letters/retry", body)
    for rule in ("/dead-letters/retry", "/flows/<wanted>/retry"):
        path = rule.replace("<wanted>", body["key"])
        yield rule, system.client().post(path, data=body, headers=system.headers())


def directory(office: Office) -> Walk:
    """A change of each kind, by an administrator."""
    account = "/members/<member_id>/account"
    of_m2 = account.replace("<member_id>", "m-0002")
    yield account, office.post(of_m2, {"login": "two"})
    for what in ("password", "lock", "unlock"):
        yield f"{account}/{what}", office.post(f"{of_m2}/{what}", {})
    member: dict[str, object] = {"name_zh": "新", "name_en": "New", "organisation_id": "o-021"}
    member |= {"roles": ["mediator"], "areas": ["350599001001"]}
    yield "/api/v1/members", office.call("/members", member)
    turn: dict[str, object] = {"role": "prosecutor", "member_id": "m-0042", "area": "350599"}
    turn |= {"weekdays": [7], "valid_from": "2026-01-01"}
    yield "/api/v1/rota", office.call("/rota", turn)
    conflict = {"kind": "kin", "words": "妹妹", "valid_from": "2026-01-01"}
    yield "/api/v1/conflicts", office.call("/conflicts", conflict)


Send = Callable[[Given, int], tuple[dict[str, Any], dict[str, str]]]


def _orders(site: Referral, prefix: str, send: Send) -> Walk:
    first, second = _lead(site), _lead(site)
    do = _doing(site, prefix, send)
    for about, refuse in ((first, False), (second, True)):
        yield do("lead", about, "order", "officer", {"agency_id": ENVIRONMENT})
        [order] = site.orders(about)
        if refuse:
            reason = {"reason": "not_our_duty"}
            yield do("order", order.order_id, "object", "other_handler", reason, 1)
            continue
        yield do("order", order.order_id, "acknowledge", "other_handler", None, 1)
        reply = {"result": "fixed", "text": "查过了"}
        yield do("order", order.order_id, "reply", "other_handler", reply, 2)
        yield do("order", order.order_id, "close", "officer", {"outcome": "fixed"}, 3)
        yield do("lead", about, "close", "officer", {})


def _reviews(site: Referral, prefix: str, send: Send) -> Walk:
    about = _lead(site)
    do = _doing(site, prefix, send)
    yield do("lead", about, "transfer", "officer", {"note": "逾期"})
    [review] = site.reviews(about)
    yield do("review", review.review_id, "acknowledge", "prosecutor", None, 1)
    yield do("review", review.review_id, "close", "prosecutor", {"outcome": "filed"}, 2)


def _doing(site: Referral, prefix: str, send: Send) -> Callable[..., tuple[str, TestResponse]]:
    def do(
        kind: str,
        of: UUID,
        step: str,
        who: str,
        given: Given,
        version: int | None = None,
    ) -> tuple[str, TestResponse]:
        rule = f"{prefix}/{kind}s/<uuid:{kind}_id>/{step}"
        path = rule.replace(f"<uuid:{kind}_id>", str(of))
        seen = site.lead(of).version if version is None else version
        body, headers = send(given, seen)
        return rule, site.client().post(path, headers={**site.headers(who), **headers}, **body)

    return do


def _lead(site: Referral) -> UUID:
    event = for_officer(uuid4())
    site.hear(event)
    return event.lead_id
