"""What the audit costs a filing: the same server with it, its worker beside, and without it."""

import os
import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import create_engine, func, select

from services.intake.models.tables import disputes
from shared.db.audit_tables import audit_log, audit_new
from tests.benchmarks.accepting import Side
from tests.benchmarks.frame import Bar, Benchmark, Check, Result, Setting, ratio, take_turns
from tests.benchmarks.intake_site import Site
from tests.benchmarks.processes import Server, python
from tests.servers import PostgresServer

WITH, WITHOUT = "With audit", "Without"
MODULES = {WITH: "services", WITHOUT: "tests.benchmarks.without_audit"}
TARGET = 0.9


def measure(setting: Setting) -> Result:
    bars: list[Bar] = []
    checks: list[Check] = []
    with PostgresServer(durable=True) as postgres:
        for database in ("SQLite", "PostgreSQL"):
            print(f"  {database}", flush=True)
            with _sides(setting, database, postgres) as sides:
                turns = {name: side.round for name, side in sides.items()}
                found = take_turns(turns, setting.pick(9, 1))
            bars += [_bar(database, name, found[name], sides[name]) for name in sides]
            share = ratio(found[WITH], found[WITHOUT])
            says = f"{database}: cases accepted per second with the audit, of those without"
            checks.append(Check(says=says, value=share, unit="×", at_least=TARGET))
            failed = sum(load.errors for side in sides.values() for load in side.loads)
            checks.append(Check(says=f"{database}: failed requests", value=failed, at_most=0))
    return Result(
        title="What the audit costs a filing",
        unit="cases per second",
        how=HOW,
        bars=bars,
        checks=checks,
        bound=BOUND,
    )


HOW = (
    "As benchmark 1, with Hemu on both sides: wrk files disputes on 32 connections, a process per "
    "core answers. With the audit each filing writes its row in its own transaction, and a further "
    "process chains and signs all rows within a second and has what is left over from the round "
    "before to do, too. Without it the same code runs, but that no row is written; the tests show "
    "that nobody can have it so."
)
BOUND = (
    "Processors, as in benchmark 1. A row is one insert of fifteen short values; moving it is "
    "another insert with four indices, two hashes, and a delete."
)


@contextmanager
def _sides(setting: Setting, database: str, postgres: PostgresServer) -> Iterator[dict[str, Side]]:
    with ExitStack() as stack:
        sides = {}
        for name, module in MODULES.items():
            home = setting.folder / f"{database}-{name.split()[0]}"
            url = f"sqlite:///{home / 'intake.sqlite'}"
            if database == "PostgreSQL":
                url = postgres.create_database()
            site = Site(home=home, url=url)
            site.prepare()
            server = stack.enter_context(site.ours(os.cpu_count() or 1, module))
            if name == WITH:
                stack.enter_context(_worker(site))
            filing = site.our_filing(server)
            sides[name] = Side(url=url, server=server, filing=filing, seconds=setting.pick(5, 3))
        yield sides
        for name, side in sides.items():
            _check_rows(name, side.url)


def _worker(site: Site) -> Server:
    command = [python(), "-m", "tests.benchmarks.chaining", str(site.home), site.url]
    return Server(command, output=site.home / "worker.out", settings={})


def _check_rows(name: str, url: str) -> None:
    """A row for each case on one side, and none on the other."""
    engine = create_engine(url)
    with engine.connect() as connection:
        filed, waiting, chained = (
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (disputes, audit_new, audit_log)
        )
    engine.dispose()
    if waiting + chained != (filed if name == WITH else 0):
        raise AssertionError(f"{name}: {filed} cases, {waiting} + {chained} rows of the audit")
    if name == WITH and not chained:
        raise AssertionError("nothing was chained")


def _bar(group: str, name: str, values: list[float], side: Side) -> Bar:
    counted = side.loads[1:]
    return Bar(
        group=group,
        label=name,
        values=values,
        more={
            "p99 ms": f"{statistics.median([load.p99 for load in counted]):.0f}",
            "errors": str(sum(load.errors for load in counted)),
            "processor ms per case": f"{statistics.median(side.cpu[1:]):.2f}",
        },
    )


BENCHMARK = Benchmark(number=7, name="auditing", run=measure)
