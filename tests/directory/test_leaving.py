"""A member leaves: nothing new comes, what they hold goes to others, then they are gone."""

from uuid import uuid4

from services.directory.models import Handover
from shared.clock import day_in_china, utc_now
from shared.events.directory import HandoverPublished, MemberPublished
from tests.directory.office import ADMINISTRATOR, OF_THE_STREET, Office, hidden

COMMUNITY = "350599001001"
LEAVER, COLLEAGUE = "m-0002", "m-0003"
ONLY_ONE = "m-0040"
"""The district's only child protection officer."""


def today() -> str:
    return day_in_china(utc_now()).isoformat()


def leave(office: Office, member_id: str, **more: object) -> int:
    """The status of the answer."""
    version = office.version(f"/members/{member_id}")
    body = {"leave_from": today(), **more}
    return office.call(f"/members/{member_id}/leave", body, version=version).status_code


def deactivate(office: Office, member_id: str, **body: object) -> int:
    version = office.version(f"/members/{member_id}")
    found = office.call(f"/members/{member_id}/deactivate", body, version=version)
    return found.status_code


def test_leave_is_published_for_who_chooses(office: Office) -> None:
    assert leave(office, LEAVER, leave_to="2027-01-31") == 200

    event = office.announced()[-1]
    assert isinstance(event, MemberPublished)
    assert event.leave_from is not None
    assert event.on_leave(event.leave_from)
    assert str(event.leave_to) == "2027-01-31"


def test_the_first_step_of_leaving_leads_back_to_the_others(office: Office) -> None:
    version = office.version(f"/members/{LEAVER}")

    done = office.post(f"/members/{LEAVER}/leaving", {"version": version})

    assert done.status_code == 303
    assert done.location == f"/members/{LEAVER}/leaving"
    assert str(office.member(LEAVER).leave_from) == today()
    assert "They are on leave" in office.get(f"/members/{LEAVER}/leaving").text


def test_a_step_that_wants_to_be_confirmed_asks_on_the_same_page(office: Office) -> None:
    version = office.version(f"/members/{ONLY_ONE}")

    asked = office.post(f"/members/{ONLY_ONE}/leaving", {"version": version})
    confirmed = office.post(
        f"/members/{ONLY_ONE}/leaving", {"version": version, "confirmed": "yes"}
    )

    assert asked.status_code == 422
    assert "1. Nothing new comes to them" in asked.text
    assert confirmed.status_code == 303


def test_whoever_nobody_can_stand_in_for_is_named_before_they_go_on_leave(office: Office) -> None:
    version = office.version(f"/members/{ONLY_ONE}")
    body = {"leave_from": today()}

    refused = office.call(f"/members/{ONLY_ONE}/leave", body, version=version)
    confirmed = office.call(
        f"/members/{ONLY_ONE}/leave", body | {"confirmed": True}, version=version
    )

    assert refused.status_code == 422
    assert refused.json is not None
    assert refused.json["errors"]["gaps.0"] == ["role child_protection 350599"]
    assert confirmed.status_code == 200
    assert confirmed.json is not None
    assert [gap["code"] for gap in confirmed.json["gaps"]] == ["child_protection"]


def test_the_page_lists_what_nobody_could_do_in_words(office: Office) -> None:
    shown = office.get(f"/members/{ONLY_ONE}/leaving").text

    assert "Demo District: nobody is Child protection officer" in shown


def test_what_a_leaver_holds_is_listed_with_whoever_has_least_to_do(office: Office) -> None:
    office.keepers.hold(LEAVER, "mediation", COMMUNITY)
    office.keepers.loads = {"mediation": {COLLEAGUE: 2}}

    found = office.get(f"/api/v1/members/{LEAVER}/leaving").json

    assert found is not None
    [item] = found["items"]
    assert item["successors"] == [COLLEAGUE, "m-0001"]
    assert item["number"] == "TJ350599-2026-000001"


def test_several_items_are_spread_over_those_who_can_have_them(office: Office) -> None:
    for _ in range(2):
        office.keepers.hold("m-0042", "room", COMMUNITY)

    found = office.get("/api/v1/members/m-0042/leaving").json

    assert found is not None
    assert [item["successors"] for item in found["items"]] == [["m-0043"], ["m-0043"]]


def test_who_is_recused_from_an_item_is_not_proposed_for_it_and_cannot_get_it(
    office: Office,
) -> None:
    item_id = office.keepers.hold(LEAVER, "mediation", COMMUNITY)
    office.keepers.held[LEAVER][0]["barred"] = [COLLEAGUE]

    found = office.get(f"/api/v1/members/{LEAVER}/leaving").json
    assert found is not None
    assert found["items"][0]["successors"] == ["m-0001"]
    item = {"kind": "mediation", "item_id": str(item_id), "successor_id": COLLEAGUE}
    response = office.call(f"/members/{LEAVER}/hand-over", {"items": [item]})

    assert response.status_code == 422


def test_handing_over_is_an_event_for_who_keeps_the_item(office: Office) -> None:
    item_id = office.keepers.hold(LEAVER, "mediation", COMMUNITY)
    item = {"kind": "mediation", "item_id": str(item_id), "successor_id": COLLEAGUE}

    response = office.call(f"/members/{LEAVER}/hand-over", {"items": [item]})

    assert response.json == {"ordered": 1}
    event = office.announced()[-1]
    assert isinstance(event, HandoverPublished)
    assert (event.item_id, event.member_id, event.successor_id) == (item_id, LEAVER, COLLEAGUE)
    with office.site.database.reading() as session:
        assert session.get_one(Handover, event.id).ordered_by == "m-0076"


def test_what_they_hold_no_more_is_passed_over(office: Office) -> None:
    item = {"kind": "mediation", "item_id": str(uuid4()), "successor_id": COLLEAGUE}

    response = office.call(f"/members/{LEAVER}/hand-over", {"items": [item]})

    assert response.json == {"ordered": 0}


def test_a_successor_is_of_the_organisation_and_there(office: Office) -> None:
    item_id = office.keepers.hold(LEAVER, "mediation", COMMUNITY)
    item = {"kind": "mediation", "item_id": str(item_id)}
    path = f"/members/{LEAVER}/hand-over"
    assert leave(office, COLLEAGUE) == 200

    for wrong in (LEAVER, "m-0005", "m-0042", COLLEAGUE, "m-9999"):
        response = office.call(path, {"items": [item | {"successor_id": wrong}]})
        assert response.status_code == 422
        assert response.json is not None
        assert list(response.json["errors"]) == ["items.0.successor_id"]


def test_who_holds_something_does_not_leave(office: Office) -> None:
    office.keepers.hold(LEAVER, "mediation", COMMUNITY)
    assert leave(office, LEAVER) == 200

    assert deactivate(office, LEAVER) == 422
    office.keepers.held.clear()
    assert deactivate(office, LEAVER) == 200

    assert LEAVER not in [member.id for member in office.district().members]


def test_who_could_still_get_something_does_not_leave(office: Office) -> None:
    assert deactivate(office, LEAVER) == 422


def test_with_a_leaver_their_places_on_the_rota_end(office: Office) -> None:
    assert leave(office, "m-0042") == 200

    assert deactivate(office, "m-0042") == 200

    assert "m-0042" not in [duty.member_id for duty in office.district().duties]


def test_the_last_on_the_rota_is_named(office: Office) -> None:
    assert leave(office, "m-0042") == 200
    version = office.version("/members/m-0043")

    response = office.call("/members/m-0043/leave", {"leave_from": today()}, version=version)

    assert response.json is not None
    told = [texts[0] for name, texts in response.json["errors"].items() if "gaps" in name]
    assert told == ["role prosecutor 350599 o-035", "rota prosecutor 350599"]


def test_when_a_keeper_is_away_nobody_leaves(office: Office) -> None:
    office.keepers.held[LEAVER] = [{"kind": "mediation"}]  # not what a keeper answers

    assert office.get(f"/members/{LEAVER}/leaving").status_code == 503


def test_what_is_out_of_reach_is_not_handed_over(office: Office) -> None:
    path = "/members/m-0007"

    assert office.get(f"{path}/leaving", OF_THE_STREET).status_code == 404
    body: dict[str, object] = {"items": []}
    assert office.call(f"{path}/hand-over", body, OF_THE_STREET).status_code == 404


def test_the_id_of_who_is_gone_is_nobody_elses(office: Office) -> None:
    leave(office, LEAVER)
    assert deactivate(office, LEAVER) == 200
    row = f"{LEAVER},假检察官,Fake,o-022,mediator,350599001002"
    raw = f"id,name_zh,name_en,organisation_id,roles,areas\n{row}".encode()

    headers = office.headers(ADMINISTRATOR) | {"Content-Type": "text/csv"}
    found = office.site.client.post("/api/v1/imports/members", data=raw, headers=headers).json

    assert found is not None
    assert [one["field"] for one in found["rows"][0]["wrong"]] == ["id"]


def test_a_leaver_is_handed_over_by_pages_alone(office: Office) -> None:
    item_id = office.keepers.hold(LEAVER, "mediation", COMMUNITY)
    path = f"/members/{LEAVER}"
    page = office.get(f"{path}/leaving").text
    first = {"version": hidden(page, "version")}

    assert office.post(f"{path}/leaving", first).status_code == 303
    page = office.get(f"{path}/leaving").text
    assert "nothing new comes." in page
    second = {
        "items.0.kind": hidden(page, "items.0.kind"),
        "items.0.item_id": hidden(page, "items.0.item_id"),
        "items.0.successor_id": COLLEAGUE,
    }
    assert office.post(f"{path}/hand-over", second).status_code == 303
    assert isinstance(office.announced()[-1], HandoverPublished)
    assert "On its way to Mediator A-2" in office.get(f"{path}/leaving").text

    office.keepers.held.clear()
    page = office.get(f"{path}/leaving").text
    assert str(item_id) not in page
    third = {"version": hidden(page, "version")}
    assert office.post(f"{path}/deactivate", third).status_code == 303
    assert office.get(path).status_code == 404
