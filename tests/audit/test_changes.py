"""Nothing is changed without a row that says who did it."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Row, select, text

from services.directory.handlers.throttle import PER_LOGIN
from services.intake.models.tables import disputes
from shared.db import Database
from shared.db.audit_tables import audit_new
from shared.db.message_tables import outbox
from shared.web.auditing import Undeclared
from shared.web.context import transaction
from shared.web.operation import SAFE, Guarded
from tests.audit import calls, opening
from tests.directory import site as of_directory
from tests.directory.office import ADMINISTRATOR, Keepers, Office
from tests.directory.people import PASSWORD, UNKNOWN, Person
from tests.intake import site as of_intake
from tests.intake.bodies import DISPUTE, LEAD, PUBLIC_DISPUTE
from tests.intake.site import person
from tests.mediation import site as of_mediation
from tests.ops.system import System
from tests.referral import site as of_referral

FILER = person("mediator", "m-0002")


def told(database: Database, kind: str = "change") -> dict[object, Row[Any]]:
    with database.reading() as session:
        rows = session.execute(select(audit_new).where(audit_new.c.kind == kind))
        return {row.id: row for row in rows}


def walked(walk: calls.Walk, database: Database) -> set[str]:
    """The rules of the walk, each of which has left one more row."""
    rules: set[str] = set()
    before = told(database)
    for rule, response in walk:
        now = told(database)
        assert response.status_code < 400, (rule, response.text)
        assert len(now) == len(before) + 1, f"{rule}: no row"
        rules, before = rules | {rule}, now
    return rules


def unsafe(app: Flask) -> set[str]:
    """The rules by which anything could be changed."""
    return {
        rule.rule
        for rule in app.url_map.iter_rules()
        if isinstance(app.view_functions[rule.endpoint], Guarded)
        and not (rule.methods or set()) <= SAFE
    }


def forgotten(app: Flask, rules: set[str]) -> set[str]:
    """Add a new way of changing something to ``calls``, and say there if it changes nothing."""
    return unsafe(app) - rules - calls.UNCHANGED - calls.ELSEWHERE


def test_every_change_of_intake_has_its_row(intake: of_intake.Site) -> None:
    assert forgotten(intake.app, walked(calls.intake(intake), intake.database)) == set()


def test_every_change_of_mediation_has_its_row(mediation: of_mediation.Site) -> None:
    rules = walked(calls.mediation(mediation), mediation.database)
    row = next(iter(told(mediation.database).values()))
    rules |= walked(opening.of_a_mediation(mediation).walk(), mediation.database)
    rules |= walked(opening.recused(mediation), mediation.database)

    assert forgotten(mediation.client().application, rules) == set()
    assert (row.actor, row.role, row.organisation) == ("m-0002", "mediator", "o-021")
    assert row.action == "mediation.accept"
    assert row.resource is not None
    assert row.request_id is not None


def test_every_change_of_referral_has_its_row(referral: of_referral.Site) -> None:
    rules = walked(calls.referral(referral), referral.database)
    rules |= walked(opening.of_a_lead(referral).walk(), referral.database)

    assert forgotten(referral.client().application, rules) == set()


def test_every_change_of_operations_has_its_row_and_one_where_it_is_done(system: System) -> None:
    rules = walked(calls.retries(system), system.databases["ops"])

    assert forgotten(system.site, rules) == set()
    there = told(system.databases["mediation"]).values()
    assert {(row.actor, row.action) for row in there} == {("service:ops", "backbone.retry")}


def test_what_somebody_has_typed_is_not_told(system: System) -> None:
    form = {"service": "mediation"}
    system.client().post("/flows/wangxiaolan/retry", data=form, headers=system.headers())

    [row] = told(system.databases["ops"]).values()
    assert row.resource is None


def test_changes_of_the_directory_have_their_rows(directory: of_directory.Site) -> None:
    """One of each kind; that there is no other way, test_source says."""
    office = Office(site=directory, keepers=Keepers())

    rules = walked(calls.directory(office), directory.database)

    assert rules <= unsafe(directory.client.application)
    made = {(row.actor, row.action, row.resource) for row in told(directory.database).values()}
    for what in ("open", "renew", "lock", "unlock"):
        assert (ADMINISTRATOR.id, f"account.{what}", "m-0002") in made
    assert (ADMINISTRATOR.id, "conflict.declare", None) in made


def test_a_sign_in_tells_whose_it_is_and_a_refused_one_by_a_fingerprint(
    directory: of_directory.Site,
) -> None:
    person = Person.of(directory, "mediator")
    for _ in range(2):
        person.sign_in(password="wrong")
    person.post("/sign-in", login=UNKNOWN, password="wrong")
    person.sign_in()

    rows = sorted(told(directory.database).values(), key=lambda row: row.at)
    *refused, opened = rows
    assert [(row.actor, row.action, row.outcome) for row in refused] == [
        ("anonymous", "session.open", "refused")
    ] * 3
    first, second, unknown = [row.resource for row in refused]
    assert first == second != unknown
    assert person.login not in first
    assert len(first) == 64
    assert (opened.action, opened.resource, opened.outcome) == (
        "session.open",
        person.member_id,
        "done",
    )


def test_what_one_does_with_ones_own_account_is_told_by_what_it_is(
    directory: of_directory.Site,
) -> None:
    person = Person.of(directory, "mediator")
    person.sign_in()
    page = person.post("/account/second-factor", password=PASSWORD).text
    person.seed = re.findall(r'class="secret">([^<]+)<', page)[0].replace(" ", "")
    shown = person.post("/account/second-factor/confirm", code=person.code()).text
    codes = re.findall(r'class="secret">([^<]+)<', shown)
    person.post("/step-up", code=codes[0])
    person.post("/account/second-factor/replace", code=codes[1])
    person.post("/account/second-factor/drop", code=codes[2])
    person.post("/account/tokens", name="x", days="1")
    [token] = re.findall(r"/account/tokens/([0-9a-f-]{36})/", person.get("/account").text)
    person.post(f"/account/tokens/{token}/revoke")
    person.post("/account/sessions/end")
    person.post(f"/account/act-as/{person.member_id}")
    person.post("/sign-out")

    rows = sorted(told(directory.database).values(), key=lambda row: row.at)
    assert {row.resource for row in rows} == {person.member_id}
    assert [row.action for row in rows] == [
        "session.open",
        "factor.enrol",
        "factor.confirm",
        "session.step_up",
        "factor.replace",
        "factor.drop",
        "token.issue",
        "token.revoke",
        "session.end",
        "session.act_as",
        "session.close",
    ]


def test_while_somebody_must_wait_nothing_is_told(directory: of_directory.Site) -> None:
    """A flood of tries must not fill what is kept for ever."""
    person = Person.of(directory, "mediator")
    for _ in range(PER_LOGIN + 3):
        person.sign_in(password="wrong")

    assert len(told(directory.database)) == PER_LOGIN


@pytest.mark.parametrize(
    "path, wrong, right",
    [
        ("/account/password", {"password": "wrong"}, {"password": PASSWORD}),
        ("/account/second-factor/drop", {"code": "000000"}, {}),
        ("/account/second-factor/replace", {"code": "000000"}, {}),
        ("/step-up", {"code": "000000"}, {}),
    ],
)
def test_what_is_asked_for_anew_is_told_once_as_done_or_refused(
    directory: of_directory.Site, path: str, wrong: dict[str, str], right: dict[str, str]
) -> None:
    person = Person.of(directory, "mediator")
    person.sign_in()
    if "code" in wrong:
        person.set_up_second_factor()
        right = {"code": person.codes[0]}
    if path == "/account/password":
        new = "seven other words to keep in mind"
        wrong, right = ({**each, "new_password": new, "again": new} for each in (wrong, right))
    before = told(directory.database)

    assert person.post(path, **wrong).status_code == 422
    refused = told(directory.database)
    assert person.post(path, **right).status_code < 400
    done = told(directory.database)

    [first] = [row for key, row in refused.items() if key not in before]
    [second] = [row for key, row in done.items() if key not in refused]
    assert (first.actor, first.outcome) == (person.member_id, "refused")
    assert (second.actor, second.outcome, second.action) == (
        person.member_id,
        "done",
        first.action,
    )


def test_an_answer_that_is_given_again_leaves_no_second_row(intake: of_intake.Site) -> None:
    for _ in range(2):
        intake.file("disputes", DISPUTE, FILER, Idempotency_Key="same-key-0001")

    assert len(told(intake.database)) == 1


def test_what_is_refused_leaves_no_row(mediation: of_mediation.Site) -> None:
    [(_, response)] = list(calls.refused(mediation))

    assert response.status_code == 412
    assert told(mediation.database) == {}


def test_a_change_that_cannot_be_told_is_not_made(intake: of_intake.Site) -> None:
    with intake.database.transaction() as tx:
        tx.execute(text("ALTER TABLE audit_new RENAME TO audit_gone"))

    response = intake.file("disputes", DISPUTE, FILER)

    assert response.status_code >= 500
    assert intake.rows(disputes) == []
    assert intake.rows(outbox) == []


def test_nothing_is_changed_outside_of_a_view_that_names_its_action(
    intake: of_intake.Site,
) -> None:
    with intake.app.test_request_context("/disputes"), pytest.raises(Undeclared), transaction():
        pass


def test_an_anonymous_resident_is_nobody_in_particular(intake: of_intake.Site) -> None:
    intake.filed("disputes", DISPUTE)

    [row] = told(intake.database).values()
    assert (row.actor, row.role, row.organisation) == ("anonymous", "anonymous", None)


def test_who_has_filed_a_lead_is_not_told(intake: of_intake.Site) -> None:
    intake.filed("leads", LEAD, FILER)

    [row] = told(intake.database).values()
    assert (row.actor, row.role, row.request_id) == ("mediator", "mediator", None)
    assert (row.at.second, row.at.microsecond) == (0, 0)


def test_a_lead_of_a_dispute_looks_like_one_that_nobody_in_particular_has_filed(
    intake: of_intake.Site,
) -> None:
    filed = intake.filed("disputes", PUBLIC_DISPUTE, FILER)
    lead_id = filed["lead"]["lead_id"]
    rows = {row.resource: row for row in told(intake.database).values()}
    of_dispute, of_lead = rows[filed["case_id"]], rows[lead_id]
    intake.filed("leads", LEAD)
    [nobodys] = [row for row in told(intake.database).values() if row.resource not in rows]

    assert of_dispute.actor == "m-0002"
    assert _telling(of_lead) == _telling(nobodys)
    assert not set(map(str, _telling(of_dispute).values())) & {lead_id}
    assert not set(map(str, _telling(of_lead).values())) & {filed["case_id"], of_dispute.request_id}


def _telling(row: Row[Any]) -> dict[str, Any]:
    """All that is not an id of its own, which is random."""
    assert row.id.version == (4 if row.action == "lead.file" else 7)
    return {name: value for name, value in row._asdict().items() if name not in {"id", "resource"}}
