"""Accepting a case over HTTP: token checked, validated, committed durably with its event, once per
idempotency key. Beside it FastAPI, uvicorn and SQLAlchemy's ORM, doing the same.
"""

import os
import statistics
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from sqlalchemy import create_engine, func, select

from services.intake.models.tables import disputes
from tests.benchmarks.frame import Bar, Benchmark, Check, Result, Setting, ratio, take_turns
from tests.benchmarks.intake_site import Site
from tests.benchmarks.load import Filing, Load
from tests.benchmarks.processes import Server
from tests.servers import PostgresServer

CONNECTIONS = 32
TARGETS = {"SQLite": 3.0, "PostgreSQL": 2.0}
STYLES = {"SQLite": "sync", "PostgreSQL": "async"}
OURS, PEER = "Hemu", "FastAPI"


@dataclass(kw_only=True)
class Side:
    """A server under load, and what was seen of it."""

    url: str
    server: Server
    filing: Filing
    seconds: int
    loads: list[Load] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def round(self) -> float:
        before = self.server.cpu_seconds()
        load = self.filing.run(self.seconds, CONNECTIONS)
        self.loads.append(load)
        self.cpu.append((self.server.cpu_seconds() - before) / load.requests * 1000)
        return load.per_second


def measure(setting: Setting) -> Result:
    """On SQLite also with one process each: it has one writer, however many processes there are."""
    most = os.cpu_count() or 1
    bars: list[Bar] = []
    checks: list[Check] = []
    with PostgresServer(durable=True) as postgres:
        for database, processes in (("SQLite", 1), ("SQLite", most), ("PostgreSQL", most)):
            group = f"{database}, {processes} process{'es' if processes > 1 else ''} each"
            print(f"  {group}", flush=True)
            with _sides(setting, database, postgres, processes) as sides:
                turns = {name: side.round for name, side in sides.items()}
                found = take_turns(turns, setting.pick(7, 1))
            bars += [_bar(group, name, found[name], sides[name]) for name in sides]
            checks += _checks(group, TARGETS[database], found, sides)
    return Result(
        title="Accepting a case over HTTP",
        unit="cases per second",
        how=HOW,
        bars=bars,
        checks=checks,
        bound=BOUND,
    )


def _checks(
    group: str, target: float, found: Mapping[str, list[float]], sides: Mapping[str, Side]
) -> Iterator[Check]:
    yield Check(
        says=f"{group}: cases accepted per second, of FastAPI's",
        value=ratio(found[OURS], found[PEER]),
        unit="×",
        at_least=target,
    )
    failed = sum(load.errors for side in sides.values() for load in side.loads)
    yield Check(says=f"{group}: failed requests", value=failed, at_most=0)


HOW = (
    "wrk keeps 32 connections busy; each request is a new dispute with an idempotency key of its "
    "own, from 50 mediators in turn. Both sides check the token (Ed25519), validate, encrypt, and "
    "answer after one durable commit of the same rows (dispute, event with its number, key with "
    "the sealed answer) in tables of the same shape; tests hold them to that. SQLite with WAL and "
    "synchronous=FULL. FastAPI as its tutorial does it: plain functions in a pool of 40 threads, "
    "with one connection per process, as more only wait for each other (asyncio with aiosqlite "
    "was slower). On PostgreSQL asyncpg and SQLAlchemy's asyncio ORM. uvloop and httptools "
    "everywhere. Hemu has 40 threads, too, and remembers the tokens that it has checked. Its "
    "relays and consumers are off: benchmark 3 measures the whole path."
)
BOUND = (
    "Processors: two for servers, database and load together. Of the interpreter's time of Hemu "
    "on SQLite about half is gunicorn's (its loop, handing connections to threads, parsing), a "
    "tenth Flask's, a tenth reading and checking the request, a fifth the transaction; on "
    "PostgreSQL the transaction is a third (py-spy, samples that hold the interpreter lock)."
)


@contextmanager
def _sides(
    setting: Setting, database: str, postgres: PostgresServer, processes: int
) -> Iterator[dict[str, Side]]:
    with ExitStack() as stack:
        sides = {}
        for name in (OURS, PEER):
            home = setting.folder / f"{database}-{processes}-{name}"
            url = f"sqlite:///{home / 'intake.sqlite'}"
            if database == "PostgreSQL":
                url = postgres.create_database()
            site = Site(home=home, url=url)
            site.prepare()
            if name == OURS:
                server = stack.enter_context(site.ours(processes))
                filing = site.our_filing(server)
            else:
                server = stack.enter_context(site.peer(processes, STYLES[database]))
                filing = site.peer_filing(server)
            sides[name] = Side(url=url, server=server, filing=filing, seconds=setting.pick(5, 3))
        yield sides
        for name, side in sides.items():
            _check_kept(name, side)


def _check_kept(name: str, side: Side) -> None:
    """Every answer that was counted stands for a row."""
    engine = create_engine(side.url)
    with engine.connect() as connection:
        kept = connection.execute(select(func.count()).select_from(disputes)).scalar_one()
    engine.dispose()
    counted = sum(load.requests for load in side.loads)
    if kept < counted:
        raise AssertionError(f"{name}: {counted} answers, {kept} rows")


def _bar(group: str, name: str, values: list[float], side: Side) -> Bar:
    counted = side.loads[1:]
    return Bar(
        group=group,
        label=name,
        values=values,
        more={
            "p50 ms": f"{statistics.median([load.p50 for load in counted]):.0f}",
            "p99 ms": f"{statistics.median([load.p99 for load in counted]):.0f}",
            "errors": str(sum(load.errors for load in counted)),
            "processor ms per case": f"{statistics.median(side.cpu[1:]):.2f}",
        },
    )


BENCHMARK = Benchmark(number=1, name="accepting", run=measure)
