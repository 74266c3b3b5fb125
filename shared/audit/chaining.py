"""Moves new rows into the chain, a bounded number at a time, and seals them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Row, delete, or_, select

from shared.audit.chain import SUITE, digest, genesis, link, sealed
from shared.db import Database
from shared.db.audit_tables import BODY, audit_log, audit_new, audit_seal
from shared.failpoints import reach

BATCH = 500
UNTRACED_WAIT = timedelta(minutes=1)
"""A row that must not point to the request it comes from (it has no request id) waits until its
minute is over, and is then moved with all others of that minute, in the order of random ids.
"""


class ChainBroken(Exception):
    """The end of the chain is not what was sealed: somebody has been at it."""


def chain(database: Database, key: Ed25519PrivateKey) -> int:
    """Move what is there, ``BATCH`` rows at most; how many. One process per service does.

    Hashing happens before the transaction, in which others wait for their turn. Should two
    processes do it at once after all, ``prev`` is unique: one of them fails.
    Raises ChainBroken; the rows then wait where they are.
    """
    now = database.clock()
    with database.looking() as connection:
        new = _new(connection, now)
        if not new:
            return 0
        head, last = _end(connection, database.name)
    rows = _linked(new, head)
    seal = _sealed(database.name, rows, max(now, last or now), key)
    reach("audit.linked")
    with database.transaction() as tx:
        for row in rows:
            tx.insert(audit_log, row)
        tx.insert(audit_seal, seal)
        tx.execute(delete(audit_new).where(audit_new.c.id.in_([row["id"] for row in rows])))
        reach("audit.moved")
    return len(rows)


def _new(connection: Connection, now: datetime) -> Sequence[Row[Any]]:
    traced = audit_new.c.request_id.is_not(None)
    over = audit_new.c.at <= now - UNTRACED_WAIT
    query = select(*audit_new.c).where(or_(traced, over)).order_by(audit_new.c.id).limit(BATCH)
    return connection.execute(query).all()


def _end(connection: Connection, service: str) -> tuple[tuple[int, bytes], datetime | None]:
    """The last row's number and hash, and when it was sealed; raises ChainBroken."""
    row = connection.execute(select(audit_log).order_by(audit_log.c.seq.desc()).limit(1)).first()
    seal = connection.execute(select(audit_seal).order_by(audit_seal.c.seq.desc()).limit(1)).first()
    if row is None and seal is None:
        return (0, genesis(service)), None
    if row is None or seal is None or (row.seq, row.hash) != (seal.seq, seal.hash):
        raise ChainBroken("The newest row and the newest seal do not agree.")
    if link(row.prev, row.seq, digest(row._asdict()), row.suite) != row.hash:
        raise ChainBroken("The newest row is not what was sealed.")
    return (row.seq, row.hash), seal.at


def _sealed(
    service: str, rows: Sequence[dict[str, Any]], at: datetime, key: Ed25519PrivateKey
) -> dict[str, Any]:
    first, seq, head = rows[0]["seq"], rows[-1]["seq"], rows[-1]["hash"]
    signature = key.sign(sealed(service, first, seq, head, at))
    return {"seq": seq, "first": first, "hash": head, "at": at, "signature": signature}


def _linked(new: Sequence[Row[Any]], head: tuple[int, bytes]) -> list[dict[str, Any]]:
    seq, prev = head
    rows = []
    for each in new:
        seq += 1
        body = dict(zip(BODY, each, strict=True))
        found = link(prev, seq, digest(body))
        rows.append({"seq": seq, **body, "suite": SUITE, "prev": prev, "hash": found})
        prev = found
    return rows
