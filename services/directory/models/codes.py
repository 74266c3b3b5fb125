"""Random codes that people copy: Crockford's base 32, which has no I, L, O and U."""

import hashlib
import secrets
import unicodedata

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 24
"""120 bits: nobody tries them all, so a plain hash is enough."""
GROUP = 4
TOKEN_PREFIX = "hemu_"  # noqa: S105 – lets a scanner of repositories recognise one
TOKEN_BYTES = 32
LONGEST = 200

_MISREAD = str.maketrans({"o": "0", "i": "1", "l": "1"})


def new_code() -> str:
    """``7k3m-…``, six groups of four."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(drawn[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def code_hash(typed: str) -> bytes:
    """The same however it was typed: in capitals, full width, with or without dashes."""
    plain = unicodedata.normalize("NFKC", typed[:LONGEST]).lower().translate(_MISREAD)
    return _sha256("".join(letter for letter in plain if letter in ALPHABET))


def new_token() -> str:
    """What a browser or a script holds: 256 bits."""
    return TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> bytes:
    return _sha256(token[:LONGEST])


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="replace")).digest()
