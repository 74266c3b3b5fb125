"""Health and figures answer without a sign-in, and say why when the service cannot serve."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from shared.db.database import Database
from shared.web.app import create_app
from tests.web.conftest import Site
from tests.web.notes.service import SERVICE


def test_a_service_lives_and_is_ready(site: Site) -> None:
    assert site.client().get("/health/live").get_json() == {"status": "live"}
    assert site.client().get("/health/ready").get_json() == {"status": "ready"}


def test_without_its_database_it_lives_but_is_not_ready(site: Site, tmp_path: Path) -> None:
    (tmp_path / "other.sqlite").mkdir()
    other = site.on(Database(f"sqlite:///{tmp_path / 'other.sqlite'}", name="notes"))

    answer = other.client().get("/health/ready")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"
    assert answer.get_json() == {"status": "not ready", "reason": "the database is away"}
    assert other.client().get("/health/live").status_code == 200


def test_a_service_says_itself_why_it_is_not_ready(site: Site) -> None:
    service = dataclasses.replace(SERVICE, ready=lambda _database: "the rules are missing")
    app = create_app(service, site.platform)

    answer = app.test_client().get("/health/ready")

    assert answer.status_code == 503
    assert answer.get_json()["reason"] == "the rules are missing"


def test_figures_go_by_the_rule_of_the_route_and_never_by_the_path(site: Site) -> None:
    note = site.write().get_json()["id"]
    site.client().get(f"/api/v1/notes/{note}", headers=site.mediator)
    site.client().open("/secret-path", method="STRANGE")

    text = site.client().get("/metrics").text

    assert 'rule="/api/v1/notes/<uuid:note_id>"' in text
    assert 'method="other",rule="none"' in text
    assert note not in text
    assert "secret-path" not in text
    assert "STRANGE" not in text


def test_figures_of_several_processes_are_put_together(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "figures"
    folder.mkdir()
    program = (
        "from shared.telemetry import OUTBOX_UNPUBLISHED, RELAY_PUBLISH\n"
        "RELAY_PUBLISH.labels('intake', 'published').inc(2)\n"
        "OUTBOX_UNPUBLISHED.labels('intake').set(7)\n"
    )
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(folder))
    for _ in range(2):
        subprocess.run([sys.executable, "-c", program], check=True)

    text = site.client().get("/metrics").text

    assert 'relay_publish_total{result="published",service="intake"} 4.0' in text
    assert 'outbox_unpublished{service="intake"} 7.0' in text
