"""Multiplies the rows of the played cases in SQL, one statement per table, one database at a time.

Nobody may use the home meanwhile: for speed the files are written without a journal, and the
indexes are made again when all rows are there.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, LargeBinary, Uuid

from services.mediation.lifecycle import TERMINAL
from shared.auth.keys import Keyring
from shared.auth.sealing import Sealer
from shared.db.message_tables import inbox, outbox
from shared.db.types import UtcDateTime
from tests.benchmarks.million.templates import (
    CASES,
    NUMBER_SIGN,
    SEALED,
    SIGN,
    SUBJECTS,
    Rows,
)

KEPT_SECONDS = 34.5 * 86_400
"""Outbox and inbox hold about so much of the past (shared/messaging/relay.py)."""
AGED = {outbox.name: "published_at", inbox.name: "processed_at"}
SETTINGS = ("journal_mode=OFF", "synchronous=OFF", "cache_size=-600000")
PLAN = """
CREATE TABLE plan (
    number INTEGER PRIMARY KEY, template INTEGER, head TEXT, dashed TEXT, at REAL, seq INTEGER,
    registration TEXT, part INTEGER, first_off INTEGER
)
"""


@dataclass(frozen=True, kw_only=True)
class Files:
    """``plan`` is the database of the plan and of the played rows."""

    home: Path
    plan: Path


def write_templates(connection: sqlite3.Connection, rows: Rows) -> None:
    name = template_table(rows.service, rows.table.name)
    columns = ", ".join(f'"{column}"' for column in rows.columns)
    connection.execute(f"CREATE TABLE {name} (template INTEGER, {columns})")
    holes = ", ".join("?" * (len(rows.columns) + 1))
    connection.executemany(f"INSERT INTO {name} VALUES ({holes})", rows.rows)  # noqa: S608
    connection.execute(f"CREATE INDEX {name}_of ON {name} (template)")


def template_table(service: str, table: str) -> str:
    return f"rows_{service}_{table}"


def statements(tables: Sequence[Rows], service: str, now: float) -> list[str]:
    """What multiplies the tables of one service; ``now`` in seconds."""
    return [_statement(rows, now) for rows in tables if rows.service == service and rows.rows]


def multiply(files: Files, service: str, work: Sequence[str]) -> None:
    """Everything of one service: ``work`` are its statements."""
    connection = sqlite3.connect(files.home / f"{service}.sqlite", isolation_level=None)
    for setting in SETTINGS:
        connection.execute(f"PRAGMA main.{setting}").fetchall()
    connection.execute("ATTACH ? AS planned", (str(files.plan),))
    secret = Keyring(files.home / "keys").secret(service)
    for purpose in {purpose for (of, _, _), (purpose, _) in SEALED.items() if of == service}:
        sealer = Sealer(secret, purpose)
        name = _function(purpose)
        connection.create_function(name, 2, lambda text, about, s=sealer: s.seal(text, about=about))
    indexes = connection.execute(
        "SELECT name, sql FROM main.sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    connection.execute("BEGIN")
    for name, _ in indexes:
        connection.execute(f'DROP INDEX "{name}"')
    for statement in work:
        connection.execute(statement)
    for _, statement in indexes:
        connection.execute(statement)
    _place(connection, service)
    connection.execute("COMMIT")
    connection.execute("PRAGMA main.journal_mode=WAL").fetchall()
    connection.close()


def _statement(rows: Rows, now: float) -> str:
    columns = ", ".join(f'"{name}"' for name in rows.columns)
    values = ", ".join(_expression(rows, rows.table.columns[name]) for name in rows.columns)
    source = template_table(rows.service, rows.table.name)
    statement = (
        f'INSERT INTO main."{rows.table.name}" ({columns}) SELECT {values} '  # noqa: S608
        f"FROM planned.plan p CROSS JOIN planned.{source} t ON t.template = p.template"
    )
    if rows.table.name in AGED:
        statement += f' WHERE p.at + t."{AGED[rows.table.name]}" > {now - KEPT_SECONDS}'
    return statement + " ORDER BY p.number"


def _expression(rows: Rows, column: "Column[object]") -> str:
    """What a column is in a multiplied case, from the plan ``p`` and the played row ``t``."""
    name = column.name
    value = f't."{name}"'
    sealed = SEALED.get((rows.service, rows.table.name, name))
    if sealed:
        purpose, bound = sealed
        box = f"{_function(purpose)}({value}, {_bound(bound, name)})"
        return f"CASE WHEN {value} IS NULL THEN NULL ELSE {box} END"
    if name in BY_NAME:
        return BY_NAME[name].format(value=value)
    if name == "held_on" or isinstance(column.type, UtcDateTime | Uuid):
        return _by_type(column, value)
    return _text(rows, name, value) if _has_signs(rows, name) else value


BY_NAME = {
    "receipt": "lower(hex(randomblob(32)))",
    "seq": "p.seq",
    "number": "p.registration",
    **dict.fromkeys(("part", "pub_partition", "first_part"), "p.part"),
    **dict.fromkeys(("off", "pub_offset", "first_off"), "p.first_off + {value}"),
    **dict.fromkeys(SUBJECTS, "p.dashed || {value}"),
}


def _by_type(column: "Column[object]", value: str) -> str:
    if isinstance(column.type, Uuid):
        return f"p.head || {value}"
    if isinstance(column.type, UtcDateTime):
        return f"strftime('%Y-%m-%d %H:%M:%f', p.at + {value}, 'unixepoch') || '000'"
    return f"date(p.at + {value}, 'unixepoch')"


def _has_signs(rows: Rows, name: str) -> bool:
    at = list(rows.columns).index(name) + 1
    values = (row[at] for row in rows.rows)
    return any(
        isinstance(value, str) and (SIGN in value or NUMBER_SIGN in value) for value in values
    ) or (rows.table is outbox and name == "data")


def _text(rows: Rows, name: str, value: str) -> str:
    replaced = f"replace(replace({value}, '{SIGN}', p.dashed), '{NUMBER_SIGN}', p.registration)"
    blob = isinstance(rows.table.columns[name].type, LargeBinary)
    return f"CAST({replaced} AS BLOB)" if blob else replaced


def _bound(bound: str, name: str) -> str:
    match bound:
        case "case":
            return "p.dashed || '0000'"
        case "session":
            return "p.dashed || '0000/' || t.session_no"
        case _:
            return f"p.dashed || t.{bound}_id || ':{name}'"


def _function(purpose: str) -> str:
    return "seal_" + purpose.replace(".", "_")


def _place(connection: sqlite3.Connection, service: str) -> None:
    """The consumer has read all there is now; mediators have their open cases."""
    ends = connection.execute("SELECT part, next_off FROM planned.ends").fetchall()
    for part, following in ends:
        connection.execute(
            "UPDATE main.consumer_offset SET next_off = ? WHERE topic = ? AND part = ?",
            (following, CASES, part),
        )
    if service == "ops":
        connection.execute("DELETE FROM main.tallies")
        connection.execute(
            "INSERT INTO main.tallies SELECT first_part, count(*) FROM main.flows GROUP BY 1"
        )
    if service == "mediation":
        over = ", ".join(f"'{state}'" for state in sorted(TERMINAL))
        connection.execute("DELETE FROM main.workloads")
        connection.execute(
            "INSERT INTO main.workloads SELECT mediator_id, count(*) FROM main.mediations "  # noqa: S608
            f"WHERE mediator_id IS NOT NULL AND state NOT IN ({over}) GROUP BY 1"
        )


def read_ends(home: Path) -> dict[int, int]:
    """Where the log of the seed ends."""
    connection = sqlite3.connect(home / "log.sqlite")
    found = connection.execute(
        "SELECT part, max(off) + 1 FROM log WHERE topic = ? GROUP BY part", (CASES,)
    ).fetchall()
    connection.close()
    return dict(found)


def read_running(home: Path) -> dict[str, int]:
    connection = sqlite3.connect(home / "intake.sqlite")
    found = {
        kind: connection.execute(f"SELECT max(seq) FROM {table}").fetchone()[0]  # noqa: S608
        for kind, table in (("dispute", "disputes"), ("lead", "leads"))
    }
    connection.close()
    return found
