"""The rows that requests write: what a person did, or was shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import insert
from uuid_utils.compat import uuid7

from shared.auth.actor import Actor
from shared.db import Transaction
from shared.db.audit_tables import audit_new
from shared.db.prepared import Prepared

CHANGE = "change"
VIEW = "view"
DONE = "done"
REFUSED = "refused"

LEAD_FILED = "lead.file"
"""The action of a registration that carries no trace, whichever form it was filed with: a lead
that a dispute gives rise to looks like one that somebody has reported who is not signed in.
"""

MOST_FIELDS = 200
MOST_FILTERS = 300

_INSERT = Prepared(lambda _dialect: insert(audit_new))


@dataclass(kw_only=True)
class Doing:
    """What a request does. ``opened``: it has opened sealed particulars; ``withheld``: whoever
    asks is not to be told, nor exactly when.

    ``relation``, ``mask``, ``fields`` and ``reason`` are codes.
    """

    action: str
    resource: str | None = None
    request_id: str | None = None
    relation: str | None = None
    mask: str | None = None
    fields: tuple[str, ...] = ()
    filters: str | None = None
    reason: str | None = None
    opened: bool = False
    withheld: bool = False


def write_change(tx: Transaction, doing: Doing, actor: Actor) -> None:
    """The row of what the transaction does; it becomes durable with it. What must not be traced
    has a row of its own, from which nothing leads to another.
    """
    for row in _changes(tx, doing, actor):
        tx.queue(_INSERT, row)


def write_view(tx: Transaction, doing: Doing, actor: Actor) -> None:
    """The row of what is about to be shown."""
    shown = {
        "fields": ",".join(doing.fields)[:MOST_FIELDS] or None,
        "filters": (doing.filters or "")[:MOST_FILTERS] or None,
    }
    if doing.withheld:
        row = _untraced(doing.action, actor.main_role, minute(tx.now))
    else:
        row = _row(doing, actor, tx.now)
    tx.queue(_INSERT, {**row, **_about(doing), **shown, "kind": VIEW})


def write_refusal(tx: Transaction, doing: Doing, actor: Actor) -> None:
    """The row of what somebody tried, and was not granted."""
    tx.queue(_INSERT, {**_row(doing, actor, tx.now), **_about(doing), "outcome": REFUSED})


def minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)


def _changes(tx: Transaction, doing: Doing, actor: Actor) -> Iterator[dict[str, object]]:
    told = tx.told
    traced = [each.subject for each in told if not each.coarse]
    if traced or doing.resource or not told:
        resource = doing.resource or (traced[0] if traced else None)
        yield {**_row(doing, actor, tx.now), **_about(doing), "resource": resource}
    for each in told:
        if each.coarse:
            yield {**_untraced(LEAD_FILED, each.actor, each.at), "resource": each.subject}


def _row(doing: Doing, actor: Actor, at: datetime) -> dict[str, object]:
    return {
        **_EMPTY,
        "id": uuid7(),
        "at": at,
        "actor": actor.id,
        "role": actor.main_role,
        "organisation": actor.organisation_id,
        "action": doing.action,
        "request_id": doing.request_id,
    }


def _about(doing: Doing) -> dict[str, object]:
    return {
        "resource": doing.resource,
        "relation": doing.relation,
        "mask": doing.mask,
        "reason": doing.reason,
    }


def _untraced(action: str, actor: str, at: datetime) -> dict[str, object]:
    """``actor`` is a role here. The id is random: one made from the time would tell it."""
    return {**_EMPTY, "id": uuid4(), "at": at, "actor": actor, "role": actor, "action": action}


_EMPTY: dict[str, object] = {
    "kind": CHANGE,
    "organisation": None,
    "resource": None,
    "relation": None,
    "mask": None,
    "fields": None,
    "filters": None,
    "reason": None,
    "request_id": None,
    "outcome": DONE,
}
