"""Likewise with leads, orders and reviews; and an agency that has an order learns no more of the
lead behind it by what others have asked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.referral.handlers import NewOrder, Seen, order_agency
from services.referral.models import Lead, Order, Review
from services.referral.workers import copy_texts
from shared.auth.actor import ANONYMOUS, Actor
from shared.auth.door import HEADER
from shared.auth.tokens import signer
from tests.referral.site import (
    CANARY,
    ENVIRONMENT,
    MARKET,
    PEOPLE,
    SUSPECT,
    TEXTS,
    Intake,
    Site,
    actor,
    for_officer,
    for_upper,
    open_site,
    prepare,
)
from tests.rights.replaying import Recorded, distinct, send, told

THERE = "350599002001"
NUMBERS = ("GY350599-2026-000011", "GY350599-2026-000022", "GY350599-2026-000033")
TASK, REPLY, NOTE = "请到店核查油烟", "已责令停业三天", "附两次投诉记录"
WHY, PAPER = "核实办理进度", "泉检公立7号"
THEIR_STORY, THEIR_SUSPECT, THEIR_TASK = "印染厂半夜往溪里排水", "溪东印染厂", "请到溪边取样"

Ids = Mapping[str, UUID]


@dataclass(frozen=True, kw_only=True)
class Two:
    """``theirs``: a lead and an order of the other street, and a review of the other procuratorate.
    ``done`` grows with what is done with ours.
    """

    site: Site
    client: FlaskClient
    lead: UUID
    theirs: Ids
    done: list[Recorded] = field(default_factory=list)

    @property
    def ours(self) -> Ids:
        """As far as there are any yet."""
        found = {"lead": self.lead}
        for order in self.site.orders(self.lead):
            found["order"] = order.order_id
        for review in self.site.reviews(self.lead):
            found["review"] = review.review_id
        return found

    @property
    def secrets(self) -> tuple[object, ...]:
        texts = (CANARY, SUSPECT, TASK, REPLY, NOTE, WHY, PAPER)
        return (*self.ours.values(), NUMBERS[0], *texts)

    def send(self, who: Actor, wanted: Recorded, ids: Mapping[str, object]) -> TestResponse:
        sign = signer(self.site.keys, "directory", self.site.clock).sign
        return send(self.client, {HEADER: sign(who, audience="referral")}, wanted, ids)

    def versions(self, ids: Ids) -> Mapping[str, int]:
        kinds: Mapping[str, Any] = {"lead": Lead, "order": Order, "review": Review}
        with self.site.database.reading() as session:
            return {kind: session.get_one(kinds[kind], one).version for kind, one in ids.items()}

    def look(self, who: str, *paths: str) -> None:
        for path in paths:
            self._succeed(Recorded(method="GET", path=path, who=PEOPLE[who]))

    def act(self, who: str, path: str, body: Mapping[str, Any] | None, of: str = "") -> None:
        """``of``: the kind of thing of which they have seen the version."""
        version = self.versions(self.ours)[of] if of else None
        form = not path.startswith("/api/")
        self._succeed(
            Recorded(
                method="POST", path=path, who=PEOPLE[who], body=body, form=form, version=version
            )
        )

    def _succeed(self, wanted: Recorded) -> None:
        answer = self.send(wanted.who, wanted, self.ours)
        assert answer.status_code < 400, (wanted, answer.text[:300])
        self.done.append(wanted)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    """One for all tests: what they ask changes nothing."""
    home = tmp_path_factory.mktemp("referral")
    url = f"sqlite:///{home / 'referral.sqlite'}"
    prepare(url, home)
    with open_site(url, home) as site:
        ours, theirs, upper = uuid4(), uuid4(), uuid4()
        site.hear(
            replace(for_officer(ours), number=NUMBERS[0]),
            replace(for_officer(theirs), number=NUMBERS[1], area=THERE),
            replace(for_upper(upper), number=NUMBERS[2], area=THERE),
        )
        elsewhere = {
            "narrative": THEIR_STORY,
            "suspect": {"kind": "company", "name": THEIR_SUSPECT},
        }
        copy_texts(site.workplace(Intake(texts={ours: TEXTS, theirs: elsewhere, upper: elsewhere})))
        officer = PEOPLE["other_officer"]
        with site.database.transaction(actor=officer) as tx:
            seen = Seen(id=theirs, version=site.lead(theirs).version, by=officer)
            order_agency(tx, seen, NewOrder(agency_id=ENVIRONMENT, text=THEIR_TASK), site.words)
        ids = {
            "lead": theirs,
            "order": site.orders(theirs)[0].order_id,
            "review": site.reviews(upper)[0].review_id,
        }
        found = Two(site=site, client=site.client(), lead=ours, theirs=ids)
        live(found)
        yield replace(found, done=distinct(found.done))


def live(two: Two) -> None:
    """The life of our lead by API and by pages, with looks in between."""
    api, lead, order, review = "/api/v1", "/leads/{lead}", "/orders/{order}", "/reviews/{review}"
    lists = (f"{api}/leads", "/leads", f"{api}/orders", "/orders")
    of_lead = (*(f"{api}{lead}{part}" for part in ("", "/routing", "/timeline")), lead)
    of_order = (f"{api}{order}", order)

    two.look("officer", *lists, *of_lead)
    two.act("officer", f"{api}{lead}/order", {"agency_id": MARKET, "text": TASK}, "lead")
    two.look("handler", f"{api}/orders", "/orders", *of_order)
    two.act("handler", f"{api}{order}/acknowledge", None, "order")
    two.act("handler", f"{order}/reply", {"result": "not_fixed", "text": REPLY}, "order")
    two.look("officer", *of_lead, *of_order)
    two.act("officer", f"{order}/close", {"outcome": "not_fixed"}, "order")
    two.act("officer", f"{api}{lead}/transfer", {"note": NOTE}, "lead")
    two.look("prosecutor", *lists, *of_lead, *of_order, f"{api}{review}")
    two.act("prosecutor", f"{api}{review}/acknowledge", None, "review")
    two.act("chief", f"{api}{lead}/open", {"reason_code": "supervision", "reason": WHY})
    two.look("chief", *lists, *of_lead, *of_order, f"{api}{review}")
    decision = {"outcome": "not_filed", "document_no": PAPER}
    two.act("prosecutor", f"{review}/close", decision, "review")
    two.look("proc_intake", *of_lead, *of_order, f"{api}{review}")
    two.act("officer", f"{api}{lead}/close", {}, "lead")
    two.look("officer", *lists, *of_lead, *of_order, f"{api}{review}")


def test_nothing_that_one_did_with_a_lead_can_be_done_by_another(two: Two) -> None:
    others = (
        *(PEOPLE[who] for who in ("other_officer", "other_handler", "other_prosecutor")),
        *(PEOPLE[who] for who in ("upper_intake", "auditor", "mediator", "ops")),
        actor("m-0051", "chief_prosecutor", "o-036"),
        actor("m-0020", "liaison", "o-005", THERE),
        actor("m-0022", "grid_worker", "o-004", "350599001001"),
        Actor(id="p-9001", roles=frozenset({"resident"})),
        ANONYMOUS,
    )
    for wanted in two.done:
        for who in others:
            answer = two.send(who, wanted, two.ours)
            if wanted.of_one:
                assert answer.status_code in {401, 403, 404}, (wanted, who)
            else:
                assert answer.status_code in {200, 401, 403}, (wanted, who)
            assert told(answer, two.secrets) == [], (wanted, who)


def test_an_agency_learns_nothing_of_the_lead_by_what_others_did(two: Two) -> None:
    """The number is on the order, too: by it they speak with the officer."""
    ours = two.ours
    of_the_lead = (ours["lead"], ours["review"], CANARY, SUSPECT, NOTE, WHY, PAPER)

    for wanted in two.done:
        for who in (PEOPLE["handler"], PEOPLE["agency_lead"]):
            answer = two.send(who, wanted, ours)
            assert told(answer, of_the_lead) == [], (wanted, who)


def test_what_one_did_with_a_lead_cannot_be_done_with_anothers(two: Two) -> None:
    before = two.versions(two.theirs)
    unknown: dict[str, object] = {kind: uuid4() for kind in two.theirs}
    none: dict[str, object] = dict.fromkeys(two.theirs, "none")
    above: dict[str, object] = {kind: f"../{one}" for kind, one in two.theirs.items()}

    for wanted in filter(lambda one: one.of_one, two.done):
        versions = {wanted.version, *before.values()} if wanted.version else {None}
        for ids, version in product((two.theirs, unknown, none, above), versions):
            answer = two.send(wanted.who, wanted.anew(version), ids)
            assert answer.status_code in {400, 404, 405, 428}, (wanted, ids, answer.text)
            secrets = (*NUMBERS[1:], THEIR_STORY, THEIR_SUSPECT, THEIR_TASK)
            assert told(answer, secrets) == [], (wanted, ids)

    assert two.versions(two.theirs) == before


@pytest.mark.parametrize(
    "kind, who", [("lead", "officer"), ("order", "handler"), ("review", "prosecutor")]
)
def test_somebody_elses_cannot_be_told_from_none(two: Two, kind: str, who: str) -> None:
    wanted = Recorded(method="GET", path=f"/api/v1/{kind}s/{{{kind}}}", who=PEOPLE[who])

    theirs = two.send(wanted.who, wanted, two.theirs).get_json()
    none = two.send(wanted.who, wanted, {kind: uuid4()}).get_json()

    assert {**theirs, "request_id": ""} == {**none, "request_id": ""}
