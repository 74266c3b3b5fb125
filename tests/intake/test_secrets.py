"""No personal data in files, events or logs: canaries."""

import pytest

from shared.db.message_tables import outbox
from tests.intake.bodies import (
    DISPUTE,
    LEAD,
    NAME,
    NARRATIVE,
    PHONE,
    PUBLIC_DISPUTE,
    RESPONDENT,
    SUMMARY,
)
from tests.intake.site import Site, bytes_of, person

RESIDENT = person("resident", "m-7777")
CANARIES = [
    NAME,
    PHONE,
    NARRATIVE,
    RESPONDENT,
    SUMMARY,
    "5栋",
    "修好并赔偿",
    "泉公字12号",
    "委托函3号",
    LEAD["narrative"],
    "林大力",
    "推蓝色三轮车",
    "赵举报",
    "13700000007",
    "北门",
]


def _file_all(site: Site) -> list[str]:
    """The receipts that were given out."""
    key = "only-once-please"
    dispute = site.file("disputes", DISPUTE, RESIDENT, Idempotency_Key=key).get_json()
    public = site.filed("disputes", PUBLIC_DISPUTE)
    lead = site.file("leads", LEAD, RESIDENT, Idempotency_Key=key).get_json()
    return [
        dispute["receipt"],
        public["receipt"],
        public["lead"]["receipt"],
        lead["receipt"],
    ]


def test_no_database_file_holds_what_was_told_or_who_told_it(web: Site) -> None:
    receipts = _file_all(web)

    home = web.platform.settings.home
    secrets = [*CANARIES, *receipts, *(receipt.replace(" ", "") for receipt in receipts)]
    for name in ("intake.sqlite", "sealed.sqlite"):
        found = bytes_of(home / name)
        assert len(found) > 10_000
        for secret in secrets:
            assert secret.encode() not in found
            assert secret.encode("utf-16-le") not in found
            assert secret.encode("unicode_escape") not in found or secret.isascii()


def test_no_event_holds_any_of_it(site: Site) -> None:
    receipts = _file_all(site)

    published = " ".join(bytes(row.data).decode() for row in site.rows(outbox))
    assert not [secret for secret in (*CANARIES, *receipts) if secret in published]


def test_no_log_line_holds_any_of_it(web: Site, capfd: pytest.CaptureFixture[str]) -> None:
    receipts = _file_all(web)
    client = web.client()
    client.post("/api/v1/receipts/lookup", json={"receipt": receipts[0]})
    client.post("/receipts", data={"receipt": receipts[1]})

    written = "".join(capfd.readouterr())
    assert not [secret for secret in (*CANARIES, *receipts) if secret in written]
