"""Members declare conflicts of interest; they and their administrator read them, nobody else."""

from sqlalchemy import select

from services.directory.models import Conflict
from tests.directory.office import AUDITOR, MEDIATOR, OF_THE_STREET, Office

CANARY = "妻子在示范烧烤店做会计"
KIN = {"kind": "kin", "valid_from": "2026-01-01", "words": CANARY}


def test_a_declaration_is_sealed_and_read_by_the_member_and_the_administrator(
    office: Office,
) -> None:
    assert office.call("/conflicts", KIN, MEDIATOR).status_code == 201

    with office.site.database.reading() as session:
        [stored] = session.scalars(select(Conflict)).all()
    assert stored.words is not None
    assert CANARY.encode() not in stored.words
    assert CANARY in office.get("/conflicts", MEDIATOR).text
    assert CANARY in office.get("/members/m-0002", OF_THE_STREET).text
    assert CANARY not in office.get("/members/m-0002", AUDITOR).text
    assert office.get("/api/v1/members/m-0002/conflicts", AUDITOR).status_code == 403
    assert CANARY not in str(office.announced())


def test_a_declaration_names_an_organisation_or_says_it_in_words(office: Office) -> None:
    neither = {"kind": "post", "valid_from": "2026-01-01"}

    assert office.call("/conflicts", neither, MEDIATOR).status_code == 422
    both = KIN | {"organisation_id": "o-041"}
    assert office.call("/conflicts", both, MEDIATOR).status_code == 422
    assert office.call("/conflicts", neither | {"organisation_id": "o-041"}, MEDIATOR).json
    stranger = office.call("/conflicts", neither | {"organisation_id": "o-999"}, MEDIATOR)
    assert stranger.status_code == 422


def test_one_ends_ones_own_declaration_and_nobody_elses(office: Office) -> None:
    made = office.call("/conflicts", KIN, MEDIATOR).json
    assert made is not None
    path = f"/conflicts/{made['id']}/end"

    assert office.call(path, {}, OF_THE_STREET).status_code == 404
    assert office.post(path, {}, MEDIATOR).status_code == 303

    found = office.get("/api/v1/conflicts", MEDIATOR).json
    assert found is not None
    assert found["items"][0]["valid_to"] is not None


def test_the_form_is_shown_again_with_what_is_wrong(office: Office) -> None:
    response = office.post("/conflicts", {"kind": "kin", "valid_from": "2026-01-01"}, MEDIATOR)

    assert response.status_code == 422
    assert "Name an organisation, or say in words who it is." in response.text
