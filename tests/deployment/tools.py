"""Tools of the deployment that a machine may lack."""

import os
import shutil

import pytest

from tests.architecture.tree import ROOT

PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin"


def tool(command: str) -> str:
    """The command's path. Without it the test is skipped, but fails where all must run."""
    found = shutil.which(command, path=PLACES)
    if found is None:
        reason = f"{command} is not installed ({ROOT.name}/deploy/debian.sh gateway compose)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return found
