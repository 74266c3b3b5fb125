"""How long from the 201 until the routed decision is visible, at a steady rate of new cases.

    .venv/bin/python -m tests.benchmarks.routing_latency [--rate 20] [--seconds 30]

Starts a system of its own. Cases come on a schedule, whatever the system does (an open loop), so
a stall shows in every case that falls into it. The target is p99 of 50 ms at 20 cases/s.
"""

import argparse
import statistics
import tempfile
import threading
import time
from pathlib import Path
from uuid import uuid4

import httpx

from tests.e2e.filing import DISPUTE
from tests.e2e.system import System

LOOK = 0.005
FIRST_LOOK = 0.01
PATIENCE = 30.0


def measure(system: System, rate: float, seconds: float) -> tuple[list[float], list[float]]:
    """Milliseconds of filing, and from the 201 to the decision."""
    filing: list[float] = []
    routing: list[float] = []
    threads = []
    with system.client("pmc_director") as client:
        begun = time.perf_counter()
        for number in range(int(rate * seconds)):
            time.sleep(max(0.0, begun + number / rate - time.perf_counter()))
            thread = threading.Thread(target=_one, args=(client, filing, routing))
            thread.start()
            threads.append(thread)
        for thread in threads:
            thread.join()
    return filing, routing


def _one(client: httpx.Client, filing: list[float], routing: list[float]) -> None:
    started = time.perf_counter()
    response = client.post(
        "/intake/api/v1/disputes", json=DISPUTE, headers={"Idempotency-Key": str(uuid4())}
    )
    accepted = time.perf_counter()
    response.raise_for_status()
    url = f"/mediation/api/v1/mediations/{response.json()['case_id']}/routing"
    time.sleep(FIRST_LOOK)  # asking takes the system's time, too
    while client.get(url).status_code != httpx.codes.OK:
        if time.perf_counter() - accepted > PATIENCE:
            raise AssertionError("not routed")
        time.sleep(LOOK)
    routing.append((time.perf_counter() - accepted) * 1000)
    filing.append((accepted - started) * 1000)


def _line(name: str, values: list[float]) -> str:
    cuts = statistics.quantiles(values, n=100)
    return (
        f"{name:16} n={len(values)} p50={cuts[49]:.1f} p95={cuts[94]:.1f} p99={cuts[98]:.1f} "
        f"max={max(values):.1f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float, default=20.0, help="new cases per second")
    parser.add_argument("--seconds", type=float, default=30.0)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        System(Path(folder) / "home") as system,
    ):
        measure(system, options.rate, 3.0)
        filing, routing = measure(system, options.rate, options.seconds)
    print(f"{options.rate:g} cases/s for {options.seconds:g} s")
    print(_line("POST until 201", filing))
    print(_line("201 until routed", routing))


if __name__ == "__main__":
    main()
