"""Keys are made once, whole, and readable by us only."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from shared.auth.keys import SECRET_BYTES, Keyring


def test_the_public_key_checks_what_the_private_one_signed(keys: Keyring) -> None:
    signature = keys.signing("intake").sign(b"message")

    keys.verifying("intake").verify(signature, b"message")


def test_keys_stay_the_same_when_they_are_made_again(keys: Keyring) -> None:
    before = keys.secret("intake"), keys.signing("intake").private_bytes_raw()

    keys.make("intake")

    assert (keys.secret("intake"), keys.signing("intake").private_bytes_raw()) == before


def test_only_the_owner_can_read_them(keys: Keyring, tmp_path: Path) -> None:
    folder = tmp_path / "keys"

    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert len(keys.secret("intake")) == SECRET_BYTES


def test_processes_that_start_together_end_up_with_the_same_keys(tmp_path: Path) -> None:
    def start(_number: int) -> tuple[bytes, bytes]:
        keyring = Keyring(tmp_path / "keys")
        keyring.make("intake")
        return keyring.secret("intake"), keyring.signing("intake").private_bytes_raw()

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(start, range(8)))

    assert len(found) == 1
    assert not list((tmp_path / "keys").glob(".*"))


def test_a_key_of_another_kind_is_refused(keys: Keyring, tmp_path: Path) -> None:
    other = generate_private_key(SECP256R1())
    (tmp_path / "keys" / "intake.key").write_bytes(
        other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )

    with pytest.raises(TypeError, match="Ed25519"):
        keys.signing("intake")
