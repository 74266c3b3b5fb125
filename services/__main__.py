"""The command line: ``hemu up``, and everything that looks after an installation."""

import os
import shutil
import sys
from pathlib import Path

METRICS = "PROMETHEUS_MULTIPROC_DIR"
SERVERS = {"up", "web"}


def main() -> None:
    """Entry point of ``hemu``."""
    if SERVERS & set(sys.argv[1:2]) and METRICS not in os.environ:
        prepare_metrics("-".join(sys.argv[1:3]))
    from services.commands.cli import cli  # noqa: PLC0415 – what it imports reads METRICS at once

    cli(prog_name="hemu")


def prepare_metrics(name: str) -> None:
    """A folder in which the worker processes add up their figures; those of an earlier run do not
    count.
    """
    folder = Path(os.environ.get("HEMU_HOME", "var")).absolute() / "metrics" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ[METRICS] = str(folder)


if __name__ == "__main__":
    main()
