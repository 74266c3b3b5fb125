"""Runs benchmarks, and writes the page of all figures.

python -m tests.benchmarks [NAME...] [--quick]
"""

import argparse
import importlib
import pkgutil
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests import benchmarks
from tests.benchmarks.frame import Benchmark, Result, Setting
from tests.benchmarks.machine import machine, speed
from tests.benchmarks.page import shown
from tests.benchmarks.records import Records
from tests.running import ROOT

BUILD = ROOT / "build" / "bench"


def known() -> dict[str, Benchmark]:
    """Every module of this folder that has a BENCHMARK, in the order of the page."""
    names = [found.name for found in pkgutil.iter_modules(benchmarks.__path__)]
    modules = [
        importlib.import_module(f"{benchmarks.__name__}.{name}")
        for name in names
        if not name.startswith(("__main__", "conftest", "test_"))
    ]
    found = [module.BENCHMARK for module in modules if hasattr(module, "BENCHMARK")]
    return {one.name: one for one in sorted(found, key=lambda one: one.number)}


def run(benchmark: Benchmark, *, quick: bool) -> Result:
    """In a folder of its own, on the disk that holds the repository."""
    BUILD.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{benchmark.name}-", dir=BUILD))
    try:
        return benchmark.run(Setting(quick=quick, folder=folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def tell(result: Result) -> None:
    for check in result.checks:
        verdict = {True: "met", False: "MISSED", None: ""}[check.met]
        print(f"  {check.says}: {shown(check.value)} {check.unit} {verdict}")


def main() -> None:
    all_known = known()
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(all_known))
    parser.add_argument("--quick", action="store_true", help="see whether it works; no figures")
    options = parser.parse_args()
    if unknown := set(options.names) - set(all_known):
        parser.error(f"{', '.join(sorted(unknown))}: not one of {', '.join(all_known)}")
    records = Records.of(BUILD / "quick" if options.quick else ROOT / "docs")
    here = machine()
    for name in options.names or all_known:
        print(f"{all_known[name].number}. {name}", flush=True)
        how_fast = speed()
        result = run(all_known[name], quick=options.quick)
        tell(result)
        records.keep(
            all_known[name],
            result,
            machine=here,
            speed=how_fast,
            command=f'make bench ARGS="{name}"',
            day=datetime.now(UTC).date().isoformat(),
        )


if __name__ == "__main__":
    main()
