"""How soon a page stands in Chromium, with ten thousand cases: the largest contentful paint."""

import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from playwright.sync_api import BrowserContext

from tests.benchmarks.frame import Bar, Benchmark, Check, Result, Setting
from tests.benchmarks.million.homes import home_with
from tests.browser.browsers import WIDE, Browsers, Sessions, chromium
from tests.browser.pages import PAGES, QUEUES
from tests.e2e.system import System

TARGET = 1000.0
SLOWEST = 5
FIRST, AGAIN = "first visit, nothing cached", "a further visit"
PAINTED = """() => new Promise(done => new PerformanceObserver(
    list => done(list.getEntries().at(-1).startTime)
).observe({type: "largest-contentful-paint", buffered: true}))"""

Asked = tuple[str, str]
"""A path, and the role that asks."""
Times = Mapping[Asked, Mapping[str, list[float]]]
"""By kind of visit."""


def measure(setting: Setting) -> Result:
    cases = setting.pick(10_000, 500)
    taken: Times = defaultdict(lambda: defaultdict(list))
    with System(home_with(cases)) as system, chromium() as browser:
        sessions = Sessions(system)
        asked = [*PAGES, *_ones(Browsers(system, browser, sessions))]
        for number in range(setting.pick(6, 1)):
            for path, role in asked:
                context = Browsers(system, browser, sessions).of(role=role)
                for visit in (FIRST, AGAIN):
                    found = _painted(context, path)
                    if number or setting.quick:
                        taken[path, role][visit].append(found)
                context.close()
    return _result(cases, taken)


def _painted(context: BrowserContext, path: str) -> float:
    """Milliseconds from when the page was asked for until its largest part was painted."""
    page = context.new_page()
    page.set_viewport_size(WIDE)
    page.goto(path)
    page.wait_for_load_state()
    found = float(page.evaluate(PAINTED))
    page.close()
    return found


def _ones(browsers: Browsers) -> Iterator[Asked]:
    """The page that each queue leads to."""
    for path, role in QUEUES:
        page = browsers.of(role=role).new_page()
        page.goto(path)
        found = page.locator("main table a").first.get_attribute("href")
        page.close()
        assert found, path
        yield found, role


def _result(cases: int, taken: Times) -> Result:
    slowest = {
        visit: sorted(taken, key=lambda asked: _median(taken, asked, visit), reverse=True)
        for visit in (FIRST, AGAIN)
    }
    named = "; ".join(
        f"{asked[0]} {_median(taken, asked, FIRST):.0f} ms ({_median(taken, asked, AGAIN):.0f})"
        for asked in slowest[FIRST][:SLOWEST]
    )
    return Result(
        title="Painting a page",
        unit="ms until the largest part is painted",
        how=f"{len(taken)} pages of the embedded system with {cases:,} cases and two workers, in "
        f"Chromium on the same machine, 1280 × 900, five times each; bars are the medians of the "
        f"pages. The slowest (and again): {named}.",
        bars=[
            Bar(group=service, label=visit, values=[_median(taken, each, visit) for each in pages])
            for service, pages in _by_service(list(taken)).items()
            for visit in (FIRST, AGAIN)
        ],
        checks=[
            Check(
                says=f"slowest page, median of its rounds, {visit}",
                value=_median(taken, slowest[visit][0], visit),
                unit="ms",
                at_most=TARGET,
            )
            for visit in (FIRST, AGAIN)
        ],
        bound="Starting a process for the page in Chromium, and on a first visit Bootstrap's style "
        "sheet; Hemu itself answers in 10–40 ms (benchmark 5).",
        lower_is_better=True,
    )


def _median(taken: Times, asked: Asked, visit: str) -> float:
    return statistics.median(taken[asked][visit])


def _by_service(asked: Sequence[Asked]) -> Mapping[str, Sequence[Asked]]:
    found: dict[str, list[Asked]] = defaultdict(list)
    for path, role in asked:
        found[path.split("/")[1]].append((path, role))
    return found


BENCHMARK = Benchmark(number=9, name="painting", run=measure)
