"""The books after a fault: what was accepted is decided exactly once, and heard by everybody."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
from sqlalchemy import create_engine, func, select

from shared.db.message_tables import (
    dead_letter,
    inbox,
    key_counter,
    key_cursor,
    outbox,
    parked_key,
)
from shared.settings import SERVICES, Settings
from tests.e2e.system import System
from tests.eventually import eventually
from tests.reliability.filing import Accepted

RECOVERY = 60.0
"""Seconds after the last fault within which everything must be done (I9)."""
LISTENERS = ("intake", "mediation", "referral", "ops")
REGISTERED = {
    "intake.dispute.registered.v1": "mediation.dispute.routed.v1",
    "intake.lead.registered.v1": "referral.lead.routed.v1",
}


@dataclass(frozen=True, kw_only=True)
class Books:
    """What stands in the databases of one service."""

    events: Mapping[str, tuple[str, str]]  # key and type by event id
    heard: frozenset[str]
    emitted: Mapping[str, int]
    followed: Mapping[tuple[str, str], int]
    aside: int
    unpublished: int

    @classmethod
    def of(cls, url: str) -> "Books":
        engine = create_engine(url)
        try:
            with engine.connect() as connection:

                def rows(*columns: Any) -> Iterable[Any]:
                    return connection.execute(select(*columns)).all()

                return cls(
                    events={
                        str(row.event_id): (row.key, row.type)
                        for row in rows(outbox.c.event_id, outbox.c.key, outbox.c.type)
                    },
                    heard=frozenset(str(row.event_id) for row in rows(inbox.c.event_id)),
                    emitted={
                        row.key: row.last for row in rows(key_counter.c.key, key_counter.c.last)
                    },
                    followed={
                        (row.source, row.key): row.kseq
                        for row in rows(key_cursor.c.source, key_cursor.c.key, key_cursor.c.kseq)
                    },
                    aside=sum(
                        row[0]
                        for table in (parked_key.c.key, dead_letter.c.id)
                        for row in rows(func.count(table))
                    ),
                    unpublished=sum(
                        1 for row in rows(outbox.c.published_at) if row.published_at is None
                    ),
                )
        finally:
            engine.dispose()


def settle(system: System, accepted: Accepted, seconds: float = RECOVERY) -> float:
    """Wait until the running system says that all is done, then read its books; the seconds it
    took. Fails when anything that was accepted is lost, doubled, out of order or left over.
    """
    started = time.monotonic()
    deadline = started + seconds
    eventually(partial(_reconciled, system), seconds)
    eventually(
        partial(_right, database_urls(system), accepted), max(5.0, deadline - time.monotonic())
    )
    took = time.monotonic() - started
    assert took < seconds
    return took


def _reconciled(system: System) -> bool:
    with system.client("ops") as client:
        response = client.get("/ops/api/v1/reconciliation")
    assert response.status_code == httpx.codes.OK, response.text
    found = response.json()
    assert (found["unexplained"], found["waiting"]) == (0, 0), found
    return True


def _right(urls: Mapping[str, str], accepted: Accepted) -> bool:
    wrong = wrong_in(urls, accepted)
    assert wrong == [], (len(wrong), wrong[:5])
    return True


def database_urls(system: System) -> Mapping[str, str]:
    settings = Settings.from_env(system.settings)
    return {name: settings.database_url(name) for name in SERVICES}


def wrong_in(urls: Mapping[str, str], accepted: Accepted) -> list[str]:
    """What contradicts that each accepted case took place exactly once, everywhere."""
    books = {name: Books.of(url) for name, url in urls.items()}
    events = [event for each in books.values() for event in each.events.values()]
    wrong = list(_wrongly_decided(events, accepted))
    for name, each in books.items():
        if each.aside or each.unpublished:
            wrong.append(f"{name}: {each.aside} set aside, {each.unpublished} unpublished")
    for name in LISTENERS:
        wrong += _unheard(name, books)
    return wrong


def _wrongly_decided(events: Iterable[tuple[str, str]], accepted: Accepted) -> Iterable[str]:
    count = Counter(events)
    for registered, routed in REGISTERED.items():
        cases = {key for key, kind in count if kind in {registered, routed}}
        for case in cases:
            found = count[case, registered], count[case, routed]
            if found != (1, 1):
                yield f"{case}: {registered} and {routed} {found} times"
    for case in (*accepted.disputes, *accepted.leads):
        if not any(count[case, registered] for registered in REGISTERED):
            yield f"{case}: accepted and lost"
    disputes = sum(1 for _, kind in count if kind == "intake.dispute.registered.v1")
    if disputes != len(set(accepted.disputes)):
        yield f"{disputes} disputes for {len(set(accepted.disputes))} keys"


def _unheard(listener: str, books: Mapping[str, Books]) -> Iterable[str]:
    mine = books[listener]
    for name, each in books.items():
        missing = each.events.keys() - mine.heard
        if missing:
            yield f"{listener} has not heard {len(missing)} of {name}"
        for key, last in each.emitted.items():
            if mine.followed.get((f"/{name}", key)) != last:
                yield f"{listener} is at {mine.followed.get((f'/{name}', key))} of {last}, {key}"
