"""Benchmark 5: the queues, searches and case pages that people look at all day, with ten thousand
and with a million cases.
"""

import http.client
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shared.auth.actor import Actor
from tests.benchmarks.frame import Bar, Benchmark, Check, Result, Setting, quantile
from tests.benchmarks.million.homes import home_with
from tests.benchmarks.pages_asked import API, Asked, Examples, everything
from tests.e2e.system import System
from tests.holders import Tokens

MILLISECONDS = 100.0
RATIO = 1.5
SLOWEST = 5
SMALL, LARGE = "small", "large"


@dataclass
class Reader:
    """Asks one system, and keeps how many milliseconds each answer took."""

    system: System
    asked: Sequence[Asked]
    tokens: dict[str, str] = field(default_factory=dict)
    taken: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        tokens = Tokens(self.system.seen_settings)
        for member in {each.member for each in self.asked}:
            self.tokens[member] = tokens.of(Actor(id=member, roles=frozenset()))
        self.connection = http.client.HTTPConnection(self.system.address, timeout=60)

    def ask(self, number: int, *, keep: bool) -> None:
        asked = self.asked[number]
        headers = {"Authorization": f"Bearer {self.tokens[asked.member]}", "Accept-Language": "en"}
        started = time.perf_counter()
        self.connection.request("GET", asked.path, headers=headers)
        answer = self.connection.getresponse()
        answer.read()
        if answer.status not in {200, 404}:
            raise AssertionError(f"{asked.path}: {answer.status}")
        if keep:
            self.taken[number].append((time.perf_counter() - started) * 1000)

    def p95(self, number: int) -> float:
        return quantile(self.taken[number], 0.95)


def run(setting: Setting) -> Result:
    sizes = {SMALL: setting.pick(10_000, 500), LARGE: setting.pick(1_000_000, 2_000)}
    homes = {name: home_with(cases) for name, cases in sizes.items()}
    with (
        System(homes[SMALL], HEMU_WORKERS="1") as small,
        System(homes[LARGE], HEMU_WORKERS="1") as large,
    ):
        readers = {
            name: Reader(system, list(everything(Examples.of(system.home))))
            for name, system in ((SMALL, small), (LARGE, large))
        }
        for turn in range(setting.pick(42, 4)):
            for number in range(len(readers[SMALL].asked)):
                for name in (SMALL, LARGE) if turn % 2 else (LARGE, SMALL):
                    readers[name].ask(number, keep=turn > 1)
        small.stop()
        large.stop()
    return _result(sizes, readers)


def _result(sizes: Mapping[str, int], readers: Mapping[str, Reader]) -> Result:
    large, small = readers[LARGE], readers[SMALL]
    numbers = range(len(large.asked))
    slowest = sorted(numbers, key=large.p95, reverse=True)
    ratios = sorted(large.p95(number) / small.p95(number) for number in numbers)
    bars = [
        Bar(group=group, label=f"{sizes[name]:,} cases", values=[_worst(readers[name], members)])
        for group, members in _groups(large.asked).items()
        for name in (SMALL, LARGE)
    ]
    named = "; ".join(
        f"{large.asked[number].path.partition('cursor=')[0]} {large.p95(number):.0f} ms "
        f"({small.p95(number):.0f})"
        for number in slowest[:SLOWEST]
    )
    return Result(
        title="Queues, searches and cases",
        unit="p95, ms, of the slowest of each kind",
        how=f"{len(large.asked)} pages and lists, each asked for "
        f"{len(large.taken[0])} times of both systems in turn. The slowest: {named}.",
        bars=bars,
        checks=[
            Check(
                says="slowest page, p95 with the most cases",
                value=large.p95(slowest[0]),
                unit="ms",
                at_most=MILLISECONDS,
            ),
            Check(
                says="p95 of all requests with the most cases",
                value=quantile([each for taken in large.taken.values() for each in taken], 0.95),
                unit="ms",
                at_most=MILLISECONDS,
            ),
            Check(
                says="many cases to few, median of the pages",
                value=quantile(ratios, 0.5),
                unit="×",
                at_most=RATIO,
            ),
            Check(
                says="many cases to few, 95 % of the pages below",
                value=quantile(ratios, 0.95),
                unit="×",
                at_most=RATIO,
            ),
        ],
        bound="No statement reads or sorts all cases (tests/db/test_plans.py): what is left is "
        "mostly the same with few cases and with many.",
        lower_is_better=True,
    )


def _worst(reader: Reader, numbers: Sequence[int]) -> float:
    return max(reader.p95(number) for number in numbers)


def _groups(asked: Sequence[Asked]) -> Mapping[str, Sequence[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for number, each in enumerate(asked):
        found[f"{each.service}, {'API' if API in each.path else 'pages'}"].append(number)
    return found


BENCHMARK = Benchmark(number=5, name="pages", run=run)
