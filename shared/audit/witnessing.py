"""Keeps the seals of another service, if they follow from those that are here already.

The offered rows come as digests of 32 bytes, from which nobody learns what they tell; with them the
witness works the chain out by itself. So a service that has rewritten what was witnessed is found
at its next checkpoint, whoever has its key.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from shared.audit.chain import genesis, link, sealed
from shared.db import Transaction
from shared.db.audit_tables import audit_checkpoint

DIGEST = 32


class Refusal(StrEnum):
    NOT_NEWER = "not_newer"
    EARLIER = "earlier"
    DOES_NOT_FOLLOW = "does_not_follow"
    NOT_SIGNED = "not_signed"


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A seal, and the digests of all rows since the last one that the witness has."""

    first: int
    seq: int
    hash: bytes
    at: datetime
    signature: bytes
    digests: bytes


def newest(session: Session, service: str) -> int:
    """Up to which row the service is witnessed here; 0 for not at all."""
    found = session.execute(_newest(service)).first()
    return found.seq if found else 0


def keep(tx: Transaction, service: str, offered: Offered, key: Ed25519PublicKey) -> Refusal | None:
    """Why it is not kept; None when it is."""
    refusal = _refusal(tx, service, offered, key)
    if refusal is None:
        row = {name: getattr(offered, name) for name in ("first", "seq", "hash", "at", "signature")}
        tx.insert(audit_checkpoint, {"service": service, **row, "received_at": tx.now})
    return refusal


def _refusal(
    tx: Transaction, service: str, offered: Offered, key: Ed25519PublicKey
) -> Refusal | None:
    last = tx.execute(_newest(service)).first()
    seq, head = (last.seq, last.hash) if last else (0, genesis(service))
    if offered.seq <= seq:
        return Refusal.NOT_NEWER
    if last and offered.at < last.at:
        return Refusal.EARLIER
    for body in _split(offered.digests):
        seq += 1
        head = link(head, seq, body)
    if (seq, head) != (offered.seq, offered.hash):
        return Refusal.DOES_NOT_FOLLOW
    try:
        signed = sealed(service, offered.first, offered.seq, offered.hash, offered.at)
        key.verify(offered.signature, signed)
    except InvalidSignature:
        return Refusal.NOT_SIGNED
    return None


def _split(digests: bytes) -> Iterator[bytes]:
    for start in range(0, len(digests), DIGEST):
        yield digests[start : start + DIGEST]


def _newest(service: str) -> Select[tuple[int, bytes, datetime]]:
    held = audit_checkpoint.c
    return (
        select(held.seq, held.hash, held.at)
        .where(held.service == service)
        .order_by(held.seq.desc())
        .limit(1)
    )
