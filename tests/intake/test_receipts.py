"""Asking by receipt: how far a matter is, without an account."""

import pytest

from services.intake.models.receipts import digits, grouped, new_receipt
from tests.intake.bodies import DISPUTE, LEAD
from tests.intake.site import Site


def test_a_receipt_tells_how_far_it_is_and_nothing_else(site: Site) -> None:
    receipt = site.filed("disputes", DISPUTE)["receipt"]

    response = site.client().post("/api/v1/receipts/lookup", json={"receipt": receipt})

    assert response.status_code == 200
    assert response.get_json() == {
        "status": "received",
        "in_words": {
            "zh": "已收到并登记，正在确定由谁办理。",
            "en": "Received and registered. It is being decided who takes it up.",
        },
        "registered_on": "2026-11-20",
        "changed_on": "2026-11-20",
    }


def test_a_receipt_of_a_lead_tells_the_same(site: Site) -> None:
    dispute = site.filed("disputes", DISPUTE)["receipt"]
    lead = site.filed("leads", LEAD)["receipt"]

    one, other = (
        site.client().post("/api/v1/receipts/lookup", json={"receipt": receipt}).get_json()
        for receipt in (dispute, lead)
    )
    assert one == other


def test_an_unknown_receipt_is_not_found(quiet_site: Site) -> None:
    response = quiet_site.client().post(
        "/api/v1/receipts/lookup", json={"receipt": "0000 0000 0000 0000"}
    )

    assert response.status_code == 404
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize("body", [{"receipt": "12"}, {"receipt": 1234567890123456}, {}, {"x": 1}])
def test_what_cannot_be_a_receipt_is_refused(quiet_site: Site, body: dict[str, object]) -> None:
    response = quiet_site.client().post("/api/v1/receipts/lookup", json=body)

    assert response.status_code == 422
    assert "receipt" in response.get_json()["errors"]


def test_a_receipt_is_read_however_it_is_typed() -> None:
    receipt = new_receipt()

    for text in (
        receipt,
        grouped(receipt),
        f"  {grouped(receipt)}\n",
        grouped(receipt).replace(" ", "-"),
        receipt.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}),
    ):
        assert digits(text) == receipt


@pytest.mark.parametrize("text", ["", "1234", "1234 5678 9012 345x", "1" * 17, "一" * 16])
def test_anything_else_is_no_receipt(text: str) -> None:
    assert digits(text) is None


def test_receipts_are_sixteen_random_digits() -> None:
    made = {new_receipt() for _ in range(1000)}

    assert len(made) == 1000
    assert {len(receipt) for receipt in made} == {16}
    assert {receipt[0] for receipt in made} == set("0123456789")
