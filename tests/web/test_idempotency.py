"""A request that is sent again with its key is done once, and answered as it was the first time."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from shared.auth.actor import Actor
from shared.db.message_tables import idempotency
from shared.errors import Rejected
from tests.web.conftest import Site
from tests.web.notes import service
from tests.web.notes.service import notes

KEY = "0f0e9c7e-6a3e-4b58-93c5-4c9c3c1f8a10"
FORM = {"text": "水管漏水", "request_key": KEY, "people.0.name": "王小兰"}


def written(site: Site) -> int:
    with site.platform.database.reading() as session:
        return session.execute(select(func.count()).select_from(notes)).scalar_one()


def test_a_repeated_request_gets_the_first_answer(either_site: Site) -> None:
    first = either_site.write(Idempotency_Key=KEY)
    second = either_site.write(Idempotency_Key=KEY)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.data == first.data
    assert second.headers["Location"] == first.headers["Location"]
    assert second.headers["ETag"] == first.headers["ETag"]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert written(either_site) == 1


def test_the_same_content_written_otherwise_is_the_same_request(site: Site) -> None:
    headers = {**site.mediator, "Idempotency-Key": f'"{KEY}"', "Content-Type": "application/json"}
    first = site.write({"text": "a", "pages": 2}, Idempotency_Key=KEY)

    second = site.client().post(
        "/api/v1/notes", data=b'{ "pages" : 2 , "text" : "\\u0061" }', headers=headers
    )

    assert second.data == first.data


def test_other_content_under_the_same_key_is_422(either_site: Site) -> None:
    either_site.write({"text": "a"}, Idempotency_Key=KEY)

    answer = either_site.write({"text": "b"}, Idempotency_Key=KEY)

    assert answer.status_code == 422
    assert written(either_site) == 1


def test_the_same_key_of_somebody_else_is_another_request(site: Site) -> None:
    body = {"text": "水管漏水"}
    other = site.headers(Actor(id="m-002", roles=frozenset({"mediator"})))
    first = site.write(body, Idempotency_Key=KEY)

    second = site.client().post(
        "/api/v1/notes", json=body, headers={**other, "Idempotency-Key": KEY}
    )

    assert second.status_code == 201
    assert second.get_json()["id"] != first.get_json()["id"]


@pytest.mark.parametrize("key", ["", "short", "a b c d e f", "a" * 201, "ключ-ключ", "\x7f" * 9])
def test_a_bad_key_is_400(site: Site, key: str) -> None:
    headers = {**site.mediator, "Idempotency-Key": key}

    answer = site.client().post("/api/v1/notes", json={"text": "a"}, headers=headers)

    assert answer.status_code == 400


def test_what_failed_is_not_remembered(either_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> dict[str, object]:
        raise Rejected("Not now.")

    with monkeypatch.context() as patched:
        patched.setattr(service, "write", refuse)
        assert either_site.write(Idempotency_Key=KEY).status_code == 422

    assert either_site.write(Idempotency_Key=KEY).status_code == 201
    assert written(either_site) == 1


def test_of_many_requests_at_once_one_is_done(either_site: Site) -> None:
    keys = [str(uuid4()) for _ in range(4)] * 6

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda key: either_site.write(Idempotency_Key=key), keys))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 4
    assert written(either_site) == 4
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 20


def test_stored_answers_cannot_be_read_in_the_database(site: Site) -> None:
    site.write({"text": "水管漏水"}, Idempotency_Key=KEY)

    with site.platform.database.reading() as session:
        stored = session.execute(select(idempotency)).one()

    assert "水管漏水".encode() not in stored.answer
    assert stored.status == 201


def test_a_form_that_is_sent_twice_is_done_once(site: Site) -> None:
    first = site.client().post("/notes/new", data=FORM, headers=site.mediator)
    second = site.client().post("/notes/new", data=FORM, headers=site.mediator)

    assert (first.status_code, second.status_code) == (200, 200)
    assert second.text == first.text
    assert second.headers["Idempotency-Replayed"] == "true"
    assert written(site) == 1


def test_a_form_changed_after_it_was_sent_is_422(site: Site) -> None:
    site.client().post("/notes/new", data=FORM, headers=site.mediator)

    answer = site.client().post("/notes/new", data={**FORM, "text": "other"}, headers=site.mediator)

    assert answer.status_code == 422
    assert written(site) == 1


def test_without_a_key_each_request_is_its_own(site: Site) -> None:
    site.write()
    site.write()

    assert written(site) == 2
