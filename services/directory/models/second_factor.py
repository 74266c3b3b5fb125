"""The second factor: codes of an app (TOTP, RFC 6238), each good for one use."""

import hmac
from datetime import datetime

import pyotp
import segno

from services.directory.models.codes import new_code

ISSUER = "Hemu 和睦"
SEED = "directory.seed"
"""For which purpose seeds are sealed."""
STEP_SECONDS = 30
SLACK = 1
"""Steps that a clock may be off."""
RECOVERY_CODES = 10


def new_seed() -> bytes:
    return pyotp.random_base32().encode()


def used_step(seed: bytes, typed: str, *, now: datetime, last_step: int) -> int | None:
    """The step whose code was typed, or None for a wrong one, and one that was used before."""
    app = pyotp.TOTP(seed.decode())
    plain = "".join(typed.split())
    here = int(now.timestamp()) // STEP_SECONDS
    for step in range(here - SLACK, here + SLACK + 1):
        if step > last_step and hmac.compare_digest(
            app.at(step * STEP_SECONDS).encode(), plain.encode(errors="replace")
        ):
            return step
    return None


def picture(seed: bytes, login: str) -> str:
    """A QR code for the app, as the address of an image."""
    address = pyotp.TOTP(seed.decode()).provisioning_uri(name=login, issuer_name=ISSUER)
    found: str = segno.make(address, error="m").svg_data_uri(scale=5, border=2)
    return found


def spelt(seed: bytes) -> str:
    """For who cannot scan: groups of four."""
    text = seed.decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def new_recovery_codes() -> tuple[str, ...]:
    return tuple(new_code() for _ in range(RECOVERY_CODES))
