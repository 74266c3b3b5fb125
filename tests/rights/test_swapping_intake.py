"""Likewise with what one has filed; and a receipt tells whoever has it how far the matter is."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.auth.actor import ANONYMOUS, Actor
from shared.events.mediation import MediatorAssigned
from tests.intake.bodies import (
    LEAD,
    NAME,
    NARRATIVE,
    PUBLIC_DISPUTE,
    RESPONDENT,
    SUMMARY,
    Body,
    changed,
)
from tests.intake.site import Site, open_site, person
from tests.rights.replaying import Recorded, distinct, send, told

THERE = "350599002001"
FILER, NEIGHBOUR, STRANGER = (
    Actor(id=f"p-000{number}", roles=frozenset({"resident"})) for number in (1, 2, 3)
)
MEDIATOR = person("mediator", "m-0002", "o-021", "350599001001")
DIRECTOR = person("pmc_director", "m-0001", "o-021", "350599001001")
LEAD_TEXT = LEAD["narrative"]
TEXTS = (NAME, NARRATIVE, RESPONDENT, SUMMARY, LEAD_TEXT, "林大力", "赵举报")
RECEIPT = re.compile(r"\d{4} \d{4} \d{4} \d{4}")
FORMS: Mapping[str, Mapping[str, str]] = {
    "dispute": {
        "category": "neighbour.water_leak",
        "narrative": NARRATIVE,
        "place.area": "350599001001",
        "parties.0.side": "applicant",
        "parties.0.kind": "person",
        "parties.0.name": NAME,
        "parties.0.consent": "agreed",
        "parties.1.side": "respondent",
        "parties.1.kind": "person",
        "parties.1.name": RESPONDENT,
        "parties.1.consent": "unknown",
    },
    "lead": {
        "narrative": LEAD_TEXT,
        "place.area": "350599001001",
        "public_interest.affects_others": "yes",
        "public_interest.field": "food_drug",
    },
}
THEIR_WORDS = {
    "narrative": "隔壁装修到半夜",
    "place": {"area": "350599002001"},
    "parties.0.name": "吴小芳",
    "parties.1.name": "郑建设",
    "public_interest.summary": "墙灰堆在消防通道",
}
THEIR_WORDS_OF_LEAD = {
    "narrative": "溪边印染厂半夜排水",
    "place": {"area": "350599002001"},
    "suspect.name": "溪东印染厂",
    "suspect.details": "红色厂房",
    "informant.name": "钱知情",
}
THEIR_TEXTS = [
    text
    for words in (THEIR_WORDS, THEIR_WORDS_OF_LEAD)
    for text in words.values()
    if isinstance(text, str)
]


@dataclass(frozen=True, kw_only=True)
class Two:
    """What the filer has filed, and the neighbour. ``done`` grows with what is done with ours."""

    site: Site
    client: FlaskClient
    ours: dict[str, str]
    theirs: dict[str, str]
    done: list[Recorded] = field(default_factory=list)

    @property
    def secrets(self) -> tuple[str, ...]:
        return (*self.ours.values(), *TEXTS)

    def send(self, who: Actor, wanted: Recorded, ids: Mapping[str, object]) -> TestResponse:
        return send(self.client, self.site.headers(who), wanted, ids)

    def act(self, wanted: Recorded) -> TestResponse:
        answer = self.send(wanted.who, wanted, self.ours)
        assert answer.status_code < 400, (wanted, answer.text[:300])
        self.done.append(wanted)
        return answer

    def look(self, who: Actor, *paths: str) -> None:
        for path in paths:
            self.act(Recorded(method="GET", path=path, who=who))

    def post(self, path: str, body: Mapping[str, Any]) -> TestResponse:
        form = not path.startswith("/api/")
        return self.act(Recorded(method="POST", path=path, who=FILER, body=body, form=form))


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    """One for all tests: what others file adds nothing to what is looked at."""
    home = tmp_path_factory.mktemp("intake")
    url, sealed_url = (f"sqlite:///{home / name}.sqlite" for name in ("intake", "sealed"))
    with open_site(url, sealed_url, home) as site:
        site.know_the_district()
        dispute = site.filed("disputes", _of_theirs(PUBLIC_DISPUTE, THEIR_WORDS), NEIGHBOUR)
        lead = site.filed("leads", _of_theirs(LEAD, THEIR_WORDS_OF_LEAD), NEIGHBOUR)
        found = Two(site=site, client=site.client(), ours={}, theirs=_ids(dispute, lead))
        live(found)
        yield replace(found, done=distinct(found.done))


def live(two: Two) -> None:
    """Filing by API and by pages, and looking at what was filed."""
    api, dispute, lead = "/api/v1", "/disputes/{dispute}", "/leads/{lead}"

    filed = two.post(f"{api}/disputes", PUBLIC_DISPUTE).get_json()
    reported = two.post(f"{api}/leads", LEAD).get_json()
    two.post("/disputes/new", FORMS["dispute"])
    two.post("/leads/new", FORMS["lead"])
    two.ours.update(_ids(filed, reported))
    two.site.hear(
        MediatorAssigned(
            case_id=UUID(two.ours["dispute"]), member_id="m-0002", organisation_id="o-021"
        )
    )
    two.look(FILER, f"{api}/disputes", "/disputes", f"{api}/leads", "/leads")
    two.look(FILER, f"{api}{dispute}", dispute, f"{api}{lead}", lead)
    two.look(DIRECTOR, f"{api}{dispute}/audit", f"{api}{lead}/audit")
    for one in ("receipt", "lead_receipt", "own_receipt"):
        two.post(f"{api}/receipts/lookup", {"receipt": two.ours[one]})
        two.post("/receipts", {"receipt": two.ours[one]})


def _of_theirs(body: Body, words: Mapping[str, object]) -> Body:
    return reduce(lambda made, change: changed(made, *change), words.items(), body)


def _ids(filed: Mapping[str, Any], reported: Mapping[str, Any]) -> dict[str, str]:
    """From the answers to a dispute that led to a lead, and to a lead."""
    return {
        "dispute": filed["case_id"],
        "number": filed["registration_no"],
        "receipt": filed["receipt"],
        "own_lead": filed["lead"]["lead_id"],
        "own_receipt": filed["lead"]["receipt"],
        "lead": reported["lead_id"],
        "lead_number": reported["registration_no"],
        "lead_receipt": reported["receipt"],
    }


def test_nothing_that_one_filed_is_shown_to_another(two: Two) -> None:
    others = (
        NEIGHBOUR,
        ANONYMOUS,
        *(person(role, "m-0008", "o-023", THERE) for role in ("mediator", "pmc_director")),
        *(person(role, "m-0020", "o-005", THERE) for role in ("liaison", "grid_worker")),
        *(person(role, "m-0034", "o-032", THERE) for role in ("judicial_office", "volunteer")),
        *(person(role, "m-0042", "o-035") for role in ("prosecutor", "proc_intake")),
        person("referral_officer", "m-0032", "o-003", THERE),
        person("agency_handler", "m-0048", "o-042"),
        person("ops", "m-0036", "o-001"),
    )
    for wanted in filter(lambda one: one.method == "GET", two.done):
        for who in others:
            answer = two.send(who, wanted, two.ours)
            if wanted.of_one:
                assert answer.status_code in {401, 403, 404}, (wanted, who)
            else:
                assert answer.status_code in {200, 401, 403}, (wanted, who)
            assert told(answer, two.secrets) == [], (wanted, who)


@pytest.mark.parametrize("who", [STRANGER, ANONYMOUS])
def test_a_filing_that_another_sends_again_is_their_own(two: Two, who: Actor) -> None:
    filings = [one for one in two.done if one.method == "POST" and "receipt" not in one.path]

    for wanted in filings:
        again = two.send(FILER, wanted, {})
        answer = two.send(who, wanted, {})
        assert again.status_code == answer.status_code == 201
        receipts = RECEIPT.findall(again.text)
        assert receipts
        assert told(answer, (*two.ours.values(), *receipts)) == [], wanted


def test_a_receipt_tells_whoever_has_it_how_far_the_matter_is_and_nothing_else(two: Two) -> None:
    lookups = [one for one in two.done if "receipt" in one.path]
    assert lookups

    for wanted in lookups:
        for who in (FILER, NEIGHBOUR, ANONYMOUS, MEDIATOR):
            for ids in (two.ours, two.theirs):
                for receipt in (ids["receipt"], ids["lead_receipt"], ids["own_receipt"]):
                    asked = replace(wanted, body={"receipt": receipt})
                    answer = two.send(who, asked, {})
                    assert answer.status_code == 200
                    assert told(answer, (*two.secrets, *two.theirs.values(), *THEIR_TEXTS)) == []


def test_what_one_did_with_a_filing_cannot_be_done_with_anothers(two: Two) -> None:
    none = dict.fromkeys(two.theirs, "none")
    above = {kind: f"../{one}" for kind, one in two.theirs.items()}
    unknown = {kind: uuid4() for kind in two.theirs}

    for wanted in filter(lambda one: one.of_one, two.done):
        for ids in (two.theirs, unknown, none, above):
            answer = two.send(wanted.who, wanted, ids)
            assert answer.status_code == 404, (wanted, ids, answer.text)
            assert told(answer, (*THEIR_TEXTS, *two.theirs.values())) == []


@pytest.mark.parametrize("kind", ["dispute", "lead"])
def test_somebody_elses_filing_cannot_be_told_from_none(two: Two, kind: str) -> None:
    wanted = Recorded(method="GET", path=f"/api/v1/{kind}s/{{{kind}}}", who=FILER)

    theirs = two.send(FILER, wanted, two.theirs).get_json()
    none = two.send(FILER, wanted, {kind: uuid4()}).get_json()

    assert {**theirs, "request_id": ""} == {**none, "request_id": ""}
