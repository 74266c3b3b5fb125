"""The machine on which figures were made: what one must know to compare them with others."""

import os
import platform
import re
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from tests.running import ROOT

LOOPS = 5_000_000


def machine() -> dict[str, str]:
    """By what is told, in the order of the page."""
    return {
        "Processors": f"{os.cpu_count()}, {_processor()}",
        "Memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "System": _system(),
        "Python": f"{platform.python_version()}",
        "SQLite": sqlite3.sqlite_version,
        "PostgreSQL": _postgresql(),
        "Kafka": _kafka(),
    }


def speed() -> str:
    """How fast the machine is just now, in a sentence."""
    return (
        f"a loop in Python did {loop_speed() / 1e6:.0f} million additions per second then, "
        f"and an fsync took {fsync_milliseconds():.2f} ms"
    )


def loop_speed() -> float:
    """Additions per second of a plain loop, best of three: a yardstick between machines."""
    best = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        total = 0
        for number in range(LOOPS):
            total += number
        best = min(best, time.perf_counter() - started)
    return LOOPS / best


def fsync_milliseconds() -> float:
    """The median of a hundred small writes to the disk of the repository."""
    path = ROOT / "build" / "fsync"
    path.parent.mkdir(exist_ok=True)
    taken = []
    with path.open("wb", buffering=0) as file:
        for _ in range(100):
            file.write(b"x" * 4096)
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            taken.append(time.perf_counter() - started)
    path.unlink()
    return sorted(taken)[50] * 1000


def _processor() -> str:
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _system() -> str:
    name = platform.freedesktop_os_release().get("PRETTY_NAME", sys.platform)
    return f"{name}, Linux {platform.release().partition('-')[0]}"


def _postgresql() -> str:
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not programs:
        return "–"
    said = subprocess.run(
        [str(programs[-1]), "--version"], capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"\d+(\.\d+)*", said)
    return found[0] if found else "–"


def _kafka() -> str:
    pom = (ROOT / "deploy" / "kafka" / "pom.xml").read_text()
    found = re.search(r"<kafka\.version>([^<]+)<", pom)
    return found[1] if found else "–"
