"""The command line: ``hemu up``, and everything that looks after an installation."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

METRICS = "PROMETHEUS_MULTIPROC_DIR"
SERVERS = {"up", "web"}
MEMORY = Path("/dev/shm")  # noqa: S108 – the folders in it are ours alone, and named by process
PREFIX = "hemu-metrics-"


def main() -> None:
    """Entry point of ``hemu``."""
    os.umask(0o077)  # what is kept here is nobody else's business on this machine
    if SERVERS & set(sys.argv[1:2]) and METRICS not in os.environ:
        prepare_metrics()
    from services.commands.cli import cli  # noqa: PLC0415 – what it imports reads METRICS at once

    cli(prog_name="hemu")


def prepare_metrics() -> None:
    """A folder in which the worker processes of this server add up their figures.

    In memory: a full disk must not take the web down. Those of servers that are gone are removed.
    """
    base = MEMORY if MEMORY.is_dir() else Path(tempfile.gettempdir())
    for old in base.glob(f"{PREFIX}*"):
        if not Path(f"/proc/{old.name.removeprefix(PREFIX)}").exists():
            shutil.rmtree(old, ignore_errors=True)
    folder = base / f"{PREFIX}{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    os.environ[METRICS] = str(folder)


if __name__ == "__main__":
    main()
