"""A new order or review: its row, and the event that announces it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from services.referral.lifecycle import OrderState, ReviewState
from shared.events.referral import OrderOpened, ReviewOpened

Row = Mapping[str, Any]


def order_row(
    *,
    order_id: UUID,
    lead_id: UUID,
    number: str,
    agency_id: str,
    duty: str | None,
    area: str,
    grid: str | None,
    urgent: bool,
    now: datetime,
    text: bytes | None = None,
    reason: bytes | None = None,
) -> Row:
    """``text`` and ``reason`` are sealed already."""
    return {
        "order_id": order_id,
        "lead_id": lead_id,
        "number": number,
        "agency_id": agency_id,
        "duty": duty,
        "area": area,
        "grid": grid,
        "urgent": urgent,
        "state": OrderState.OPENED,
        "text": text,
        "reason": reason,
        "opened_at": now,
        "version": 1,
    }


def order_opened(row: Row) -> OrderOpened:
    return OrderOpened(
        lead_id=row["lead_id"],
        order_id=row["order_id"],
        agency_id=row["agency_id"],
        urgent=row["urgent"],
    )


def review_row(
    *,
    review_id: UUID,
    lead_id: UUID,
    procuratorate_id: str,
    member_id: str,
    now: datetime,
    note: bytes | None = None,
) -> Row:
    """``note`` is sealed already."""
    return {
        "review_id": review_id,
        "lead_id": lead_id,
        "procuratorate_id": procuratorate_id,
        "member_id": member_id,
        "state": ReviewState.OPENED,
        "note": note,
        "opened_at": now,
        "version": 1,
    }


def review_opened(row: Row) -> ReviewOpened:
    return ReviewOpened(
        lead_id=row["lead_id"],
        review_id=row["review_id"],
        procuratorate_id=row["procuratorate_id"],
        member_id=row["member_id"],
    )
