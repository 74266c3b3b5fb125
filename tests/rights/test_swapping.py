"""Whatever was done with one's own case is asked again with another's id, and by somebody else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.mediation.models import Mediation
from services.mediation.workers import copy_dossiers
from shared.auth.actor import ANONYMOUS, Actor
from shared.auth.door import HEADER
from shared.auth.tokens import signer
from tests.mediation.site import Site, actor, open_site
from tests.registrations import dispute
from tests.rights.replaying import Recorded, distinct, send, told

OURS, THEIRS = "350599001001", "350599002001"
STORY = {OURS: "楼上漏水到客厅", THEIRS: "隔壁装修到半夜"}
NAMES = {OURS: "王小兰", THEIRS: "欧阳国"}


@dataclass(frozen=True, kw_only=True)
class Intake:
    """Intake's answer for the cases that it knows, by id."""

    areas: Mapping[str, str]

    def get(self, service: str, path: str) -> object:
        area = self.areas[path.rpartition("/")[2]]
        party = {"side": "applicant", "kind": "person", "name": NAMES[area]}
        return {"narrative": STORY[area], "parties": [party], "place": {"area": area}}

    def post(self, service: str, path: str, body: object) -> object:
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Two:
    """A case of ours and one of theirs, each with its mediator."""

    site: Site
    client: FlaskClient
    cases: Mapping[str, UUID]
    mediators: Mapping[str, Actor]

    def send(self, who: Actor, wanted: Recorded, case: object) -> TestResponse:
        sign = signer(self.site.keys, "directory", self.site.clock).sign
        headers = {HEADER: sign(who, audience="mediation")}
        return send(self.client, headers, wanted, {"case": case})

    def version(self, area: str) -> int:
        with self.site.database.reading() as session:
            return session.get_one(Mediation, self.cases[area]).version


@pytest.fixture
def two(web: Site) -> Two:
    cases = {area: uuid4() for area in (OURS, THEIRS)}
    for area, case in cases.items():
        web.hear(dispute(case_id=case, area=area))
    copy_dossiers(web.workplace(Intake(areas={str(case): area for area, case in cases.items()})))
    mediators = {
        OURS: actor("m-0002", "mediator", "o-021", OURS),
        THEIRS: actor("m-0008", "mediator", "o-023", THEIRS),
    }
    return Two(site=web, client=web.client(), cases=cases, mediators=mediators)


@pytest.fixture
def web(tmp_path: Any) -> Iterator[Site]:
    with open_site(f"sqlite:///{tmp_path / 'mediation.sqlite'}", tmp_path) as found:
        yield found


def workflow(who: Actor, version: int) -> Iterator[Recorded]:
    """The life of a case by API and by pages, with a look after each step."""
    api, page = "/api/v1/mediations", "/mediations"
    why = {"reason_code": "handling", "reason": "联系当事人"}
    time = {"day": "2026-03-03", "begins": "10:00", "place": "committee"}
    later = {**time, "minutes": "60", "begins": "14:30"}
    session = {"held_on": "2026-03-02", "parties_present": 2, "notes": "谈妥一半"}
    jointly = {**session, "joint": "yes"}

    def step(path: str, body: Mapping[str, Any], seen: int | None, *, form: bool) -> Recorded:
        return Recorded(method="POST", path=path, who=who, body=body, version=seen, form=form)

    steps = (
        step(f"{api}/{{case}}/open", why, None, form=False),
        step(f"{api}/{{case}}/accept", {"parties_consented": True}, version, form=False),
        step(f"{api}/{{case}}/schedule-session", time, version + 1, form=False),
        step(f"{api}/{{case}}/record-session", session, version + 2, form=False),
        step(f"{page}/{{case}}/schedule-session", later, version + 3, form=True),
        step(f"{page}/{{case}}/record-session", jointly, version + 4, form=True),
        step(f"{page}/{{case}}/conclude", {"outcome": "settled_oral"}, version + 5, form=True),
    )
    looks = (
        *(f"{api}/{{case}}{part}" for part in ("", "/routing", "/timeline")),
        *(api, page, f"{page}/{{case}}", "/api/v1/rooms", "/api/v1/rooms/week", "/rooms"),
    )
    for one in steps:
        yield from (Recorded(method="GET", path=path, who=who) for path in looks)
        yield one


def recorded(two: Two) -> list[Recorded]:
    """What the mediator of our case has done, each of it with success."""
    done = list(workflow(two.mediators[OURS], two.version(OURS)))
    for wanted in done:
        answer = two.send(wanted.who, wanted, two.cases[OURS])
        assert answer.status_code < 400, (wanted, answer.text[:300])
    return distinct(done)


def test_nothing_that_one_did_with_a_case_can_be_done_by_another(two: Two) -> None:
    ours = two.cases[OURS]
    others = (
        two.mediators[THEIRS],
        actor("m-0007", "pmc_director", "o-023", THEIRS),
        actor("m-0034", "judicial_office", "o-032", "350599002"),
        actor("m-0042", "prosecutor", "o-035", "350599"),
        actor("m-0022", "grid_worker", "o-004", OURS),
        actor("m-0036", "ops", "o-001", "350599"),
        ANONYMOUS,
    )
    for wanted in recorded(two):
        for who in others:
            answer = two.send(who, wanted, ours)
            if wanted.of_one:
                assert answer.status_code in {401, 403, 404}, (wanted, who)
            else:
                assert answer.status_code in {200, 401, 403}, (wanted, who)
            secrets = (ours, STORY[OURS], NAMES[OURS], "谈妥一半")
            assert told(answer, secrets) == [], (wanted, who)


def test_what_one_did_with_a_case_cannot_be_done_with_anothers(two: Two) -> None:
    before = two.version(THEIRS)
    for wanted in recorded(two):
        if not wanted.of_one:
            continue
        for case in (two.cases[THEIRS], uuid4(), "none", "../" + str(two.cases[THEIRS])):
            for version in {wanted.version, before}:
                answer = two.send(wanted.who, wanted.anew(version), case)
                assert answer.status_code in {400, 404, 405, 428}, (wanted, case, answer.text)
                assert told(answer, (STORY[THEIRS], NAMES[THEIRS])) == []

    assert two.version(THEIRS) == before


def test_somebody_elses_case_cannot_be_told_from_none(two: Two) -> None:
    ours = two.mediators[OURS]
    wanted = Recorded(method="GET", path="/api/v1/mediations/{case}", who=ours)

    theirs = two.send(ours, wanted, two.cases[THEIRS]).get_json()
    none = two.send(ours, wanted, uuid4()).get_json()

    assert {**theirs, "request_id": ""} == {**none, "request_id": ""}
