"""Reads the played cases out of the seed: every row of every service that is about one of them,
with all that differs from case to case taken out.

An id becomes the four digits it ends with in a multiplied case, an instant the seconds since the
registration, what is sealed its plain text; what ids and numbers stand in texts becomes a sign.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Column, Table, Uuid

from services import registry
from services.mediation.models import DOSSIER, NOTES
from services.referral.models import TEXT_PURPOSE, WORDS_PURPOSE
from shared.auth.keys import Keyring
from shared.auth.sealing import Sealer
from shared.db.message_tables import inbox, key_counter, key_cursor, outbox
from shared.db.types import UtcDateTime
from tests.benchmarks.million.seeding import PHASE_DAYS, Seed

DAY = 86_400.0
CASES = "hemu.cases"
SERVICES = ("intake", "mediation", "referral", "ops")
LEFT_OUT = frozenset({"workloads", "tallies"})
SUBJECTS = frozenset({"subject", "key"})
PARTS = {"off": "part", "pub_offset": "pub_partition", "first_off": "first_part"}
"""Offsets, and beside which column each of them stands."""
SIGN, NUMBER_SIGN = "@@", "##"
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

SEALED: Mapping[tuple[str, str, str], tuple[str, str]] = {
    ("intake", "disputes", "sealed"): ("intake.case", "case"),
    ("intake", "leads", "sealed"): ("intake.lead", "case"),
    ("mediation", "dossiers", "sealed"): (DOSSIER, "case"),
    ("mediation", "sessions", "notes"): (NOTES, "session"),
    ("referral", "texts", "sealed"): (TEXT_PURPOSE, "case"),
    ("referral", "orders", "text"): (WORDS_PURPOSE, "order"),
    ("referral", "orders", "reason"): (WORDS_PURPOSE, "order"),
    ("referral", "orders", "reply"): (WORDS_PURPOSE, "order"),
    ("referral", "reviews", "note"): (WORDS_PURPOSE, "review"),
}
"""Purpose, and what the box is bound to, of each sealed column."""


@dataclass(frozen=True, kw_only=True)
class Template:
    """One played case. ``days`` is how long its life has taken, ``over`` whether it is over;
    ``events`` how many events there are about it.
    """

    number: int
    subject: str
    kind: str
    area: str
    route: str
    days: float
    over: bool
    events: int


@dataclass(kw_only=True)
class Rows:
    """The rows of one table, with the number of their template in front."""

    service: str
    table: Table
    columns: Sequence[str]
    rows: list[tuple[object, ...]] = field(default_factory=list)


def tables_of(service: str) -> Iterator[Table]:
    """Those that hold something about cases; of messaging what is kept for each event or key."""
    found = next(each for each in registry.load_all() if each.name == service)
    yield from (table for table in found.metadata.sorted_tables if table.name not in LEFT_OUT)
    yield from (key_cursor, inbox)
    if service != "ops":
        yield from (key_counter, outbox)


class Reading:
    """The seed, read once."""

    def __init__(self, home: Path, seed: Seed) -> None:
        self._home = home
        self._begun = [moment.timestamp() for moment in seed.begun]
        self._sealers: dict[tuple[str, str], Sealer] = {}
        self._ids: dict[str, dict[str, str]] = {}
        self._zero: dict[str, float] = {}
        self._ranks: dict[str, dict[tuple[int, int], int]] = {}
        self._numbers: dict[str, str] = {}
        self._events: dict[str, list[str]] = {}
        self._databases = {
            name: sqlite3.connect(f"file:{home / name}.sqlite?mode=ro", uri=True)
            for name in SERVICES
        }
        for database in self._databases.values():
            database.row_factory = sqlite3.Row
        self.templates = [
            self._template(number, played.subject) for number, played in enumerate(seed.played)
        ]

    def close(self) -> None:
        for database in self._databases.values():
            database.close()

    def tables(self) -> Iterator[Rows]:
        for service in SERVICES:
            for table in tables_of(service):
                names = [column.name for column in table.columns]
                if table is outbox:
                    names.remove("seq")
                found = Rows(service=service, table=table, columns=names)
                for template in self.templates:
                    for row in self._about(service, table, template.subject):
                        about = template.subject
                        values = (self._value(service, table, about, row, each) for each in names)
                        found.rows.append((template.number, *values))
                yield found

    def _template(self, number: int, subject: str) -> Template:
        ops = self._databases["ops"]
        [flow] = ops.execute("SELECT * FROM flows WHERE subject = ?", (subject,)).fetchall()
        hops = ops.execute(
            "SELECT * FROM hops WHERE subject = ? ORDER BY part, off", (subject,)
        ).fetchall()
        self._zero[subject] = _seconds(flow["registered_at"])
        self._numbers[subject] = flow["number"]
        self._ranks[subject] = {(hop["part"], hop["off"]): rank for rank, hop in enumerate(hops)}
        self._ids[subject] = {UUID(subject).hex: "0000"}
        self._events[subject] = [hop["event_id"] for hop in hops]
        ends = ("closed", "terminated", "not_accepted")
        last = max(self._since(subject, hop["seen_at"]) for hop in hops)
        return Template(
            number=number,
            subject=subject,
            kind=flow["kind"],
            area=flow["area"],
            route=flow["route"],
            days=last / DAY,
            over=flow["state"] in ends,
            events=len(hops),
        )

    def _about(self, service: str, table: Table, subject: str) -> list[sqlite3.Row]:
        database = self._databases[service]
        if table is inbox:
            statement = "SELECT * FROM inbox WHERE consumer = ? AND event_id = ?"
            events = self._events[subject]
            return [
                row
                for event_id in events
                for row in database.execute(statement, (service, event_id)).fetchall()
            ]
        column = _subject_column(table)
        wanted = UUID(subject).hex if isinstance(column.type, Uuid) else subject
        conditions = f'"{column.name}" = ?'
        if table is key_cursor:
            conditions += " AND consumer = ? AND source IN ('/intake', '/mediation', '/referral')"
            statement = f"SELECT * FROM key_cursor WHERE {conditions}"  # noqa: S608
            return database.execute(statement, (wanted, service)).fetchall()
        statement = f'SELECT * FROM "{table.name}" WHERE {conditions}'  # noqa: S608
        return database.execute(statement, (wanted,)).fetchall()

    def _value(
        self, service: str, table: Table, subject: str, row: sqlite3.Row, name: str
    ) -> object:
        column, value = table.columns[name], row[name]
        if value is None:
            return None
        if (service, table.name, name) in SEALED:
            return self._opened(service, table, row, name)
        if name in SUBJECTS:
            return "0000"
        if name in PARTS:
            return self._ranks[subject][(row[PARTS[name]], value)]
        if isinstance(column.type, UtcDateTime):
            return self._since(subject, value)
        return self._without_ids(column, subject, row, value)

    def _without_ids(
        self, column: "Column[object]", subject: str, row: sqlite3.Row, value: object
    ) -> object:
        if column.name == "held_on":
            return self._since(subject, row["recorded_at"])
        if isinstance(value, str):
            if isinstance(column.type, Uuid):
                return self._suffix(subject, value)
            return self._signs(subject, value)
        if column is outbox.c.data and isinstance(value, bytes):
            return self._signs(subject, value.decode())
        return value

    def _suffix(self, subject: str, identifier: str) -> str:
        known = self._ids[subject]
        return known.setdefault(identifier, f"{len(known):04x}")

    def _since(self, subject: str, text: str) -> float:
        """Seconds of the stretched life: from one phase to the next it takes days."""
        moment = _seconds(text)
        phase = max(
            (number for number, begun in enumerate(self._begun) if begun <= moment), default=0
        )
        start = self._begun[phase] if phase else self._zero[subject]
        return moment - start + PHASE_DAYS[phase] * DAY

    def _signs(self, subject: str, text: str) -> str:
        text = _UUID.sub(lambda found: SIGN + self._suffix(subject, UUID(found[0]).hex), text)
        return text.replace(self._numbers[subject], NUMBER_SIGN)

    def _opened(self, service: str, table: Table, row: sqlite3.Row, name: str) -> bytes:
        purpose, bound = SEALED[service, table.name, name]
        key = (service, purpose)
        if key not in self._sealers:
            secret = Keyring(self._home / "keys").secret(service)
            self._sealers[key] = Sealer(secret, purpose)
        return self._sealers[key].open(row[name], about=_about_of(bound, row, name))


def _about_of(bound: str, row: sqlite3.Row, name: str) -> str:
    if bound == "case":
        column = next(each for each in ("case_id", "lead_id", "id") if each in row.keys())  # noqa: SIM118
        return str(UUID(row[column]))
    if bound == "session":
        return f"{UUID(row['case_id'])}/{row['session_no']}"
    return f"{UUID(row[f'{bound}_id'])}:{name}"


def _subject_column(table: Table) -> "Column[object]":
    """The column that says which case a row is about."""
    names = ("subject", "key", "case_id", "lead_id", "id")
    return next(table.columns[name] for name in names if name in table.columns)


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
