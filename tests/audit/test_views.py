"""No particulars of people are shown without a row that says to whom, written before."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Blueprint
from marshmallow import Schema, fields
from sqlalchemy import MetaData, Row, select, text, update

from services import registry
from services.mediation.models import MEDIATIONS
from services.mediation.workers import copy_dossiers
from services.referral.workers import copy_texts
from shared.audit.chaining import chain
from shared.auth.policy import ANYONE, Policy
from shared.db import Database
from shared.db.audit_tables import audit_new
from shared.service import Service
from shared.web.answer import Answer
from shared.web.app import create_app
from shared.web.context import sealer
from shared.web.operation import SAFE, Operation, operation
from shared.web.platform import Platform
from tests.directory import site as of_directory
from tests.directory.office import Keepers, Office
from tests.intake import site as of_intake
from tests.intake.bodies import DISPUTE, LEAD, NAME
from tests.intake.site import person
from tests.mediation import site as of_mediation
from tests.mediation.test_api import Answering
from tests.referral import site as of_referral
from tests.referral.site import CANARY, TEXTS, Intake, for_market
from tests.registrations import dispute

PARTICULARS = frozenset(
    {"parties", "narrative", "claims", "building", "notes", "note", "text", "reply", "suspect"}
)
"""What fields are called that hold what people told or wrote, and who they are."""


def views(database: Database) -> list[Row[Any]]:
    with database.reading() as session:
        rows = session.execute(select(audit_new).where(audit_new.c.kind == "view"))
        return sorted(rows, key=lambda row: row.at)


def forget(database: Database) -> None:
    """As if nothing could be written any more."""
    with database.transaction() as tx:
        tx.execute(text("ALTER TABLE audit_new RENAME TO audit_gone"))


@pytest.fixture
def case(mediation: of_mediation.Site) -> UUID:
    """With its dossier."""
    event = dispute(case_id=uuid4())
    mediation.hear(event)
    copy_dossiers(mediation.workplace(Answering()))
    return event.case_id


def look(site: of_mediation.Site, path: str, role: str = "mediator") -> Any:
    return site.client().get(path, headers=site.headers(role))


@pytest.mark.parametrize("prefix", ["", "/api/v1"])
def test_a_look_at_a_case_is_told_with_what_was_shown(
    mediation: of_mediation.Site, case: UUID, prefix: str
) -> None:
    assert "王小兰" in look(mediation, f"{prefix}/mediations/{case}").text
    mediation.clock.move(seconds=1)
    assert "王小兰" not in look(mediation, f"{prefix}/mediations/{case}", "judicial_office").text

    mediator, office = views(mediation.database)
    assert (mediator.actor, mediator.action) == ("m-0002", "mediation.read")
    assert mediator.resource == str(case)
    assert mediator.fields.startswith("parties,narrative")
    assert mediator.mask is None
    assert (office.actor, office.fields, office.mask) == ("m-0033", "parties", "masked")


def test_a_case_of_which_nothing_is_shown_leaves_no_row(mediation: of_mediation.Site) -> None:
    event = dispute(case_id=uuid4())
    mediation.hear(event)
    assert look(mediation, f"/mediations/{event.case_id}").status_code == 200
    assert look(mediation, f"/mediations/{uuid4()}").status_code == 404
    assert look(mediation, "/mediations").status_code == 200

    assert views(mediation.database) == []


@pytest.mark.parametrize("path", ["/mediations/{}", "/api/v1/mediations/{}"])
def test_what_cannot_be_told_is_not_shown(
    mediation: of_mediation.Site, case: UUID, path: str
) -> None:
    forget(mediation.database)

    response = look(mediation, path.format(case))

    assert response.status_code >= 500
    assert "王小兰" not in response.text
    assert "楼上漏水" not in response.text


def test_a_refused_form_that_shows_the_case_again_is_a_look_too(
    mediation: of_mediation.Site, case: UUID
) -> None:
    response = mediation.client().post(
        f"/mediations/{case}/accept",
        data={"version": "1", "request_key": str(uuid4())},
        headers=mediation.headers("mediator"),
    )

    assert response.status_code == 422
    assert [row.action for row in views(mediation.database)] == ["mediation.accept"]


def test_a_list_of_masked_names_is_one_row_with_its_filters(intake: of_intake.Site) -> None:
    number = intake.filed("disputes", DISPUTE)["registration_no"]
    intake.filed("disputes", DISPUTE)
    query = f"area=350599001&limit=1&q={number}"
    found = intake.get(f"/api/v1/disputes?{query}", person("judicial_office"))

    assert found.status_code == 200
    assert NAME not in found.text
    [row] = views(intake.database)
    assert (row.resource, row.fields, row.mask) == (None, "parties", "masked")
    assert row.filters == "area=350599001&q"


def test_a_service_that_copies_a_dossier_is_told(intake: of_intake.Site) -> None:
    case_id = intake.filed("disputes", DISPUTE)["case_id"]
    path = f"/internal/v1/dossiers/{case_id}"
    found = intake.client().get(path, headers=intake.service_headers("mediation"))

    assert NAME in found.text
    [row] = views(intake.database)
    assert (row.actor, row.action, row.resource) == ("service:mediation", "dossier.read", case_id)


def test_who_looks_at_a_lead_of_ones_own_is_not_told(intake: of_intake.Site) -> None:
    filer, officer = person("resident", "r-0001"), person("referral_officer", "m-0031")
    lead_id = intake.filed("leads", LEAD, filer)["lead_id"]
    assert LEAD["narrative"] in intake.get(f"/leads/{lead_id}", filer).text
    assert intake.get(f"/leads/{lead_id}", officer).status_code == 200

    own, other = sorted(views(intake.database), key=lambda row: row.fields, reverse=True)
    assert (own.actor, own.role, own.request_id) == ("resident", "resident", None)
    assert (own.at.second, own.id.version) == (0, 4)
    assert own.fields == "facts,narrative,place"
    assert (other.actor, other.fields) == ("m-0031", "facts")


def test_what_agencies_and_officers_read_is_told(referral: of_referral.Site) -> None:
    lead_id = uuid4()
    referral.hear(for_market(lead_id))
    copy_texts(referral.workplace(Intake({lead_id: TEXTS})))
    client = referral.client()
    shown = client.get(f"/leads/{lead_id}", headers=referral.headers("officer"))
    hidden = client.get(f"/leads/{lead_id}", headers=referral.headers("auditor"))

    assert CANARY in shown.text
    assert CANARY not in hidden.text
    [row] = views(referral.database)
    assert (row.actor, row.resource, row.fields) == ("m-0031", str(lead_id), "text,words")


def test_a_view_that_does_not_say_what_it_shows_shows_nothing(
    intake: of_intake.Site, tmp_path: Path
) -> None:
    """Whoever forgets it notices at the first try, and not an auditor years later."""
    blueprint = Blueprint("careless", __name__)

    @blueprint.get("/api/v1/careless")
    @operation("careless.read")
    def careless() -> Answer:
        box = sealer("secret").seal(NAME.encode(), about="it")
        return Answer({"name": sealer("secret").open(box, about="it").decode()})

    app = create_app(_service(blueprint, tmp_path), intake.platform)

    response = app.test_client().get("/api/v1/careless")

    assert response.status_code == 500
    assert NAME not in response.text


def _service(blueprint: Blueprint, folder: Path) -> Service:
    return Service(
        name="intake",
        folder=folder,
        metadata=MetaData(),
        blueprints=(blueprint,),
        policy=Policy({"careless.read": ANYONE}),
    )


@pytest.mark.parametrize("name", registry.NAMES)
def test_every_answer_that_can_hold_particulars_says_so(name: str, platform: Platform) -> None:
    app = create_app(registry.load(name), platform)
    silent = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if isinstance(view := app.view_functions[rule.endpoint], Operation)
        and (rule.methods or set()) <= SAFE
        and view.answer is not None
        and _names(view.answer) & PARTICULARS
        and not view.shows
    }

    assert not silent


@pytest.fixture
def platform(intake: of_intake.Site) -> Platform:
    return intake.platform


def _names(schema: Schema) -> set[str]:
    found = set(schema.fields)
    for field in schema.fields.values():
        inner = field.inner if isinstance(field, fields.List) else field
        if isinstance(inner, fields.Nested):
            found |= _names(inner.schema)
    return found


def chained(site: of_mediation.Site) -> None:
    while chain(site.database, site.keys.signing("mediation")):
        pass


def test_who_saw_a_case_is_told_to_those_entitled(mediation: of_mediation.Site, case: UUID) -> None:
    look(mediation, f"/mediations/{case}")
    chained(mediation)
    path = f"/api/v1/mediations/{case}/audit"

    found = look(mediation, path, "pmc_director")

    [row] = found.json["items"]
    assert row["actor"] == {"id": "m-0002", "name": row["actor"]["name"]}
    assert set(row["actor"]["name"]) == {"zh", "en"}
    assert (row["role"], row["action"], row["kind"]) == ("mediator", "mediation.read", "view")
    assert row["fields"] == ["parties", "narrative", "notes"]
    assert look(mediation, path, "mediator").status_code == 403
    assert look(mediation, f"/api/v1/mediations/{uuid4()}/audit", "pmc_director").status_code == 404


def test_the_page_of_a_case_says_who_saw_it_to_those_entitled(
    mediation: of_mediation.Site, case: UUID
) -> None:
    assert "Who saw this case" in look(mediation, f"/mediations/{case}", "pmc_director").text
    chained(mediation)

    again = look(mediation, f"/mediations/{case}", "pmc_director").text

    assert "Looked at a mediation" in again
    assert "Who saw this case" not in look(mediation, f"/mediations/{case}").text


def test_the_own_log_names_cases_that_one_may_still_know(
    mediation: of_mediation.Site, case: UUID
) -> None:
    with mediation.database.reading() as session:
        number = session.scalar(select(MEDIATIONS.c.number))
    look(mediation, f"/mediations/{case}")
    chained(mediation)

    shown = look(mediation, "/audit/mine").text
    with mediation.database.transaction() as tx:
        tx.execute(update(MEDIATIONS).values(mediator_id="m-0003", area="350599002001"))
    gone = look(mediation, "/audit/mine").text

    assert f'href="/mediation/mediations/{case}">{number}</a>' in shown
    assert number not in gone
    assert str(case) in gone


def test_the_own_log_of_the_directory_names_members(directory: of_directory.Site) -> None:
    office = Office(site=directory, keepers=Keepers())
    office.post("/members/m-0002/account", {"login": "two"})
    while chain(directory.database, directory.keys.signing("directory")):
        pass

    shown = office.get("/audit/mine").text

    assert f'href="/directory/members/m-0002">{office.member("m-0002").name_en}</a>' in shown


def test_an_auditor_asks_by_number_who_saw_a_case_and_is_told_of_themselves(
    mediation: of_mediation.Site, case: UUID
) -> None:
    look(mediation, f"/mediations/{case}")
    chained(mediation)
    with mediation.database.reading() as session:
        number = session.scalar(select(MEDIATIONS.c.number))

    empty = look(mediation, "/audit", "auditor")
    found = look(mediation, f"/audit?number={number}", "auditor")
    nothing = look(mediation, "/audit?number=TJ350599-2026-999999", "auditor")

    assert (empty.status_code, found.status_code, nothing.status_code) == (200, 200, 404)
    assert "Looked at a mediation" in found.text
    assert "Mediator" in found.text
    assert "王小兰" not in found.text
    assert "There is no case with this number" in nothing.text
    [row] = [row for row in views(mediation.database) if row.action == "audit.read"]
    assert (row.role, row.resource, row.fields) == ("auditor", str(case), "acts")
    assert look(mediation, "/audit", "mediator").status_code == 403
    assert look(mediation, f"/audit?number={number}", "pmc_director").status_code == 200


def test_a_program_that_asks_who_saw_a_case_is_told_of_too(
    mediation: of_mediation.Site, case: UUID
) -> None:
    look(mediation, f"/api/v1/mediations/{case}/audit", "auditor")

    [row] = views(mediation.database)
    assert (row.action, row.resource, row.fields) == ("audit.read", str(case), "acts")


def test_the_auditor_of_leads_finds_orders_and_reviews_too(referral: of_referral.Site) -> None:
    lead_id = uuid4()
    referral.hear(for_market(lead_id))
    [order] = referral.orders(lead_id)
    client = referral.client()
    acknowledged = client.post(
        f"/api/v1/orders/{order.order_id}/acknowledge",
        json={},
        headers={**referral.headers("handler"), "If-Match": '"1"'},
    )
    while chain(referral.database, referral.keys.signing("referral")):
        pass

    number = referral.lead(lead_id).number
    found = client.get(f"/audit?number={number}", headers=referral.headers("auditor"))

    assert acknowledged.status_code == 200
    assert "Took the order on" in found.text


def test_everybody_sees_what_they_did_themselves(mediation: of_mediation.Site, case: UUID) -> None:
    for _ in range(3):
        look(mediation, f"/mediations/{case}")
    look(mediation, f"/mediations/{case}", "pmc_director")
    chained(mediation)
    first = look(mediation, "/api/v1/audit/mine?limit=2")
    following = first.headers["Link"].partition("?")[2].partition(">")[0]
    second = look(mediation, f"/api/v1/audit/mine?{following}")

    assert [len(found.json["items"]) for found in (first, second)] == [2, 1]
    assert {row["resource"] for row in first.json["items"]} == {str(case)}
    assert "actor" not in first.json["items"][0]
    page = look(mediation, "/audit/mine")
    assert page.status_code == 200
    assert page.text.count("Looked at a mediation") == 3
    assert mediation.client().get("/api/v1/audit/mine").status_code == 401
    assert look(mediation, "/api/v1/audit/mine?cursor=WyIyMDI2IiwgIngiXQ").status_code == 400
