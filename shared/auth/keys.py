"""The keys of an installation: files in one folder, made at the first start, readable by us only.

``NAME.key`` is the private Ed25519 key of a token issuer (``directory`` for people, each service
for itself), ``NAME.pub`` its public half; ``NAME.secret`` is 32 random bytes for a service's own
encryption and receipts. In a cluster each service gets its own ``.key`` and ``.secret`` and
everybody's ``.pub``.
"""

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from shared.durable import sync_folder, write_new

SECRET_BYTES = 32


class Keyring:
    """Keys by name; a missing one is made when it is asked for as ours."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, name: str) -> None:
        """Make the keys of ``name`` unless they are there; safe when several processes try."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = Ed25519PrivateKey.generate()
        self._put(
            f"{name}.key", key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        self._put(
            f"{name}.pub",
            self.signing(name)
            .public_key()
            .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        )
        self._put(f"{name}.secret", secrets.token_bytes(SECRET_BYTES))
        for folder in (self._folder, self._folder.parent):  # a power cut may lose an entry, else
            sync_folder(folder)

    def signing(self, name: str) -> Ed25519PrivateKey:
        key = load_pem_private_key((self._folder / f"{name}.key").read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError(f"{name}.key is not an Ed25519 key")
        return key

    def verifying(self, name: str) -> Ed25519PublicKey:
        key = load_pem_public_key((self._folder / f"{name}.pub").read_bytes())
        if not isinstance(key, Ed25519PublicKey):
            raise TypeError(f"{name}.pub is not an Ed25519 key")
        return key

    def public_file(self, name: str) -> Path:
        """For who verifies by other means."""
        return self._folder / f"{name}.pub"

    def secret(self, name: str) -> bytes:
        return (self._folder / f"{name}.secret").read_bytes()

    def _put(self, name: str, content: bytes) -> None:
        """Write once and whole: the first process to link its file wins."""
        target = self._folder / name
        if target.exists():
            return
        draft = self._folder / f".{name}.{secrets.token_hex(8)}"
        write_new(draft, content)
        try:
            os.link(draft, target)
        except FileExistsError:
            pass  # another process was first; its key counts
        finally:
            draft.unlink()
