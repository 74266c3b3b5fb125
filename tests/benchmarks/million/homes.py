"""Homes with many cases: made once, kept, and copied for whoever wants to change one."""

import shutil
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from hashlib import blake2b
from pathlib import Path

from shared.clock import utc_now
from tests.benchmarks.million.log_file import fill_log, mark_places
from tests.benchmarks.million.multiplying import (
    PLAN,
    Files,
    multiply,
    read_ends,
    read_running,
    statements,
    write_templates,
)
from tests.benchmarks.million.planning import Plan
from tests.benchmarks.million.seeding import Playing, Seed
from tests.benchmarks.million.templates import Reading, Rows
from tests.e2e.system import System
from tests.running import ROOT

KEPT = ROOT / "var" / "benchmarks"
"""Where homes are kept."""
MADE_BY = (
    *sorted(Path(__file__).parent.glob("*.py")),
    *sorted((ROOT / "shared" / "db" / "migrations").glob("*.py")),
    *sorted((ROOT / "services").glob("*/migrations*/*.py")),
)
"""A home that was made by others is made again."""
ORDER = ("mediation", "ops", "intake", "referral")
"""The largest first, so that two at a time end together."""


def home_with(
    cases: int, *, kept: Path = KEPT, kinds: int | None = None, say: Callable[[str], None] = print
) -> Path:
    """The kept home with so many cases; made if it is not there. Only for reading."""
    digest = blake2b(b"".join(path.read_bytes() for path in MADE_BY), digest_size=4).hexdigest()
    home = kept / f"{cases}-{digest}" / "home"
    if not home.exists():
        making = home.with_name("making")
        shutil.rmtree(home.parent, ignore_errors=True)
        make_home(making, cases, kinds=kinds, say=say)
        making.rename(home)
    return home


def copy_of_home(cases: int, to: Path, *, kept: Path = KEPT) -> Path:
    """A home that may be changed."""
    shutil.copytree(home_with(cases, kept=kept), to)
    return to


def make_home(
    home: Path, cases: int, *, kinds: int | None = None, say: Callable[[str], None] = print
) -> None:
    """A home with about so many cases. ``kinds`` as for ``Playing``."""
    started = time.monotonic()
    seed = play_seed(home, kinds=kinds)
    say(f"  {len(seed.played)} cases played, {time.monotonic() - started:.0f} s")
    fill_home(home, seed, cases)
    size = sum(each.stat().st_size for each in home.rglob("*") if each.is_file()) / 1e9
    say(f"  {cases} cases, {time.monotonic() - started:.0f} s, {size:.2f} GB")


def play_seed(home: Path, *, kinds: int | None = None) -> Seed:
    home.parent.mkdir(parents=True, exist_ok=True)
    with System(home) as system:
        seed = Playing(system, kinds=kinds).play()
        system.stop()
    return seed


def fill_home(home: Path, seed: Seed, cases: int) -> None:
    """Multiply what was played until there are so many cases."""
    plan_file = home / "plan.sqlite"
    reading = Reading(home, seed)
    tables = list(reading.tables())
    reading.close()
    now = utc_now()
    plan = Plan(
        reading.templates,
        cases=max(0, cases - len(seed.played)),
        now=now,
        ends=read_ends(home),
        running=read_running(home),
    )
    _write_plan(plan_file, plan, tables)
    files = Files(home=home, plan=plan_file)
    with ProcessPoolExecutor(max_workers=2) as processes:
        work = {name: statements(tables, name, now.timestamp()) for name in ORDER}
        for done in [processes.submit(multiply, files, name, work[name]) for name in ORDER]:
            done.result()
    plan_file.unlink()
    fill_log(home, plan.ends)
    mark_places(home, plan.ends)


def _write_plan(path: Path, plan: Plan, tables: Sequence[Rows]) -> None:
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=OFF").fetchall()
    connection.execute("PRAGMA synchronous=OFF").fetchall()
    connection.execute("BEGIN")
    connection.execute(PLAN)
    connection.executemany("INSERT INTO plan VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", plan.rows())
    connection.execute("CREATE TABLE ends (part INTEGER PRIMARY KEY, next_off INTEGER)")
    connection.executemany("INSERT INTO ends VALUES (?, ?)", sorted(plan.ends.items()))
    for rows in tables:
        write_templates(connection, rows)
    connection.execute("COMMIT")
    connection.close()
