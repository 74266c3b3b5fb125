"""Encryption of what a service keeps about people, and the fingerprints of receipts.

One 32-byte secret per service; a separate key is derived from it for each purpose, so that a box
of one purpose cannot be opened as another's.
"""

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12


class CannotOpen(Exception):
    """The box was made with another key or for another purpose, or was changed."""


class Sealer:
    """Seals bytes for one purpose (AES-256-GCM) and makes keyed fingerprints (HMAC-SHA-256)."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        key = HKDF(algorithm=SHA256(), length=64, salt=None, info=purpose.encode()).derive(secret)
        self._box = AESGCM(key[:32])
        self._fingerprint_key = key[32:]

    def seal(self, plain: bytes, *, about: str) -> bytes:
        """``about`` (the id of what it belongs to) is bound to the box, not hidden in it."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._box.encrypt(nonce, plain, about.encode())

    def open(self, sealed: bytes, *, about: str) -> bytes:
        """Raises CannotOpen."""
        try:
            return self._box.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
        except (InvalidTag, ValueError) as error:
            raise CannotOpen(about) from error

    def fingerprint(self, text: str) -> str:
        """The same for the same text, and of no use to whoever lacks the secret."""
        return hmac.digest(self._fingerprint_key, text.encode(), "sha256").hex()
