"""Keys of an installation, and a clock that can be moved."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.auth.keys import Keyring

NOW = datetime(2026, 5, 4, 1, 30, tzinfo=UTC)


class MovableClock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def keys(tmp_path: Path) -> Keyring:
    keyring = Keyring(tmp_path / "keys")
    for name in ("directory", "mediation", "intake"):
        keyring.make(name)
    return keyring
