"""npm packages that tests need, fetched once per machine."""

import subprocess
from pathlib import Path

from tests.servers.process import ServerMissing

SCRIPT = Path(__file__).parents[2] / "deploy" / "npm.sh"
SECONDS = 100


def npm_packages(folder: Path) -> Path:
    """Where those of the folder's package-lock.json are; raises ServerMissing."""
    done = subprocess.run(
        [SCRIPT, folder], check=False, capture_output=True, text=True, timeout=SECONDS
    )
    if done.returncode != 0:
        raise ServerMissing(f"npm packages cannot be had: {done.stderr.strip()[-400:]}")
    return Path(done.stdout.strip())
