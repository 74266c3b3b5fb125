"""A full disk, and one that cannot sync: 503 and never a 201 for what is not durable; it goes on by
itself when there is room.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import needed
from tests.e2e.system import System
from tests.eventually import eventually
from tests.reliability.books import settle
from tests.reliability.disk import EVERYTHING, FaultyDisk, library, mounted_memory
from tests.reliability.filing import Accepted, Filing
from tests.reliability.size import SIZE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(120 + 60 * SIZE),
    pytest.mark.xdist_group("reliability_disk"),
]

MEGABYTES = 48
"""The write-ahead logs alone take 24."""
UNAVAILABLE = httpx.codes.SERVICE_UNAVAILABLE

Fault = Callable[[FaultyDisk, str], None]


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> FaultyDisk:
    folder = tmp_path_factory.mktemp("disk")
    (folder / "home").mkdir(mode=0o700)
    needed(library)
    return FaultyDisk(folder / "faults", folder / "home")


@pytest.fixture(scope="module")
def system(disk: FaultyDisk) -> Iterator[System]:
    with System(disk.root, **disk.environment) as found:
        yield found


@pytest.fixture(scope="module")
def accepted() -> Accepted:
    """All that this module files with the one system."""
    return Accepted()


@pytest.mark.parametrize(
    "fault", [FaultyDisk.full, FaultyDisk.failing], ids=["no room", "EIO on fsync"]
)
@pytest.mark.parametrize("part", [EVERYTHING, "/intake.sqlite", "/intake_sealed.sqlite"])
def test_where_filing_cannot_be_made_durable_it_is_answered_with_503(
    system: System, disk: FaultyDisk, accepted: Accepted, fault: Fault, part: str
) -> None:
    for _ in range(SIZE):
        with Filing(system.url, accepted=accepted) as filing:
            filing.until(accepted.count + 5)
            fault(disk, part)
            _refusing(accepted)
            before = accepted.answers[httpx.codes.CREATED]
            _refusing(accepted)
            if part == EVERYTHING:
                assert accepted.answers[httpx.codes.CREATED] == before
            disk.well()
            filing.until(accepted.count + 20)
            filing.stop()
        settle(system, accepted)


@pytest.mark.parametrize(
    "fault", [FaultyDisk.full, FaultyDisk.failing], ids=["no room", "EIO on fsync"]
)
@pytest.mark.parametrize(
    "part", ["/log.sqlite", "/mediation.sqlite", "/referral.sqlite", "/ops.sqlite"]
)
def test_elsewhere_cases_are_accepted_and_wait(
    system: System, disk: FaultyDisk, accepted: Accepted, fault: Fault, part: str
) -> None:
    with Filing(system.url, accepted=accepted) as filing:
        filing.until(accepted.count + 5)
        fault(disk, part)
        filing.until(accepted.count + 40)
        disk.well()
        filing.until(accepted.count + 10)
        filing.stop()
    settle(system, accepted)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small file system")
def test_a_file_system_that_really_is_full_loses_nothing(tmp_path: Path) -> None:
    """What the processes say goes there as well: lines are lost, and no request is."""
    small = tmp_path / "small"
    small.mkdir()
    if not mounted_memory(small, MEGABYTES):
        pytest.skip("no file system can be mounted here")
    ballast = small / "ballast"
    try:
        (small / "home").mkdir(mode=0o700)
        with System(small / "home") as system, Filing(system.url) as filing:
            filing.until(20)
            _fill(ballast)
            _refusing(filing.accepted)
            ballast.unlink()
            filing.until(filing.accepted.count + 20)
            filing.stop()
            settle(system, filing.accepted)
    finally:
        subprocess.run(["umount", "--lazy", str(small)], check=True)


def _refusing(accepted: Accepted) -> None:
    """Until some more requests were refused."""
    begun = accepted.answers[UNAVAILABLE]
    eventually(lambda: accepted.answers[UNAVAILABLE] > begun + 10 or accepted.wrong, 30)


def _fill(ballast: Path) -> None:
    with ballast.open("ab", buffering=0) as file:
        for size in (65_536, 4_096):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                pass  # there is no room for as much
