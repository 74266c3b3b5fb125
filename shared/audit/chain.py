"""How a row is hashed onto the one before, and what a seal signs. The verifier says the same in its
own words (shared/audit/verifier.py): it must not trust this code.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from shared.db.audit_tables import BODY

SUITE = 1
"""SHA-256 and Ed25519; another number when they are replaced one day."""

CHECKPOINT_ROWS = 1000
"""As many rows at most lie between two checkpoints."""


def genesis(service: str) -> bytes:
    """What the first row follows: each service's own, so that no chain passes for another's."""
    return sha256(b"audit-v1\0genesis\0" + service.encode()).digest()


def digest(row: Mapping[str, object]) -> bytes:
    """Of what the row tells: ids as 32 hex digits, times in UTC with microseconds, else text."""
    return sha256(_written([_plain(row[name]) for name in BODY])).digest()


def link(prev: bytes, seq: int, body: bytes, suite: int = SUITE) -> bytes:
    """The hash of a row with this digest."""
    return sha256(b"audit-v1\0" + prev + seq.to_bytes(8, "big") + bytes([suite]) + body).digest()


def sealed(service: str, first: int, seq: int, head: bytes, at: datetime) -> bytes:
    """What is signed. No token could be taken for it: those begin with Base64 and no bracket."""
    return _written(["audit-seal-v1", service, first, seq, head.hex(), _plain(at)])


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.hex if isinstance(value, UUID) else value


def _written(values: list[object]) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode()
