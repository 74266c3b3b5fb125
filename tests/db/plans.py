"""How SQLite would answer what is asked of it, and what of that grows with the number of cases."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, event

GROWING = frozenset(
    {
        *("disputes", "leads", "mediations", "decisions", "dossiers", "sessions", "rooms"),
        *("appointments", "timeline", "texts", "orders", "reviews", "flows", "hops"),
        *("key_counter", "key_cursor", "inbox", "outbox", "idempotency"),
    }
)
"""Tables with a row per case, or more."""
OF_ONE_CASE = re.compile(r"\((?:case_id|lead_id|order_id|subject)=\?")
_TABLE = re.compile(r"^(?:SCAN|SEARCH) (\w+)")


@dataclass(frozen=True, kw_only=True)
class Statement:
    database: str
    text: str
    parameters: Any


@contextmanager
def statements() -> Iterator[list[Statement]]:
    """Every query that is run meanwhile, in any database of this process."""
    found: list[Statement] = []

    def note(
        connection: Connection, _cursor: object, text: str, parameters: object, *_more: object
    ) -> None:
        if text.startswith(("SELECT", "WITH")):
            database = connection.engine.url.database or ""
            found.append(Statement(database=database, text=text, parameters=parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def complaints(statement: Statement) -> Iterator[str]:
    """Why it would take longer with more cases: it reads a table or an index to its end, or sorts
    all that it finds.
    """
    connection = sqlite3.connect(statement.database)
    try:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {statement.text}", statement.parameters)
        rows = plan.fetchall()
    finally:
        connection.close()
    by_parent: dict[int, list[str]] = {}
    for _, parent, _, detail in rows:
        by_parent.setdefault(parent, []).append(detail)
    for details in by_parent.values():
        yield from _wrong(details, walks=" LIMIT " in statement.text)


def _wrong(details: Sequence[str], *, walks: bool) -> Iterator[str]:
    """``details`` are the steps of one loop; whether it may stop when it has enough."""
    first = details[0]
    for detail in details:
        table = _TABLE.match(detail)
        if table is None or table[1] not in GROWING:
            continue
        if detail.endswith("INDEX outbox_unpublished"):
            continue  # it holds what the relay has still to do, however much there was
        if detail.startswith("SCAN") and not (walks and "USING" in detail):
            yield detail
        if "AUTOMATIC" in detail or detail.endswith("(consumer=?)"):
            yield detail  # a service is the only consumer in its database
    sorts = any("TEMP B-TREE" in detail for detail in details)
    table = _TABLE.match(first)
    if sorts and table and table[1] in GROWING and not OF_ONE_CASE.search(first):
        yield f"{first}, then sorted"
