"""docker-compose.yml is well formed; test_topology.py holds its parts to the list of processes."""

import subprocess

import pytest

from tests.architecture.tree import ROOT
from tests.deployment.tools import tool


@pytest.mark.slow
def test_docker_compose_accepts_it() -> None:
    check = [tool("docker-compose"), "config", "-q"]

    checked = subprocess.run(check, cwd=ROOT, check=False, capture_output=True, text=True)

    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
