"""Long lists come in pages; the next begins behind the last row of this one."""

import base64
import re
from datetime import UTC, datetime

import pytest

from shared.errors import Malformed
from shared.web.paging import Cursor
from tests.web.conftest import Site

NOTES = "/api/v1/notes"


def test_every_row_comes_once(site: Site) -> None:
    for number in range(7):
        site.clock.move(seconds=number % 2)
        site.write({"text": f"note {number}"})
    seen: list[str] = []
    path = f"{NOTES}?limit=3"

    while path:
        answer = site.client().get(path, headers=site.mediator)
        seen.extend(note["text"] for note in answer.get_json())
        link = re.match(r'<(.*)>; rel="next"', answer.headers.get("Link", ""))
        path = link[1] if link else ""

    assert sorted(seen) == [f"note {number}" for number in range(7)]


def test_the_link_keeps_the_filters_and_the_prefix(site: Site) -> None:
    for _ in range(2):
        site.write({"text": "水 & 电"})

    answer = site.client().get(
        f"{NOTES}?limit=1&text=水 %26 电",
        headers=site.mediator,
        environ_overrides={"SCRIPT_NAME": "/notes"},
    )

    link = answer.headers["Link"]
    assert link.startswith("</notes/api/v1/notes?limit=1&text=%E6%B0%B4+%26+%E7%94%B5&cursor=")


def test_a_cursor_is_read_as_it_was_given_out() -> None:
    cursor = Cursor(datetime(2026, 5, 1, 1, 30, 0, 123456, tzinfo=UTC), "a")

    assert Cursor.decode(cursor.encode()) == cursor


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "é",
        "====",
        base64.urlsafe_b64encode(b'["2026-05-01T00:00:00","a"]').decode(),
        base64.urlsafe_b64encode(b'["0001-01-01T00:00:00+23:59","a"]').decode(),
        base64.urlsafe_b64encode(b'["2026-05-01T00:00:00Z","a\\u0000"]').decode(),
        base64.urlsafe_b64encode(b'["2026-05-01T00:00:00Z",5]').decode(),
        base64.urlsafe_b64encode(b"\xff\xff").decode(),
        Cursor(datetime(2026, 5, 1, tzinfo=UTC), "a" * 500).encode(),
    ],
)
def test_any_other_cursor_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        Cursor.decode(text)
