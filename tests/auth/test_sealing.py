"""What is sealed can be opened with the same key, for the same purpose, about the same thing."""

import os

import pytest

from shared.auth.sealing import NONCE_BYTES, CannotOpen, Sealer

SECRET = bytes(range(32))
PLAIN = "张三，13800000001".encode()


@pytest.fixture
def sealer() -> Sealer:
    return Sealer(SECRET, "party")


def test_what_was_sealed_can_be_opened(sealer: Sealer) -> None:
    sealed = sealer.seal(PLAIN, about="case-1")

    assert sealer.open(sealed, about="case-1") == PLAIN
    assert PLAIN not in sealed


def test_the_same_text_is_never_sealed_the_same_way(sealer: Sealer) -> None:
    assert sealer.seal(PLAIN, about="case-1") != sealer.seal(PLAIN, about="case-1")


@pytest.mark.parametrize(
    "other", [Sealer(SECRET, "receipt"), Sealer(os.urandom(32), "party")], ids=["purpose", "secret"]
)
def test_another_purpose_or_secret_cannot_open_it(sealer: Sealer, other: Sealer) -> None:
    sealed = sealer.seal(PLAIN, about="case-1")

    with pytest.raises(CannotOpen):
        other.open(sealed, about="case-1")


def test_a_box_moved_to_another_case_cannot_be_opened(sealer: Sealer) -> None:
    sealed = sealer.seal(PLAIN, about="case-1")

    with pytest.raises(CannotOpen):
        sealer.open(sealed, about="case-2")


@pytest.mark.parametrize("position", [0, NONCE_BYTES, -1])
def test_a_changed_box_cannot_be_opened(sealer: Sealer, position: int) -> None:
    sealed = bytearray(sealer.seal(PLAIN, about="case-1"))
    sealed[position] ^= 1

    with pytest.raises(CannotOpen):
        sealer.open(bytes(sealed), about="case-1")


@pytest.mark.parametrize("garbage", [b"", b"short", bytes(NONCE_BYTES)])
def test_garbage_cannot_be_opened(sealer: Sealer, garbage: bytes) -> None:
    with pytest.raises(CannotOpen):
        sealer.open(garbage, about="case-1")


def test_a_fingerprint_is_stable_and_keyed(sealer: Sealer) -> None:
    fingerprint = sealer.fingerprint("ABCD-EFGH")

    assert fingerprint == Sealer(SECRET, "party").fingerprint("ABCD-EFGH")
    assert fingerprint != sealer.fingerprint("ABCD-EFGJ")
    assert fingerprint != Sealer(SECRET, "receipt").fingerprint("ABCD-EFGH")
    assert fingerprint != Sealer(os.urandom(32), "party").fingerprint("ABCD-EFGH")
