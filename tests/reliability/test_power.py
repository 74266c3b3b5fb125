"""After a power cut every acknowledged change is there, and every file is whole."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import needed
from tests.e2e.system import System
from tests.reliability.books import settle
from tests.reliability.disk import FaultyDisk, folder_in_memory, library
from tests.reliability.filing import Filing
from tests.reliability.power import cut_often, whole
from tests.reliability.size import SIZE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120 * SIZE)]

CUTS = 20
MUTANT_CUTS = 5


@pytest.fixture(autouse=True)
def _compiler() -> None:
    needed(library)


@pytest.fixture
def folder() -> Iterator[Path]:
    found = folder_in_memory("hemu-power-")
    yield found
    shutil.rmtree(found)


def test_what_a_commit_or_an_append_said_is_there_after_every_power_cut() -> None:
    ledger = cut_often(CUTS * SIZE, seed=1)

    assert ledger.missing == []
    assert ledger.acknowledged > CUTS * 20


def test_commits_that_do_not_wait_for_the_disk_are_missed_after_a_power_cut() -> None:
    ledger = cut_often(MUTANT_CUTS, seed=1, mutant="NORMAL")

    assert ledger.missing


def test_after_power_cuts_of_the_whole_system_every_201_is_routed_once(folder: Path) -> None:
    home = folder / "home"
    home.mkdir(mode=0o700)
    disk = FaultyDisk(folder / "disk", home, power=True)
    chance = random.Random(1)
    with (
        System(home, **disk.environment) as system,
        Filing(system.url, clients=3) as filing,
    ):
        secrets = _keys(home)
        for cut in range(2 * SIZE):
            filing.until(filing.accepted.count + 25)
            system.kill_all()
            disk.cut(chance if cut % 2 else None)
            assert whole(home) == []
            assert _keys(home) == secrets
            disk.settle()
            system.start()
        filing.until(filing.accepted.count + 10)
        filing.stop()
        settle(system, filing.accepted)


def _keys(home: Path) -> dict[str, bytes]:
    """Without them what is sealed cannot be read, nor a repeated request be known again."""
    return {path.name: path.read_bytes() for path in (home / "keys").glob("*")}
