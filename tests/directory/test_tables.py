"""Tables are looked at before they change anything; then all of a file is done, or nothing."""

import io

import pytest
from werkzeug.test import TestResponse

from tests.directory.office import ADMINISTRATOR, AUDITOR, OF_THE_STREET, Office, hidden

HEADER = "id,name_zh,name_en,organisation_id,roles,areas"
NEW = "m-0901,调解员甲三,Mediator A-3,o-021,mediator,350599001001"
CHANGED = "m-0002,调解员甲一,Mediator A-1,o-021,mediator pmc_director,350599001001"
SAME = "m-0003,调解员甲二,Mediator A-2,o-021,mediator,350599001001"
WRONG = "m-0902,某人,Somebody,o-021,prosecutor,350599001001"


def table(*rows: str) -> bytes:
    return "\n".join((HEADER, *rows)).encode()


def send(
    office: Office, raw: bytes, *, seen: str | None = None, name: str = "members"
) -> TestResponse:
    query = "" if seen is None else f"?seen={seen}"
    headers = office.headers(ADMINISTRATOR) | {"Content-Type": "text/csv"}
    return office.site.client.post(f"/api/v1/imports/{name}{query}", data=raw, headers=headers)


def results(response: TestResponse) -> list[tuple[str, str]]:
    assert response.json is not None
    return [(row["id"], row["result"]) for row in response.json["rows"]]


def test_a_dry_run_says_of_each_row_what_it_would_change_and_changes_nothing(
    office: Office,
) -> None:
    before = office.district()

    response = send(office, table(NEW, CHANGED, SAME))

    assert response.status_code == 200
    assert results(response) == [("m-0901", "new"), ("m-0002", "changed"), ("m-0003", "same")]
    assert office.district() == before


def test_a_wrong_row_says_what_is_wrong_where(office: Office) -> None:
    found = send(office, table(NEW, WRONG)).json

    assert found is not None
    assert (found["seen"], found["done"]) == (None, False)
    [wrong] = found["rows"][1]["wrong"]
    assert (wrong["entry_id"], wrong["field"]) == ("m-0902", "roles")
    assert wrong["text"].startswith("An organisation of this kind has nobody as prosecutor.")


@pytest.mark.parametrize(
    "name, raw, field, said",
    [
        ("members", table(NEW.replace(",mediator,", ",调解,")), "roles", "Mediator, Committee"),
        ("members", table(WRONG), "roles", "Mediator, Committee director"),
        (
            "organisations",
            b"id,kind,name_zh,name_en\no-901,office,a,b",
            "kind",
            "District, Street, Community",
        ),
    ],
)
def test_a_refusal_names_what_it_may_be(
    office: Office, name: str, raw: bytes, field: str, said: str
) -> None:
    found = send(office, raw, name=name).json

    assert found is not None
    texts = [one["text"] for one in found["rows"][0]["wrong"] if one["field"] == field]
    assert any(said in text for text in texts), texts


def test_all_that_is_wrong_with_a_row_is_said_at_once(office: Office) -> None:
    raw = b"id,role,member_id,area,weekdays,valid_from\nd-901,cook,,3505,8,tomorrow"

    found = send(office, raw, name="rota").json

    assert found is not None
    wrong = [one["field"] for one in found["rows"][0]["wrong"]]
    assert sorted(wrong) == ["area", "member_id", "role", "valid_from", "weekdays"]


def test_who_has_chosen_no_file_is_told_so(office: Office) -> None:
    response = upload(office, table="members")

    assert response.status_code == 422
    assert "Choose a file, or paste the table." in response.text


@pytest.mark.parametrize("name", ["王\u202e小兰", "王\u200b小兰", '"王\n小兰"'])
def test_a_name_with_something_hidden_in_it_is_an_error(office: Office, name: str) -> None:
    response = send(office, table(NEW.replace("调解员甲三", name)))

    assert response.json is not None
    [found] = response.json["rows"]
    assert [one["field"] for one in found["wrong"]] == ["name_zh"]


def test_what_was_looked_at_is_what_is_done(office: Office) -> None:
    raw = table(NEW, CHANGED, SAME)
    looked = send(office, raw).json
    assert looked is not None

    done = send(office, raw, seen=looked["seen"])

    assert done.status_code == 200
    assert office.member("m-0901").name_en == "Mediator A-3"
    assert office.member("m-0002").roles == ("mediator", "pmc_director")


def test_another_file_or_another_directory_must_be_looked_at_again(office: Office) -> None:
    raw = table(NEW)
    looked = send(office, raw).json
    assert looked is not None

    assert send(office, table(CHANGED), seen=looked["seen"]).status_code == 409
    office.call("/members/m-0003/leave", {}, version=office.version("/members/m-0003"))
    office.call(
        "/members/m-0003/leave",
        {"leave_from": "2026-12-01"},
        version=office.version("/members/m-0003"),
    )
    assert send(office, raw, seen=looked["seen"]).status_code == 409


def test_one_wrong_row_keeps_back_all_others(office: Office) -> None:
    raw = table(NEW)
    looked = send(office, raw).json
    assert looked is not None

    assert send(office, table(NEW, WRONG), seen=looked["seen"]).status_code == 409
    assert "m-0901" not in [member.id for member in office.district().members]


@pytest.mark.parametrize("name", ["organisations", "members", "rota"])
def test_what_was_exported_is_the_same_when_it_is_imported(office: Office, name: str) -> None:
    exported = office.get(f"/export/{name}")

    found = send(office, exported.data, name=name)

    assert exported.headers["Content-Disposition"] == f'attachment; filename="{name}.csv"'
    assert {result for _, result in results(found)} == {"same"}


def test_duties_with_days_survive_export_and_import(office: Office) -> None:
    row = (
        "o-901,agency,水利局,Water Bureau,o-001,,,other_public_safety@350599:2026-07-01..2027-06-30"
    )
    raw = f"id,kind,name_zh,name_en,parent_id,areas,categories,duties\n{row}\n".encode()
    looked = send(office, raw, name="organisations").json
    assert looked is not None
    send(office, raw, name="organisations", seen=looked["seen"])

    exported = office.get("/export/organisations").data

    assert b"other_public_safety@350599:2026-07-01..2027-06-30" in exported
    found = send(office, exported, name="organisations")
    assert {result for _, result in results(found)} == {"same"}


def test_a_cell_that_looks_like_a_formula_is_harmless_in_a_spreadsheet(office: Office) -> None:
    version = office.version("/members/m-0003")
    said = {"name_zh": "=1+1", "name_en": "@SUM(A1)", "roles": ["mediator"]}
    office.call("/members/m-0003/change", {**said, "areas": ["350599001001"]}, version=version)

    exported = office.get("/export/members").data.decode("utf-8-sig")

    assert "m-0003,'=1+1,'@SUM(A1)," in exported
    found = send(office, exported.encode())
    assert ("m-0003", "same") in results(found)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_usual_encodings_separators_and_names_of_columns_are_read(
    office: Office, encoding: str
) -> None:
    text = "编号;中文姓名;英文姓名;所属机构;角色;服务区域\r\n" + NEW.replace(",", ";") + "\r\n"

    assert results(send(office, text.encode(encoding))) == [("m-0901", "new")]


def test_codes_may_be_given_by_their_chinese_words(office: Office) -> None:
    people = table(NEW.replace(",mediator,", ",人民调解员 调委会主任,"))
    agency = "o-901,行政机关,水利局,Water Bureau,o-001,,,公共安全、公共设施@350599:2026-07-01.."
    agencies = f"id,kind,name_zh,name_en,parent_id,areas,categories,duties\n{agency}".encode()
    for name, raw in (("members", people), ("organisations", agencies)):
        looked = send(office, raw, name=name).json
        assert looked is not None
        assert send(office, raw, name=name, seen=looked["seen"]).status_code == 200

    assert office.member("m-0901").roles == ("mediator", "pmc_director")
    assert office.organisation("o-901").duties == ("other_public_safety",)


@pytest.mark.parametrize(
    "raw, text",
    [
        (b"", "The column id is missing."),
        (b"id,nickname\n", "There is no column nickname."),
        (b"id,id\n", "The column id stands there twice."),
        (b'id,name_zh\n"m-1"x,y\n', "Line 2 is no CSV."),
        (b"id\nm-1,m-2\n", "Line 2 has too many cells, or too much in one."),
        (b"\xff\xff\xff", "This is neither UTF-8 nor GB18030."),
    ],
)
def test_what_is_no_such_table_is_refused(office: Office, raw: bytes, text: str) -> None:
    response = send(office, raw)

    assert response.status_code == 422
    assert response.json is not None
    assert response.json["detail"] == text


def test_one_id_stands_in_a_table_once(office: Office) -> None:
    found = send(office, table(NEW, NEW))

    assert results(found) == [("m-0901", "error"), ("m-0901", "error")]


@pytest.mark.parametrize(
    "name", ["anonymous", "service:mediation", "M-0002", "m 1", "m--1", "主任"]
)
def test_an_id_cannot_be_taken_for_something_else(office: Office, name: str) -> None:
    found = send(office, table(f"{name},某人,Somebody,o-021,mediator,350599001001")).json

    assert found is not None
    assert "id" in [one["field"] for one in found["rows"][0]["wrong"]]


def test_only_csv_is_read_and_not_too_much_of_it(office: Office) -> None:
    headers = office.headers(ADMINISTRATOR)
    path = "/api/v1/imports/members"
    too_much = b"id\n" + b"m-1\n" * 300_000

    assert office.site.client.post(path, json={}, headers=headers).status_code == 415
    assert send(office, too_much).status_code == 413
    assert send(office, table(NEW), name="strangers").status_code == 404


def test_rows_out_of_reach_are_errors(office: Office) -> None:
    headers = office.headers(OF_THE_STREET) | {"Content-Type": "text/csv"}
    far = "m-0008,调解员丙一,Mediator C-1,o-023,mediator pmc_director,350599002001"

    response = office.site.client.post(
        "/api/v1/imports/members", data=table(NEW, far), headers=headers
    )

    assert results(response) == [("m-0901", "new"), ("m-0008", "error")]


def test_an_export_holds_what_is_within_reach(office: Office) -> None:
    below = office.get("/export/organisations", OF_THE_STREET).data.decode("utf-8-sig")

    assert "o-004" in below
    assert "o-003" not in below
    assert "o-003" in office.get("/export/organisations", AUDITOR).data.decode("utf-8-sig")


def upload(office: Office, **fields: object) -> TestResponse:
    return office.site.client.post(
        "/import",
        data=fields,
        content_type="multipart/form-data",
        headers=office.headers(ADMINISTRATOR),
    )


def test_a_table_is_imported_by_pages_alone(office: Office) -> None:
    assert "See what it would change" in office.get("/import").text
    looked = upload(office, table="members", file=(io.BytesIO(table(NEW, SAME)), "people.csv"))
    assert looked.status_code == 200
    assert "New: 1, changed: 0, the same: 1, wrong: 0." in looked.text
    assert "m-0901" not in [member.id for member in office.district().members]

    text = looked.text.partition('hidden="true" tabindex="-1">\n')[2].partition("</textarea>")[0]
    done = upload(
        office,
        table="members",
        seen=hidden(looked.text, "seen"),
        request_key=hidden(looked.text, "request_key"),
        text=text.replace("\n", "\r\n"),
    )

    assert done.status_code == 200
    assert "Done: 1 new, 0 changed." in done.text
    assert office.member("m-0901").organisation_id == "o-021"


def test_a_page_shows_the_wrong_rows_first_and_offers_nothing_to_confirm(office: Office) -> None:
    looked = upload(office, table="members", text=table(NEW, WRONG).decode())

    assert looked.status_code == 422
    assert "has nobody as prosecutor" in looked.text
    assert looked.text.index("m-0902") < looked.text.index("m-0901")
    assert 'name="seen"' not in looked.text


def part(says: bytes, content: bytes = b"x") -> bytes:
    return (
        b"--b\r\nContent-Disposition: form-data" + says + b"\r\n\r\n" + content + b"\r\n--b--\r\n"
    )


@pytest.mark.parametrize(
    "body, boundary, status",
    [
        (b"nothing", "", 400),
        (b"nothing", "; boundary=b", 400),
        (part(b""), "; boundary=b", 400),
        (part(b'; name="table"', b"\xff"), "; boundary=b", 400),
        (part(b'; name="table"', b"a\x00b"), "; boundary=b", 400),
        (part(b'; name="other"; filename="x"'), "; boundary=b", 422),
        (b"x" * (1024 * 1024 + 1), "; boundary=b", 413),
    ],
)
def test_a_form_with_a_file_is_read_strictly(
    office: Office, body: bytes, boundary: str, status: int
) -> None:
    kind = {"Content-Type": f"multipart/form-data{boundary}"}
    headers = office.headers(ADMINISTRATOR) | kind

    assert office.site.client.post("/import", data=body, headers=headers).status_code == status


def test_a_form_without_a_file_is_no_upload(office: Office) -> None:
    assert office.post("/import", {"table": "members"}).status_code == 415
