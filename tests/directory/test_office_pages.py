"""The administrator's pages: everything can be reached, in both languages, and shown again."""

import pytest

from tests.directory.office import (
    ADMINISTRATOR,
    AUDITOR,
    MEDIATOR,
    OF_THE_STREET,
    Office,
    hidden,
)

PAGES = (
    "/",
    "/organisations",
    "/organisations?q=medical",
    "/organisations/o-001",
    "/organisations/o-042",
    "/organisations/o-042/change",
    "/organisations/o-026/change",
    "/organisations/o-004/change",
    "/organisations/new?kind=agency&parent=o-001",
    "/organisations/new?kind=building&parent=o-007",
    "/organisations/new?kind=special_committee",
    "/members",
    "/members?role=mediator&area=350599001001&organisation=o-021&q=A-",
    "/members/new?organisation=o-021",
    "/members/m-0002",
    "/members/m-0002/change",
    "/members/m-0042/leaving",
    "/rota",
    "/import",
    "/conflicts",
)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_opens_in_both_languages(office: Office, path: str, language: str) -> None:
    headers = office.headers(ADMINISTRATOR) | {"Accept-Language": language}

    response = office.site.client.get(path, headers=headers)

    assert response.status_code == 200
    assert "%(" not in response.text


def test_the_tree_can_be_searched_by_a_part_of_a_name(office: Office) -> None:
    found = office.get("/organisations?q=medical").text

    assert "Demo Medical Mediation Committee" in found
    assert "Demo District" in found  # what it is below
    assert "Demo Finance Bureau" not in found
    assert "No organisation has this in its name." in office.get("/organisations?q=%25").text


def test_an_auditor_sees_no_buttons(office: Office) -> None:
    shown = office.get("/members/m-0002", AUDITOR).text

    assert "Note this leave" not in shown
    assert "Hand over and leave" not in shown
    assert "Declared conflicts" not in shown


def test_an_organisation_is_added_and_changed_by_its_form(office: Office) -> None:
    form = {
        "kind": "agency",
        "name_zh": "示范区水利局",
        "name_en": "Demo Water Bureau",
        "parent_id": "o-001",
        "responsibilities.0.duty": "other_public_safety",
        "responsibilities.0.area": "350599",
        "responsibilities.0.valid_from": "2026-07-01",
    }
    made = office.post("/organisations/new", form)
    assert made.status_code == 303
    page = office.get(f"{made.location}/change").text
    assert 'value="2026-07-01"' in page

    changed = office.post(
        f"{made.location}/change",
        form | {"version": hidden(page, "version"), "name_en": "Water Bureau"} | {"kind": ""},
    )

    assert changed.status_code == 303
    assert "Water Bureau" in office.get(made.location).text


def test_a_refused_form_keeps_what_was_typed_and_says_what_is_wrong(office: Office) -> None:
    response = office.post(
        "/organisations/new",
        {"kind": "street", "name_zh": "第三街道", "name_en": "", "areas[]": "350599003"},
    )

    assert response.status_code == 422
    assert "第三街道" in response.text
    assert 'value="350599003"' in response.text
    assert "Please fill this in." in response.text
    again = office.post(
        "/organisations/new",
        {"kind": "street", "name_zh": "第三街道", "name_en": "Third", "areas[]": "3505990031"},
    )
    assert again.status_code == 422


def test_a_member_is_invited_and_changed_by_the_form(office: Office) -> None:
    form = {
        "name_zh": "调解员甲三",
        "name_en": "Mediator A-3",
        "roles[]": ["mediator"],
        "areas[]": ["350599001001"],
    }
    made = office.post("/members/new?organisation=o-021", form)
    assert made.status_code == 303
    page = office.get(f"{made.location}/change").text

    changed = office.post(
        f"{made.location}/change",
        form | {"version": hidden(page, "version"), "roles[]": ["mediator", "pmc_director"]},
    )

    assert changed.status_code == 303
    assert "Committee director" in office.get(made.location).text


def test_a_role_that_the_kind_of_organisation_lacks_is_refused(office: Office) -> None:
    form = {"name_zh": "某", "name_en": "X", "roles[]": ["ops"], "areas[]": ["350599001001"]}

    response = office.post("/members/new?organisation=o-021", form)

    assert response.status_code == 422
    assert "An organisation of this kind has nobody as ops." in response.text


def test_a_change_that_leaves_nobody_asks_for_a_confirmation(office: Office) -> None:
    page = office.get("/members/m-0016/change").text
    form = {
        "version": hidden(page, "version"),
        "name_zh": "主任己",
        "name_en": "Director F",
        "roles[]": ["mediator"],
        "areas[]": ["350599"],
    }

    asked = office.post("/members/m-0016/change", form)
    done = office.post("/members/m-0016/change", form | {"confirmed": "yes"})

    assert asked.status_code == 422
    assert "nobody at Demo Medical Mediation Committee is Committee director" in asked.text
    assert done.status_code == 303


def test_somebody_is_put_on_the_rota_and_taken_off(office: Office) -> None:
    form = {
        "member_id": "m-0042",
        "role": "prosecutor",
        "area": "350599",
        "weekdays[]": ["6", "7"],
        "valid_from": "2026-11-01",
    }
    assert office.post("/rota", form).status_code == 303
    found = next(one for one in office.district().duties if one.weekdays == (6, 7))
    shown = office.get("/api/v1/rota").json
    assert shown is not None
    version = next(one["version"] for one in shown["items"] if one["id"] == found.id)

    ended = office.post(f"/rota/{found.id}/end", {"version": str(version)})

    assert ended.status_code == 303
    assert found.id not in [one.id for one in office.district().duties]


def test_the_rota_is_that_of_ones_own_people(office: Office) -> None:
    shown = office.get("/rota", OF_THE_STREET).text

    assert "Mediator D-1" in shown
    assert "Mediator E-1" not in shown


@pytest.mark.parametrize(
    "path",
    [
        "/organisations/o-999",
        "/organisations/o-999/change",
        "/members/m-9999",
        "/members/m-9999/leaving",
        "/members/new?organisation=o-999",
        "/export/strangers",
    ],
)
def test_what_is_not_there_is_404(office: Office, path: str) -> None:
    assert office.get(path).status_code == 404


@pytest.mark.parametrize(
    "path, form",
    [
        ("/members/m-0002/leave", {"version": "x"}),
        ("/members/m-0002/leave", {}),
        ("/members/m-0002/leave", {"version": "1", "leave_from": "tomorrow"}),
        ("/members/m-0002/hand-over", {"items.0.kind": "soul"}),
        ("/members/m-0002/hand-over", {"items": "x"}),
        ("/members/m-0002/hand-over", {"items.x.kind": "mediation"}),
        ("/members/new?organisation=o-021", {"roles[]": "stranger"}),
        ("/members/new", {}),
        ("/organisations/new", {"kind": "castle"}),
        ("/organisations/new", {"kind": "agency", "responsibilities.999.duty": "x"}),
        ("/organisations/new", {"kind": "agency", "responsibilities": "x"}),
        ("/organisations/new", {"kind": "agency", "responsibilities..duty": "x"}),
        ("/rota", {"weekdays[]": "8"}),
        ("/conflicts", {"kind": "enemy"}),
        ("/conflicts/c-none/end", {}),
    ],
)
def test_bad_input_is_never_our_mistake(office: Office, path: str, form: dict[str, str]) -> None:
    assert 400 <= office.post(path, form).status_code < 500


def test_a_mediator_reaches_only_the_own_conflicts(office: Office) -> None:
    assert office.get("/conflicts", MEDIATOR).status_code == 200
    assert office.get("/members/m-0002", MEDIATOR).status_code == 403


def test_what_is_wrong_with_an_invitation_is_told_by_the_names_of_its_fields(
    office: Office,
) -> None:
    headers = {**office.headers(ADMINISTRATOR), "Accept-Language": "zh"}
    form = {"name_en": "", "name_zh": ""}

    page = office.site.client.post("/members/new?organisation=o-021", data=form, headers=headers)

    assert page.status_code == 422
    assert "中文姓名：" in page.text
    assert "英文姓名：" in page.text
    assert "中文名称" not in page.text
