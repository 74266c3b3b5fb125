"""Tests that run side by side keep out of each other's way."""

import subprocess
import sys
from pathlib import Path

import pytest

GROUPED = """
import os
import pytest

@pytest.mark.xdist_group("one_server")
@pytest.mark.parametrize("number", range(6))
def test_something(number, request):
    (request.config.rootpath / str(os.getpid())).touch()
"""


@pytest.mark.slow
def test_a_group_of_tests_runs_in_one_process(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_grouped.py").write_text(GROUPED)
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup"]

    subprocess.run(command, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)

    assert sum(path.name.isdigit() for path in tmp_path.iterdir()) == 1
