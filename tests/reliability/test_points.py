"""Broken at every named point, by a kill, an error or a delay, everything ends handled once."""

import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from shared.failpoints import NAMES
from tests.reliability.points import AT_THE_START, Run, log_of, make_home, perform
from tests.reliability.size import SIZE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(120 + 300 * SIZE),
    pytest.mark.xdist_group("reliability_points"),
]

AT_ONCE = 4
SECONDS = 120
KILLED = -9


def groups() -> list[tuple[str, ...]]:
    """Points of one kind are broken one after the other in one home; some need their own."""
    rest = [name for name in NAMES if name not in AT_THE_START]
    kinds = groupby(rest, key=lambda name: name.partition(".")[0])
    return [*((name,) for name in AT_THE_START), *(tuple(names) for _, names in kinds)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("points") / "home"
    assert _run(make_home, found) == 0, _log(found)
    return found


@pytest.mark.parametrize("action", ["kill", "raise", "delay"])
def test_broken_at_any_point_every_accepted_case_is_handled_exactly_once(
    home: Path, tmp_path: Path, action: str
) -> None:
    def work(home: Path, points: Sequence[str]) -> None:
        if action == "kill":
            _kill(home, points)
        else:
            _break(home, points, action)

    for number in range(SIZE):
        homes = [tmp_path / f"{names[0]}-{number}" for names in groups()]
        for each in homes:
            shutil.copytree(home, each)
        with ThreadPoolExecutor(AT_ONCE) as threads:
            list(threads.map(work, homes, groups()))


def _break(home: Path, points: Sequence[str], action: str) -> None:
    assert _run(perform, Run(home=home, points=points, action=action)) == 0, _log(home)


def _kill(home: Path, points: Sequence[str]) -> None:
    for point in points:
        ended = _run(perform, Run(home=home, points=[point], action="kill"))
        assert ended == KILLED, (point, _log(home))
    assert _run(perform, Run(home=home, points=[], action="")) == 0, (points, _log(home))


def _run(work: Callable[[Any], None], about: object) -> int | None:
    processes = get_context("forkserver")
    processes.set_forkserver_preload(["tests.reliability.points"])
    process = processes.Process(target=work, args=(about,))
    process.start()
    process.join(SECONDS)
    if process.is_alive():
        process.kill()
        process.join()
    return process.exitcode


def _log(home: Path) -> str:
    path = log_of(home)
    return path.read_text()[-3000:] if path.exists() else ""
