"""From the 201 to the routed case being there to read, at half of what the whole path sustains:
everything on one machine, on SQLite, and as a cluster, on Kafka and PostgreSQL.
"""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from shared.auth.actor import Actor
from shared.settings import Settings
from tests.benchmarks.frame import Bar, Benchmark, Check, Result, Setting, quantile
from tests.benchmarks.load import Filing
from tests.benchmarks.open_loop import Decided, Observed, observe
from tests.cluster.folder import cluster_folder
from tests.cluster.system import Cluster
from tests.e2e.system import System
from tests.holders import api_token

CONNECTIONS = 16
DRAIN_SECONDS = 300.0
LOOK = 0.2
LIMITS = {"Embedded": 50.0, "Cluster": 100.0}


@dataclass(frozen=True, kw_only=True)
class Running:
    """A whole Hemu."""

    url: str
    home: Path
    mediation: str
    settings: Settings

    def token(self, role: str) -> str:
        actor = Actor(id=f"m-{role}", roles=frozenset({role}), areas=("350599",))
        return api_token(self.settings, actor)

    def sustained(self, setting: Setting) -> float:
        """Cases per second from the first filed to nothing being left to do anywhere, while
        clients file as fast as they are answered.
        """
        filing = Filing(
            folder=setting.folder / f"load-{self.home.name}",
            address=self.url.removeprefix("http://"),
            path="/intake/api/v1/disputes",
            token_header="Authorization: Bearer ",
            tokens=[self.token("mediator")],
        )
        filing.prepare()
        filing.run(setting.pick(3, 1), CONNECTIONS)
        self._drained()
        started = time.monotonic()
        load = filing.run(setting.pick(15, 2), CONNECTIONS)
        self._drained()
        return load.requests / (time.monotonic() - started)

    def _drained(self) -> None:
        """Until nothing is left to publish, and nothing unread, in any service."""
        headers = {"Authorization": f"Bearer {self.token('ops')}"}
        limit = time.monotonic() + DRAIN_SECONDS
        with httpx.Client(base_url=self.url, headers=headers, timeout=60) as client:
            while True:
                items = client.get("/ops/api/v1/lag").raise_for_status().json()["items"]
                left = [(one["unpublished"], one["total_lag"]) for one in items]
                if all(unpublished == 0 and not lag for unpublished, lag in left):
                    return
                if time.monotonic() > limit:
                    raise AssertionError(f"still behind: {left}")
                time.sleep(LOOK)


@contextmanager
def embedded(setting: Setting) -> Iterator[Running]:
    home = setting.folder / "embedded"
    with System(home) as system:
        mediation = Settings(home=home).database_url("mediation")
        yield Running(url=system.url, home=home, mediation=mediation, settings=system.seen_settings)


@contextmanager
def cluster(_setting: Setting) -> Iterator[Running]:
    with cluster_folder() as folder, Cluster(folder / "cluster") as system:
        yield Running(
            url=system.url,
            home=system.plan.home,
            mediation=system.database_url("mediation"),
            settings=system.seen_settings,
        )


SYSTEMS = {"Embedded": embedded, "Cluster": cluster}


def measure(setting: Setting) -> Result:
    bars: list[Bar] = []
    checks: list[Check] = []
    for name, start in SYSTEMS.items():
        with start(setting) as running, Decided(running.mediation) as decided:
            most = running.sustained(setting)
            print(f"  {name}: sustains {most:.0f} cases/s", flush=True)
            rounds = _rounds(running, decided, most / 2, setting)
        for one in rounds:
            print(f"  {name}: {_line(one)}", flush=True)
        bars += _bars(name, most, rounds)
        checks += _checks(name, rounds)
    return Result(
        title="From 201 to routed",
        unit="milliseconds",
        how=HOW,
        bars=bars,
        checks=checks,
        bound=BOUND,
        lower_is_better=True,
    )


def _rounds(running: Running, decided: Decided, rate: float, setting: Setting) -> list[Observed]:
    """After one that does not count."""
    seconds = setting.pick(20, 2)
    token = running.token("judicial_office")
    return [
        observe(running.url, token, decided, rate=rate, seconds=seconds)
        for _ in range(setting.pick(4, 2))
    ][1:]


def _line(seen: Observed) -> str:
    return (
        f"{len(seen.routed)} cases, p50 {quantile(seen.routed, 0.5):.1f} "
        f"p99 {quantile(seen.routed, 0.99):.1f} ms, client late by {seen.late:.0f} ms at most"
    )


def _bars(name: str, most: float, rounds: list[Observed]) -> Iterator[Bar]:
    more = {
        "sustained cases/s": f"{most:.0f}",
        "cases/s here": f"{most / 2:.0f}",
        "POST p99 ms": f"{statistics.median(quantile(one.filing, 0.99) for one in rounds):.0f}",
    }
    for label, share in (("p50", 0.5), ("p99", 0.99)):
        values = [quantile(one.routed, share) for one in rounds]
        yield Bar(group=name, label=label, values=values, more=more)


def _checks(name: str, rounds: list[Observed]) -> Iterator[Check]:
    worst = statistics.median(quantile(one.routed, 0.99) for one in rounds)
    yield Check(
        says=f"{name}: 201 to routed, p99 at half of the sustained load",
        value=worst,
        unit="ms",
        at_most=LIMITS[name],
    )
    refused = sum(one.refused for one in rounds)
    yield Check(says=f"{name}: failed requests", value=refused, at_most=0)


HOW = (
    "The whole path: gateway, intake, relay, log, mediation's consumer, and everything else that "
    "runs besides. First the sustained load: clients on 16 connections file as fast as they are "
    "answered for 15 s, and the cases are divided by the time until nothing is left to publish or "
    "to read anywhere. Then cases are filed at half of that rate on a schedule, whatever the "
    "answers (an open loop), and a reader looks every 2 ms which decisions are committed. Each of "
    "three rounds of 20 s has its own p50 and p99; the target holds their median."
)
BOUND = (
    "Two processors for everything; embedded, the interpreter lock of two workers that also relay "
    "and consume. Besides the work itself, a case waits for two hand-overs (relay, consumer) and "
    "two commits."
)

BENCHMARK = Benchmark(number=3, name="routed", run=measure)
