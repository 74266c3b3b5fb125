"""Figures are comparable, kept, and written down."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.benchmarks.__main__ import known
from tests.benchmarks.frame import Bar, Benchmark, Check, Result, Setting, ratio, take_turns
from tests.benchmarks.page import shown
from tests.benchmarks.records import FIGURES, PAGE, Records
from tests.running import ROOT


def result(value: float, title: str = "Counting") -> Result:
    return Result(
        title=title,
        unit="sheep per second",
        how="One by one.",
        bars=[Bar(group="Meadow", label="Hemu & Co", values=[value, value + 1, value - 1])],
        checks=[Check(says="sheep", value=value, unit="×", at_least=3)],
        bound="Sleep.",
    )


def benchmark(number: int, name: str) -> Benchmark:
    return Benchmark(number=number, name=name, run=lambda _setting: result(1))


def keep(folder: Path, one: Benchmark, found: Result) -> str:
    """As a run of its own; the page."""
    records = Records.of(folder)
    records.keep(
        one,
        found,
        machine={"Processors": "2"},
        speed="it was slow",
        command="make bench",
        day="2026-01-01",
    )
    return (folder / PAGE).read_text()


def test_every_benchmark_of_the_folder_is_known_by_number_and_name() -> None:
    found = list(known().values())

    assert [one.number for one in found] == sorted({one.number for one in found})
    assert {"accepting", "consuming", "routed", "starting"} <= set(known())


def test_sides_take_turns_and_the_first_round_does_not_count() -> None:
    order: list[str] = []

    def side(name: str) -> float:
        order.append(name)
        return len(order)

    found = take_turns({"A": lambda: side("A"), "B": lambda: side("B")}, 3, lambda _line: None)

    assert order[2:] == ["A", "B", "B", "A", "A", "B"]
    assert {name: len(values) for name, values in found.items()} == {"A": 3, "B": 3}
    assert min(found["A"] + found["B"]) == 3


def test_a_moment_that_is_slow_for_both_sides_leaves_the_ratio_as_it_is() -> None:
    assert ratio([30, 3, 33], [10, 1, 11]) == 3


def test_a_target_is_met_or_missed() -> None:
    assert Check(says="", value=3, at_least=3).met is True
    assert Check(says="", value=51, at_most=50).met is False
    assert Check(says="", value=1).met is None


def test_a_run_of_one_benchmark_leaves_the_figures_of_the_others(tmp_path: Path) -> None:
    keep(tmp_path, benchmark(1, "one"), result(7, "First"))
    keep(tmp_path, benchmark(2, "two"), result(8, "Second"))

    page = keep(tmp_path, benchmark(1, "one"), result(2.5, "First"))

    assert "| **2.5 ×** | ≥ 3 × | **missed** |" in page
    assert "| **8 ×** | ≥ 3 × | met |" in page
    assert page.index("## 1. First") < page.index("## 2. Second")


def test_a_picture_can_be_read_and_runs_nothing(tmp_path: Path) -> None:
    keep(tmp_path, benchmark(1, "one"), result(7))

    picture = ET.parse(tmp_path / "pictures" / "bench-one.svg").getroot()  # noqa: S314

    words = {found.text for found in picture.iter() if found.text}
    assert {"Counting", "Meadow", "Hemu & Co", "7"} <= words
    assert not [found for found in picture.iter() if found.tag.endswith("script")]


@pytest.mark.parametrize(
    "value, text", [(0, "0"), (2.04, "2.04"), (3, "3"), (17.6, "18"), (12_345, "12,345")]
)
def test_a_figure_is_shown_as_exactly_as_it_is_known(value: float, text: str) -> None:
    assert shown(value) == text


@pytest.mark.docs
def test_the_page_is_what_the_figures_say(tmp_path: Path) -> None:
    figures = ROOT / "docs" / FIGURES
    if not figures.exists():
        pytest.skip("nothing was measured yet")
    (tmp_path / FIGURES).write_bytes(figures.read_bytes())

    Records.of(tmp_path).write()

    for path in (PAGE, *(f"pictures/{one.name}" for one in (tmp_path / "pictures").iterdir())):
        assert (ROOT / "docs" / path).read_text() == (tmp_path / path).read_text(), "run make bench"


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_quick_run_of_a_benchmark_gives_figures(tmp_path: Path) -> None:
    found = known()["starting"].run(Setting(quick=True, folder=tmp_path))

    assert all(min(bar.values) > 0 for bar in found.bars)
