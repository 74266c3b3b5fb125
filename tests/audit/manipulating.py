"""Ways of lying with a copied database: as somebody would who can write its file."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.audit.chain import digest, genesis, link, sealed
from tests.audit.books import OURS

Row = dict[str, Any]
Rows = list[Row]
SELECT = "SELECT * FROM {} ORDER BY seq"
DELETE = "DELETE FROM {}"
INSERT = "INSERT INTO {} ({}) VALUES ({})"
TIMES = "%Y-%m-%d %H:%M:%S.%f"


@dataclass
class Copy:
    """The books of a service as somebody may change them. ``upto`` is the last row that the
    witness holds.
    """

    rows: Rows
    seals: Rows
    upto: int
    key: Ed25519PrivateKey

    def chain_again(self) -> None:
        """As if it had always been so; the seals stay."""
        prev = genesis(OURS)
        for row in self.rows:
            row["prev"], row["hash"] = prev, hashed(row, prev)
            prev = row["hash"]

    def seal_again(self) -> None:
        """With the service's own key."""
        hashes = {row["seq"]: row["hash"] for row in self.rows}
        self.seals = [seal for seal in self.seals if seal["seq"] in hashes]
        first = 1
        for seal in self.seals:
            seal["first"], seal["hash"] = first, hashes[seal["seq"]]
            self.sign(seal)
            first = seal["seq"] + 1

    def sign(self, seal: Row) -> None:
        said = sealed(OURS, seal["first"], seal["seq"], seal["hash"], instant(seal["at"]))
        seal["signature"] = self.key.sign(said)


Manipulation = Callable[[Copy, random.Random], None]


def hashed(row: Row, prev: bytes) -> bytes:
    body = digest({**row, "id": UUID(row["id"]), "at": instant(row["at"])})
    return link(prev, row["seq"], body, row["suite"])


def moved(at: str, by: timedelta) -> str:
    """A time as SQLite keeps it, earlier or later."""
    return (instant(at) + by).strftime(TIMES)


def instant(at: str) -> datetime:
    return datetime.strptime(f"{at}+0000", f"{TIMES}%z")


def changed(value: Any, chance: random.Random) -> Any:
    """Another value that the column would take."""
    if isinstance(value, bytes):
        return chance.randbytes(len(value))
    if isinstance(value, int):
        return value + chance.choice((-1, 1, 1000))
    if value is None:
        return "m-0001"
    try:
        return moved(value, timedelta(seconds=chance.choice((-9, 9, 86400))))
    except ValueError:
        return chance.choice((f"{value}x", value[:-1], "m-0001", None))


def edit(copy: Copy, chance: random.Random) -> None:
    row = chance.choice(copy.rows)
    column = chance.choice([name for name in row if name != "seq"])
    before = row[column]
    while row[column] == before:
        row[column] = changed(before, chance)


def edit_body(copy: Copy, chance: random.Random) -> None:
    """Who, what or how, in a way that can be hashed again."""
    row = chance.choice(copy.rows)
    row[chance.choice(("actor", "role", "action", "resource", "mask", "outcome"))] = "another"


def delete(copy: Copy, chance: random.Random) -> None:
    copy.rows.remove(chance.choice(copy.rows))


def insert(copy: Copy, chance: random.Random) -> None:
    place = chance.randrange(len(copy.rows) + 1)
    copy.rows.insert(place, {**chance.choice(copy.rows), "id": uuid4().hex})
    for seq, row in enumerate(copy.rows, start=1):
        row["seq"] = seq


def append(copy: Copy, chance: random.Random) -> None:
    """With the right hash, but unsealed."""
    last = copy.rows[-1]
    row = {**chance.choice(copy.rows), "id": uuid4().hex, "seq": last["seq"] + 1}
    row["prev"], row["hash"] = last["hash"], hashed(row, last["hash"])
    copy.rows.append(row)


def swap(copy: Copy, chance: random.Random) -> None:
    one, other = chance.sample(range(len(copy.rows)), 2)
    first, second = copy.rows[one], copy.rows[other]
    first["seq"], second["seq"] = second["seq"], first["seq"]


def renumber(copy: Copy, chance: random.Random) -> None:
    by = chance.choice((-1, 1, 5))
    for row in copy.rows[chance.randrange(len(copy.rows)) :]:
        row["seq"] += by + (1000 if by < 0 else 0)


def truncate(copy: Copy, chance: random.Random) -> None:
    """The end, and sometimes its seals with it; never only what no witness has."""
    last = chance.randrange(copy.upto)
    copy.rows = [row for row in copy.rows if row["seq"] <= last]
    if chance.random() < 0.5:
        copy.seals = [seal for seal in copy.seals if seal["seq"] <= last]


def chain_again(copy: Copy, chance: random.Random) -> None:
    """Edited and chained anew, by who has no key."""
    chance.choice((edit_body, delete_within, insert))(copy, chance)
    copy.chain_again()


def sign_again(copy: Copy, chance: random.Random) -> None:
    """By who has the key: only the witness knows better."""
    row = copy.rows[chance.randrange(copy.upto)]
    row["actor"] = f"m-{chance.randrange(9000, 9999)}"
    copy.chain_again()
    copy.seal_again()


def delete_within(copy: Copy, chance: random.Random) -> None:
    delete(copy, chance)
    for seq, row in enumerate(copy.rows, start=1):
        row["seq"] = seq


def drop_seals(copy: Copy, chance: random.Random) -> None:
    for seal in chance.sample(copy.seals, chance.randint(1, len(copy.seals))):
        copy.seals.remove(seal)


def edit_seal(copy: Copy, chance: random.Random) -> None:
    seal = chance.choice(copy.seals)
    column = chance.choice(list(seal))
    seal[column] = changed(seal[column], chance)


def restore(copy: Copy, chance: random.Random) -> None:
    """An older copy, whole in itself."""
    sealed_before = [seal["seq"] for seal in copy.seals if seal["seq"] < copy.upto]
    last = chance.choice(sealed_before)
    copy.rows = [row for row in copy.rows if row["seq"] <= last]
    copy.seals = [seal for seal in copy.seals if seal["seq"] <= last]


ALL: tuple[Manipulation, ...] = (
    edit,
    delete,
    insert,
    append,
    swap,
    renumber,
    truncate,
    chain_again,
    sign_again,
    drop_seals,
    edit_seal,
    restore,
)


def read(file: Path, table: str) -> Rows:
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(SELECT.format(table))]


def copied(source: Path, target: Path) -> None:
    """As an operator would take a copy."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


@contextmanager
def lying(file: Path) -> Iterator[sqlite3.Connection]:
    """Without the triggers and rules that would be in the way."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=MEMORY")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("BEGIN")
        yield connection
        connection.execute("COMMIT")


def unguarded(file: Path) -> None:
    """The same tables without keys and triggers, into which any lie can be written."""
    with lying(file) as connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in triggers.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for table in ("audit_log", "audit_seal", "audit_checkpoint"):
            connection.execute(f"CREATE TABLE free AS {SELECT.format(table)}")
            connection.execute(f"DROP TABLE {table}")
            connection.execute(f"ALTER TABLE free RENAME TO {table}")


def write(file: Path, table: str, rows: Rows) -> None:
    with lying(file) as connection:
        connection.execute(DELETE.format(table))
        for row in rows:
            places = ", ".join("?" * len(row))
            connection.execute(INSERT.format(table, ", ".join(row), places), (*row.values(),))
