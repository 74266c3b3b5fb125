"""Telling what happened: one event, and one line in the case's timeline."""

from collections.abc import Mapping

from services.mediation.models import timeline
from shared.db import Transaction
from shared.events import DisputeEvent


def announce(
    tx: Transaction,
    event: DisputeEvent,
    *,
    before: str | None,
    after: str,
    details: Mapping[str, object],
) -> None:
    """``before`` and ``after`` are the states of the mediation; None before there was one."""
    event_id = tx.emit(event)
    row = {
        "case_id": event.case_id,
        "event_id": event_id,
        "at": tx.now,
        "event_type": event.event_type,
        "actor": tx.actor,
        "role": tx.role,
        "state_before": before,
        "state_after": after,
        "details": details,
    }
    tx.insert(timeline, row)
