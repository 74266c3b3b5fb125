"""Starting everything on one machine, and the memory that it takes."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx

from tests.benchmarks.frame import Bar, Benchmark, Check, Result, Setting
from tests.benchmarks.processes import Server, python, resident_bytes
from tests.e2e.filing import DISPUTE
from tests.servers.process import free_port

FIRST_PAGE = "/intake/"
LOOK = 0.01
PATIENCE = 60.0
SETTLED = 5
MB = 1e6
CASES = 300


@dataclass(kw_only=True)
class Seen:
    """Seconds to the first page; megabytes."""

    first: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    idle: list[float] = field(default_factory=list)
    used: list[float] = field(default_factory=list)


def measure(setting: Setting) -> Result:
    seen = Seen()
    for number in range(setting.pick(5, 1)):
        home = setting.folder / f"home-{number}"
        with _hemu(home) as server:
            seen.first.append(_first_page(server))
        with _hemu(home) as server:
            seen.again.append(_first_page(server))
            time.sleep(setting.pick(SETTLED, 1))
            seen.idle.append(resident_bytes(server.processes()) / MB)
            _use(server, setting.pick(CASES, 10))
            seen.used.append(resident_bytes(server.processes()) / MB)
        print(f"  {seen.first[-1]:.2f} s, again {seen.again[-1]:.2f} s, {seen.used[-1]:.0f} MB")
    return _result(seen)


def _result(seen: Seen) -> Result:
    start, memory = "Seconds to the first page", "Megabytes resident"
    bars = [
        Bar(group=start, label="first start, with the demo district", values=seen.first),
        Bar(group=start, label="a further start", values=seen.again),
        Bar(group=memory, label="idle", values=seen.idle),
        Bar(group=memory, label="after some cases", values=seen.used),
    ]
    return Result(
        title="Starting, and memory",
        unit="seconds, megabytes",
        how=HOW,
        bars=bars,
        checks=[
            Check(says="first start to first page", value=bars[0].median, unit="s", at_most=3),
            Check(says="memory after some cases", value=bars[3].median, unit="MB", at_most=250),
        ],
        bound=BOUND,
        lower_is_better=True,
        own_scales=True,
    )


def _hemu(home: Path) -> Server:
    address = f"127.0.0.1:{free_port()}"
    return Starting(
        [python(), "-m", "services", "up"],
        output=home.with_suffix(".out"),
        settings={"HEMU_HOME": str(home), "HEMU_ADDRESS": address},
        address=address,
    )


class Starting(Server):
    """Is waited for outside, by the clock."""

    def _ready(self) -> bool:
        self.started = time.perf_counter()
        return True


def _first_page(server: Server) -> float:
    """Seconds from the start of the process to the last byte of the page."""
    assert isinstance(server, Starting)
    with httpx.Client(base_url=f"http://{server.address}", timeout=PATIENCE) as client:
        while time.perf_counter() - server.started < PATIENCE and server.running:
            try:
                found = client.get(FIRST_PAGE)
            except httpx.TransportError:
                time.sleep(LOOK)
                continue
            if found.status_code == httpx.codes.OK:
                return time.perf_counter() - server.started
            time.sleep(LOOK)
    raise AssertionError(f"no page:\n{server.last_words()}")


def _use(server: Server, cases: int) -> None:
    """File some cases and look at some pages."""
    with httpx.Client(base_url=f"http://{server.address}", timeout=PATIENCE) as client:
        for _ in range(cases):
            key = {"Idempotency-Key": str(uuid4())}
            filed = client.post("/intake/api/v1/disputes", json=DISPUTE, headers=key)
            while filed.status_code == httpx.codes.SERVICE_UNAVAILABLE:  # the directory is coming
                time.sleep(LOOK)
                filed = client.post("/intake/api/v1/disputes", json=DISPUTE, headers=key)
            filed.raise_for_status()
            client.get(FIRST_PAGE).raise_for_status()


HOW = (
    "`hemu up` from an installed environment, a worker per processor, all five services: on an "
    "empty home folder (keys, databases and the demo district are made), and again on the same "
    "one. From the start of the process until the first page has come whole; program files are in "
    "the page cache. Memory is the proportional set size of all its processes, in which a page "
    "that several share counts once; after 5 s of rest, and after 300 cases went all their way."
)
BOUND = (
    "Starting: importing Python modules, once, and making seven databases. Memory: each worker "
    "holds the code of all services."
)

BENCHMARK = Benchmark(number=6, name="starting", run=measure)
