"""Errors are problems for programs and pages for people, and tell nothing they should not."""

import errno
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm.exc import StaleDataError

from shared.db.database import Database
from shared.errors import Unavailable
from shared.messaging.log import LogUnavailable
from shared.web.problems import away
from tests.web.conftest import Site

SECRET = "王小兰"


def test_a_problem_has_the_parts_of_rfc_9457(site: Site) -> None:
    answer = site.client().get("/api/v1/nothing", headers=site.mediator)

    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    body = answer.get_json()
    assert body["status"] == 404
    assert body["title"]
    assert body["detail"]
    assert body["type"] == "about:blank"
    assert body["request_id"] == answer.headers["X-Request-ID"]


def test_the_type_of_a_problem_tells_our_errors_apart(site: Site) -> None:
    note = site.write().get_json()["id"]

    answer = site.client().post(f"/api/v1/notes/{note}/burn", headers=site.mediator)

    assert answer.status_code == 409
    assert answer.get_json()["type"] == "urn:hemu:problem:illegal-transition"
    assert answer.get_json()["detail"] == (
        "This cannot be done while the state is Closed (it would become Accepted)."
    )


def test_another_method_is_405_with_those_that_work(site: Site) -> None:
    answer = site.client().delete("/api/v1/notes", headers=site.mediator)

    assert answer.status_code == 405
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["Allow"] == "GET, HEAD, POST"


def test_people_get_a_page(site: Site) -> None:
    answer = site.client().get("/nothing", headers=site.mediator)

    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert answer.text.count("<h1>") == 1


def test_a_page_that_needs_a_sign_in_says_so(site: Site) -> None:
    answer = site.client().get("/notes/new", headers={"Accept-Language": "en"})

    assert answer.status_code == 401
    assert "Please sign in" in answer.text


@pytest.mark.parametrize("path", ["/broken", "/api/v1/broken"])
def test_a_bug_is_500_without_details(site: Site, path: str) -> None:
    answer = site.client().get(path, headers=site.mediator)

    assert answer.status_code == 500
    assert SECRET not in answer.text
    assert "RuntimeError" not in answer.text
    assert answer.headers["X-Request-ID"] in answer.text


@pytest.mark.parametrize(
    "error, expected",
    [
        (OperationalError("x", {}, sqlite3.OperationalError("disk full")), True),
        (InterfaceError("x", {}, sqlite3.InterfaceError("gone")), True),
        (NoConnection("pool"), True),
        (LogUnavailable("broker"), True),
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), True),
        (ConnectionRefusedError(), True),
        (OSError(errno.EACCES, "no"), False),
        (RuntimeError("bug"), False),
        (StaleDataError("moved"), False),
    ],
    ids=repr,
)
def test_what_is_away_can_be_tried_again(error: Exception, expected: bool) -> None:  # noqa: FBT001
    assert away(error) is expected


@pytest.mark.parametrize(
    "error, status",
    [
        (OperationalError("x", {}, sqlite3.OperationalError("locked")), 503),
        (LogUnavailable("broker"), 503),
        (Unavailable("A part of the system is away. Please try again."), 503),
        (StaleDataError("moved"), 409),
        (ValueError("bug"), 500),
    ],
    ids=repr,
)
def test_trouble_behind_a_view_becomes_its_status(
    site: Site, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(site.platform.database, "reading", fail)

    answer = site.client().get("/api/v1/notes", headers=site.mediator)

    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == ("2" if status == 503 else None)


def test_a_database_that_is_away_is_503_and_the_same_request_succeeds_later(
    site: Site, tmp_path: Path
) -> None:
    path = tmp_path / "other.sqlite"
    path.mkdir()
    other = site.on(Database(f"sqlite:///{path}", name="notes", clock=site.clock))

    refused = other.write(Idempotency_Key="key-00000001")

    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "2"

    path.rmdir()
    shutil.copy(tmp_path / "notes.sqlite", path)

    assert other.write(Idempotency_Key="key-00000001").status_code == 201
    other.platform.database.close()


def test_a_postgresql_that_is_away_is_503(site: Site) -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    other = site.on(Database(url, name="notes", clock=site.clock))

    assert other.client().get("/api/v1/notes", headers=site.mediator).status_code == 503
    assert other.write().status_code == 503
    assert other.client().get("/health/ready").status_code == 503


def test_errors_speak_the_language_of_the_reader(site: Site) -> None:
    english = site.write({"text": "a", "wrong": 1})
    chinese = site.write({"text": "a", "wrong": 1}, Accept_Language="zh-CN")

    assert english.get_json()["errors"] == {"wrong": ["There is no such field."]}
    assert chinese.get_json()["errors"] == {"wrong": ["没有这一项。"]}
    assert chinese.headers["Content-Language"] == "zh-Hans-CN"
