"""Administrators change organisations and members; the rules hold for the whole directory."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from services.directory.handlers import InviteMember, invite_member
from services.directory.models import publications
from shared.events.directory import OrganisationPublished, Responsibility
from tests.directory.office import ADMINISTRATOR, AUDITOR, MEDIATOR, OF_THE_STREET, Office

AGENCY = {
    "kind": "agency",
    "name_zh": "示范区水利局",
    "name_en": "Demo Water Bureau",
    "parent_id": "o-001",
    "responsibilities": [
        {"duty": "other_public_safety", "area": "350599", "valid_from": "2026-07-01"}
    ],
}
NEWCOMER = {
    "name_zh": "调解员甲三",
    "name_en": "Mediator A-3",
    "organisation_id": "o-021",
    "roles": ["mediator"],
    "areas": ["350599001001"],
}


def test_a_new_agency_has_its_duties_by_area_and_time(office: Office) -> None:
    response = office.call("/organisations", AGENCY)

    assert response.status_code == 201
    assert response.json is not None
    event = office.announced()[-1]
    assert isinstance(event, OrganisationPublished)
    assert event.id == response.json["id"]
    assert (event.duties, event.areas) == (("other_public_safety",), ("350599",))
    [told] = event.responsibilities
    assert (told.valid_from, told.valid_to) == (told.valid_from, None)
    assert told == Responsibility(
        duty="other_public_safety", area="350599", valid_from=told.valid_from
    )


def test_two_agencies_never_have_one_duty_for_one_area_at_one_time(office: Office) -> None:
    rival = AGENCY | {"responsibilities": [{"duty": "eco_env", "area": "350599"}]}

    response = office.call("/organisations", rival)

    assert response.status_code == 422
    assert response.json is not None
    assert "eco_env@350599 (o-041)" in response.json["errors"]["duties"][0]


def test_a_duty_may_pass_from_one_agency_to_another(office: Office) -> None:
    version = office.version("/organisations/o-041")
    until = {"duty": "eco_env", "area": "350599", "valid_to": "2026-12-31"}
    said = {"name_zh": "环保局", "name_en": "Bureau", "parent_id": "o-001"}
    ended = office.call(
        "/organisations/o-041/change", {**said, "responsibilities": [until]}, version=version
    )
    later = {"duty": "eco_env", "area": "350599", "valid_from": "2027-01-01"}

    assert ended.status_code == 200
    assert office.call("/organisations", AGENCY | {"responsibilities": [later]}).status_code == 201


def test_a_member_is_invited_and_published(office: Office) -> None:
    response = office.call("/members", NEWCOMER)

    assert response.status_code == 201
    assert response.json is not None
    assert office.member(response.json["id"]).roles == ("mediator",)


@pytest.mark.parametrize(
    "change, field",
    [
        ({"roles": ["prosecutor"]}, "roles"),
        ({"roles": ["ops"]}, "roles"),
        ({"roles": []}, "roles"),
        ({"areas": []}, "areas"),
        ({"areas": ["350599002001"]}, "areas"),
        ({"areas": ["110101"]}, "areas"),
        ({"organisation_id": "o-999"}, "organisation_id"),
        ({"name_zh": ""}, "name_zh"),
        ({"name_zh": "王\u202e小兰"}, "name_zh"),
        ({"name_en": "Wang\u200bXiaolan"}, "name_en"),
        ({"name_en": "Wang\nXiaolan"}, "name_en"),
    ],
)
def test_what_breaks_a_rule_is_named_and_nothing_is_changed(
    office: Office, change: dict[str, object], field: str
) -> None:
    before = office.district()

    response = office.call("/members", NEWCOMER | change)

    assert response.status_code == 422
    assert response.json is not None
    assert list(response.json["errors"]) == [field]
    assert office.district() == before


def test_an_administrator_reaches_the_own_organisation_and_all_below(office: Office) -> None:
    shown = office.get("/organisations", OF_THE_STREET).text

    assert "Demo Community 1" in shown
    assert "Demo Street 2" not in shown
    assert office.get("/members/m-0002", OF_THE_STREET).status_code == 200
    assert office.get("/members/m-0007", OF_THE_STREET).status_code == 404
    assert office.get("/api/v1/organisations/o-003", OF_THE_STREET).status_code == 404


def test_what_is_out_of_reach_cannot_be_changed(office: Office) -> None:
    version = office.version("/members/m-0007")

    elsewhere = office.call("/members", NEWCOMER | {"organisation_id": "o-023"}, OF_THE_STREET)
    other = office.call("/members/m-0007/leave", {}, OF_THE_STREET, version=version)
    above = office.call("/organisations", AGENCY, OF_THE_STREET)

    assert (elsewhere.status_code, other.status_code, above.status_code) == (422, 404, 422)


def test_nobody_gives_themselves_a_role(office: Office) -> None:
    said = {"name_zh": "管理员", "name_en": "Administrator", "areas": ["350599"]}
    version = office.version("/members/m-0076")

    own = office.call(
        "/members/m-0076/change", {**said, "roles": ["org_admin", "auditor"]}, version=version
    )
    others = office.call(
        "/members/m-0077/change", {**said, "roles": ["org_admin", "auditor"]}, version=version
    )

    assert (own.status_code, others.status_code) == (422, 200)


def test_only_the_district_gives_operators_and_auditors(office: Office) -> None:
    operator = NEWCOMER | {"organisation_id": "o-001", "roles": ["ops"], "areas": ["350599"]}

    assert office.call("/members", operator, OF_THE_STREET).status_code == 422
    assert office.call("/members", operator, ADMINISTRATOR).status_code == 201


def test_an_auditor_looks_and_changes_nothing(office: Office) -> None:
    assert office.get("/organisations", AUDITOR).status_code == 200
    assert office.get("/members/m-0007", AUDITOR).status_code == 200
    assert office.call("/members", NEWCOMER, AUDITOR).status_code == 403


@pytest.mark.parametrize("path", ["/organisations", "/members", "/rota", "/import"])
def test_others_do_not_administer(office: Office, path: str) -> None:
    assert office.get(path, MEDIATOR).status_code == 403


def test_a_change_of_what_somebody_else_has_changed_is_refused(office: Office) -> None:
    version = office.version("/members/m-0002")
    leave = {"leave_from": "2026-12-01", "leave_to": "2026-12-05"}
    office.call("/members/m-0002/leave", leave, version=version)

    assert office.call("/members/m-0002/leave", {}, version=version).status_code == 412


def test_an_organisation_that_still_has_members_is_not_closed(office: Office) -> None:
    version = office.version("/organisations/o-026")

    assert office.call("/organisations/o-026/close", {}, version=version).status_code == 422


def test_a_place_that_somebody_serves_is_not_closed(office: Office) -> None:
    version = office.version("/organisations/o-009")

    assert office.call("/organisations/o-009/close", {}, version=version).status_code == 422
    assert office.organisation("o-009").active


def test_a_building_stands_in_a_grid_and_can_be_closed(office: Office) -> None:
    building = {"kind": "building", "name_zh": "5栋", "name_en": "Building 5"}
    made = office.call(
        "/organisations", {**building, "parent_id": "o-007", "areas": ["350599001001001"]}
    )
    assert made.status_code == 201
    assert made.json is not None
    building_id = made.json["id"]
    version = office.version(f"/organisations/{building_id}")

    closed = office.call(f"/organisations/{building_id}/close", {}, version=version)

    assert closed.status_code == 200
    assert building_id not in [one.id for one in office.district().organisations]


def test_the_rota_gets_and_loses_an_entry(office: Office) -> None:
    entry = {
        "role": "prosecutor",
        "member_id": "m-0042",
        "area": "350599",
        "weekdays": [6],
        "valid_from": "2026-11-01",
    }
    made = office.call("/rota", entry)
    assert made.status_code == 201
    assert made.json is not None
    duty_id = made.json["id"]
    shown = office.get("/api/v1/rota").json
    assert shown is not None
    [found] = [one for one in shown["items"] if one["id"] == duty_id]

    ended = office.call(f"/rota/{duty_id}/end", {}, version=found["version"])

    assert ended.status_code == 200
    assert duty_id not in [duty.id for duty in office.district().duties]


def test_changes_at_the_same_time_happen_one_after_the_other(office: Office) -> None:
    """Each would have made its revision of what was there before."""
    numbers = range(6)

    def invite(number: int) -> None:
        command = InviteMember(
            name_zh=f"调解员{number}",
            name_en=f"Mediator {number}",
            organisation_id="o-021",
            roles=("mediator",),
            areas=("350599001001",),
        )
        with office.site.database.transaction(actor=ADMINISTRATOR) as tx:
            invite_member(tx, ADMINISTRATOR, command)

    with ThreadPoolExecutor(len(numbers)) as people:
        list(people.map(invite, numbers))

    with office.site.database.reading() as session:
        revisions = session.scalars(select(publications.c.revision)).all()
    assert sorted(revisions) == [1, 2, 3, 4, 5, 6, 7]
    assert len(office.announced()) == len(office.district().entries())
