"""Benchmark 4: whole lives of cases where a million are there already, and a spike of them.

    .venv/bin/python -m tests.benchmarks.lifecycle --url http://127.0.0.1:8080 --home var

measures a system that runs already, for example the cluster.
"""

import argparse
import os
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlsplit

from shared.auth.actor import Actor
from shared.settings import Settings
from tests.benchmarks.frame import Bar, Benchmark, Check, Result, Setting, quantile
from tests.benchmarks.lifecycle_load import Life, Load, scheduled, steady
from tests.benchmarks.million.homes import copy_of_home
from tests.e2e.filing import DISPUTE
from tests.e2e.system import System
from tests.holders import api_token

TARGET = 63.0
CLIENTS = 16
SPIKE_CLIENTS = 300
SPIKE_SECONDS = 2
TIMES = 10
SHARE = 0.2
"""Of what the system sustains: the load before and after the spike."""
USUAL = 2.0
"""A life is as usual again when it takes at most so many times the usual p95."""


@dataclass(frozen=True, kw_only=True)
class Spike:
    """Lives per second before; how many requests and errors in all; seconds to recover, and the
    longest life.
    """

    rate: float
    lives: Sequence[Life]
    recovered: float
    longest: float


def run(setting: Setting) -> Result:
    cases = setting.pick(1_000_000, 2_000)
    home = copy_of_home(cases, setting.folder / "home")
    with System(home, HEMU_WORKERS="2") as system:
        load = _load(system.address, system.seen_settings)
        seconds = setting.pick(20, 3)
        _sustained(load, seconds)  # until everything is warm
        before = _processor_seconds(system.workers())
        rounds = [_sustained(load, seconds) for _ in range(setting.pick(3, 1))]
        used = _processor_seconds(system.workers()) - before
        spike = _spike(load, statistics.median(rate for rate, _ in rounds), setting.pick(20, 4))
        system.stop()
    return _result(cases, rounds, spike, used)


def _processor_seconds(processes: Sequence[int]) -> float:
    """User and system time so far."""
    ticks = 0
    for process in processes:
        _, _, figures = Path(f"/proc/{process}/stat").read_text().rpartition(")")
        ticks += sum(int(figure) for figure in figures.split()[11:13])
    return ticks / os.sysconf("SC_CLK_TCK")


def _sustained(load: Load, seconds: float) -> tuple[float, Sequence[Life]]:
    lives = _in_a_process(partial(steady, load, clients=CLIENTS, seconds=seconds))
    begun, ended = min(life.due for life in lives), max(life.due + life.took for life in lives)
    good = sum(life.error is None for life in lives)
    return good / (ended - begun), lives


def _spike(load: Load, sustained: float, seconds: float) -> Spike:
    """Usual load, then ten times as much for two seconds, then as usual for as long as before."""
    rate = max(1.0, sustained * SHARE)
    before = [number / rate for number in range(int(rate * seconds))]
    spike = [
        seconds + number / (rate * TIMES) for number in range(int(rate * TIMES * SPIKE_SECONDS))
    ]
    after = [seconds + SPIKE_SECONDS + moment for moment in before]
    starts = [*before, *spike, *after]
    lives = _in_a_process(partial(scheduled, load, starts, clients=SPIKE_CLIENTS))
    usual = USUAL * quantile([life.took for life in lives[: len(before)]], 0.95)
    end = lives[len(before) + len(spike) - 1].due
    late = [life.due + life.took for life in lives[len(before) :] if life.took > usual]
    return Spike(
        rate=rate,
        lives=lives,
        recovered=max(0.0, max(late, default=end) - end),
        longest=max(life.took for life in lives),
    )


def _in_a_process(work: Callable[[], list[Life]]) -> list[Life]:
    """By itself, as users are: nothing that the system under test has touched."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as processes:
        return processes.submit(work).result()


def _load(address: str, settings: Settings) -> Load:
    def token(member_id: str) -> str:
        return api_token(settings, Actor(id=member_id, roles=frozenset()))

    mediators = {member: token(member) for member in ("m-0002", "m-0003")}
    return Load(address=address, token=token("m-0001"), tokens=mediators, body=DISPUTE)


def _result(
    cases: int,
    rounds: Sequence[tuple[float, Sequence[Life]]],
    spike: Spike,
    used: float | None = None,
) -> Result:
    """``used``: the processor seconds of the workers while it was sustained."""
    errors = Counter(life.error for _, lives in rounds for life in lives if life.error)
    broken = Counter(life.error for life in spike.lives if life.error)
    took = [life.took for _, lives in rounds for life in lives]
    more = {
        "p50, ms": f"{quantile(took, 0.5) * 1000:.0f}",
        "p95, ms": f"{quantile(took, 0.95) * 1000:.0f}",
        "errors": _told(errors),
    }
    rates = [rate for rate, _ in rounds]
    return Result(
        title=f"Whole lives of cases, {cases:,} there already",
        unit="lifecycles/s",
        how=f"A dispute is filed, decided, accepted, concluded and found again by its number and "
        f"in a list: {CLIENTS} clients, no request tried again, two worker processes, embedded. "
        f"Then a spike: {spike.rate:.0f} lives/s, for {SPIKE_SECONDS} s {TIMES} times as many, "
        f"then as before. Errors: {_told(errors)}; in the spike: {_told(broken)}.",
        bars=[Bar(group="embedded", label="sustained", values=rates, more=more)],
        checks=[
            Check(
                says="sustained lifecycles",
                value=statistics.median(rates),
                unit="/s",
                at_least=TARGET,
            ),
            Check(says="errors while sustained", value=errors.total(), at_most=0),
            Check(says="failed requests in the spike", value=broken.total(), at_most=0),
            Check(says="longest life in the spike", value=spike.longest, unit="s"),
            Check(says="recovered after the spike", value=spike.recovered, unit="s"),
        ],
        bound="" if used is None else _bound(rounds, used),
    )


def _bound(rounds: Sequence[tuple[float, Sequence[Life]]], used: float) -> str:
    good = [sum(life.error is None for life in lives) for _, lives in rounds]
    took = sum(count / rate for count, (rate, _) in zip(good, rounds, strict=True) if rate)
    return (
        f"The workers took {1000 * used / max(1, sum(good)):.1f} ms of processor per life, "
        f"{used / max(took, 1e-9):.2f} of {os.cpu_count()} processors; the clients, on the same "
        "machine, took more of them."
    )


def _told(errors: Counter[str]) -> str:
    return ", ".join(f"{count} × {what}" for what, count in errors.most_common(3)) or "none"


BENCHMARK = Benchmark(number=4, name="lifecycle", run=run)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--home", type=Path, required=True, help="HEMU_HOME of what runs there")
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    load = _load(urlsplit(options.url).netloc, Settings(home=options.home))
    rounds = [_sustained(load, options.seconds) for _ in range(3)]
    spike = _spike(load, statistics.median(rate for rate, _ in rounds), options.seconds)
    found = _result(0, rounds, spike)
    print(found.how)
    for check in found.checks:
        print(f"{check.says}: {check.value:.1f} {check.unit}")


if __name__ == "__main__":
    main()
