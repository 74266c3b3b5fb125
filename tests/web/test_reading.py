"""What a request brings is read strictly: everything else is a 4xx that names the field."""

import json

import pytest
from werkzeug.test import TestResponse

from tests.web.conftest import Site

NOTES = "/api/v1/notes"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def post(site: Site, body: bytes, content_type: str = JSON) -> TestResponse:
    return site.client().post(NOTES, data=body, content_type=content_type, headers=site.mediator)


def test_a_good_body_is_taken(site: Site) -> None:
    answer = site.write({"text": "水管漏水", "pages": 4.0, "amount": "12.50"})

    assert answer.status_code == 201
    assert answer.get_json()["text"] == "水管漏水"


@pytest.mark.parametrize(
    "body, field",
    [
        ({}, "text"),
        ({"text": None}, "text"),
        ({"text": "a", "wrong": 1}, "wrong"),
        ({"text": "a", "kind": "other"}, "kind"),
        ({"text": "a" * 201}, "text"),
        ({"text": "a", "people": [{"name": "b"}, {}]}, "people.1.name"),
        ({"text": "a", "people": [{"name": "b", "needs": ["elder", "x"]}]}, "people.0.needs.1"),
        ({"text": "a", "people": {}}, "people"),
        ({"text": "a", "people": [1]}, "people.0"),
        ({"text": "a", "people": [{"name": "b"}] * 4}, "people"),
        ({"text": "a", "since": "2026-02-30"}, "since"),
        ({"text": "a", "secret": "yes"}, "secret"),
    ],
)
def test_a_wrong_field_is_422_and_named(site: Site, body: object, field: str) -> None:
    answer = site.write(body)

    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert list(answer.get_json()["errors"]) == [field]


@pytest.mark.parametrize("raw", [b"[]", b'"a"', b"null", b"5", b"", b"{", b"\xff\xfe", b'{"a":1}x'])
def test_a_body_that_is_no_object_is_400(site: Site, raw: bytes) -> None:
    assert post(site, raw).status_code == 400


@pytest.mark.parametrize(
    "raw, field",
    [
        (b'{"text": "a", "text": "b"}', "text"),
        (b'{"text": "a", "pages": NaN}', "pages"),
        (rb'{"text": "a\u0000b"}', "text"),
        (rb'{"people": [{"name": "\ud800"}]}', "people.0.name"),
    ],
)
def test_ambiguous_json_is_400_and_the_field_named(site: Site, raw: bytes, field: str) -> None:
    answer = post(site, raw)

    assert answer.status_code == 400
    assert list(answer.get_json()["errors"]) == [field]


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", FORM, "application/json; charset=gbk", "multipart/form-data; boundary=x"],
)
def test_another_content_type_is_415(site: Site, content_type: str) -> None:
    answer = post(site, b'{"text": "a"}', content_type)

    assert answer.status_code == 415
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("content_type", [JSON, FORM])
def test_a_body_over_the_limit_is_413(site: Site, content_type: str) -> None:
    path = NOTES if content_type == JSON else "/notes/new"
    body = json.dumps({"text": "a" * 256 * 1024}).encode()

    answer = site.client().post(path, data=body, content_type=content_type, headers=site.mediator)

    assert answer.status_code == 413


def test_the_policy_decides_before_anything_is_read(site: Site) -> None:
    answer = site.client().post(NOTES, data=b"\xff", headers=site.prosecutor)

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "query, field",
    [
        ("wrong=1", "wrong"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=a", "limit"),
        ("limit=1&limit=2", "limit"),
        ("cursor=xx", "cursor"),
        ("text=%00", "text"),
        ("text=%ed%a0%80", None),
        ("%ff=1", None),
        ("text=%ff", None),
    ],
)
def test_a_wrong_query_is_400_and_named(site: Site, query: str, field: str | None) -> None:
    answer = site.client().get(f"{NOTES}?{query}", headers=site.mediator)

    assert answer.status_code == 400
    assert list(answer.get_json().get("errors", {})) == ([field] if field else [])


def test_an_empty_filter_counts_as_left_out(site: Site) -> None:
    assert site.client().get(f"{NOTES}?text=&limit=", headers=site.mediator).status_code == 200


@pytest.mark.parametrize("path", [b"/api/v1/notes/\0", b"/api/\xff", b"/notes/\n", b"/\xc3("])
def test_a_path_that_is_not_text_is_400(site: Site, path: bytes) -> None:
    environ = {"PATH_INFO": path.decode("latin-1")}

    assert site.client().get("/", environ_overrides=environ).status_code == 400


@pytest.mark.parametrize(
    "body", [b"text=%ff", b"text=\xff", b"text=a%00b", b"&".join([b"a=1"] * 1001)]
)
def test_a_form_that_is_not_text_is_400(site: Site, body: bytes) -> None:
    answer = site.client().post("/notes/new", data=body, content_type=FORM, headers=site.mediator)

    assert answer.status_code == 400


def test_a_form_of_another_type_is_415(site: Site) -> None:
    answer = site.client().post("/notes/new", data=b"{}", content_type=JSON, headers=site.mediator)

    assert answer.status_code == 415
    assert answer.mimetype == "text/html"


def test_an_operation_without_a_body_takes_none_or_an_empty_one(site: Site) -> None:
    note = site.write().get_json()["id"]
    path = f"{NOTES}/{note}/burn"

    nothing = site.client().post(path, headers=site.mediator)
    empty = site.client().post(path, json={}, headers=site.mediator)
    something = site.client().post(path, json={"a": 1}, headers=site.mediator)

    assert (nothing.status_code, empty.status_code, something.status_code) == (409, 409, 422)
