"""Tools of the deployment that a machine may lack."""

import os
import shutil

from tests.architecture.tree import ROOT
from tests.conftest import missing
from tests.servers import ServerMissing

PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin"


def tool(command: str) -> str:
    """The command's path. Without it the test is skipped, but fails where all must run."""
    found = shutil.which(command, path=PLACES)
    if found is None:
        missing(
            ServerMissing(
                f"{command} is not installed ({ROOT.name}/deploy/debian.sh gateway compose)"
            )
        )
    return found
