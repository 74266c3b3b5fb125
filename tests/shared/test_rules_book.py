"""Versions of a rule-set by day of filing, what lint finds, and replays."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis.strategies import lists, sampled_from, tuples

from shared.rules import (
    Finding,
    RuleBook,
    RuleSetError,
    decide,
    lint,
    load,
    load_book,
    replay,
    rule_book,
)
from tests.shared.rule_files import KNOWN, TEXT, changed, load_text, stated, with_rows


def version(name: str, valid_from: str, valid_to: str | None = None) -> str:
    days = f"valid_from: {valid_from}" + (f"\nvalid_to: {valid_to}" if valid_to else "")
    return changed('version: "1"', f'version: "{name}"').replace("valid_from: 2026-01-01", days)


def book_of(folder: Path, *texts: str) -> RuleBook:
    return rule_book(
        [load_text(folder, text, f"routing-{number}.yaml") for number, text in enumerate(texts)]
    )


def test_the_version_is_that_of_the_day(tmp_path: Path) -> None:
    book = book_of(
        tmp_path,
        version("2027", "2027-01-01"),
        version("2025", "2025-01-01", "2025-12-31"),
        version("2026", "2026-01-01"),
    )

    days = ("2025-01-01", "2025-12-31", "2026-01-01", "2026-12-31", "2027-01-01", "2040-01-01")
    assert [book.on(date.fromisoformat(day)).version for day in days] == [
        *("2025", "2025", "2026", "2026", "2027", "2027")
    ]
    assert book.version("2026").valid_from == date(2026, 1, 1)


@pytest.mark.parametrize("day", [date(2024, 12, 31), date(2026, 1, 1)])
def test_a_day_without_a_version_is_an_error(tmp_path: Path, day: date) -> None:
    book = book_of(tmp_path, version("2025", "2025-01-01", "2025-12-31"))

    with pytest.raises(RuleSetError, match=f"no version is valid on {day}"):
        book.on(day)


def test_a_version_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuleSetError, match="there is no version 1999"):
        book_of(tmp_path, TEXT).version("1999")


@pytest.mark.parametrize(
    "older, newer, problem",
    [
        (("1", "2025-01-01", "2026-01-01"), ("2", "2026-01-01"), "overlaps routing-0.yaml"),
        (("1", "2025-01-01", "2025-12-30"), ("2", "2026-01-01"), "leaves a gap after"),
        (("1", "2026-01-01"), ("2", "2026-01-01"), "overlaps routing-0.yaml"),
        (("1", "2025-01-01"), ("1", "2026-01-01"), "two files have the same version"),
    ],
)
def test_versions_neither_overlap_nor_leave_a_gap(
    tmp_path: Path, older: Sequence[str], newer: Sequence[str], problem: str
) -> None:
    with pytest.raises(RuleSetError, match=problem):
        book_of(tmp_path, version(*older), version(*newer))


def test_a_book_is_all_files_of_its_name(tmp_path: Path) -> None:
    load_text(tmp_path, version("1", "2026-01-01"), "routing-1.yaml")
    load_text(tmp_path, version("2", "2027-01-01"), "routing-2.yaml")
    load_text(tmp_path, TEXT, "deadlines-1.yaml")

    book = load_book(tmp_path, name="shop.routing", known=KNOWN)

    assert [found.version for found in book.versions] == ["1", "2"]


@pytest.mark.parametrize(
    "name, without, problem",
    [
        ("other.routing", "", "name: shop.routing instead of other.routing"),
        ("shop.routing", "price", "facts.price: the program has no such fact"),
        ("shop.deadlines", "", "there is no rule file"),
    ],
)
def test_a_book_fits_the_program(tmp_path: Path, name: str, without: str, problem: str) -> None:
    load_text(tmp_path, TEXT)
    known = {fact: kind for fact, kind in KNOWN.items() if fact != without}

    with pytest.raises(RuleSetError, match=problem):
        load_book(tmp_path, name=name, known=known)


def test_a_fact_is_of_the_kind_that_the_program_states(tmp_path: Path) -> None:
    load_text(tmp_path, changed("pieces: {kind: count", "pieces: {kind: amount"))

    with pytest.raises(RuleSetError, match=r"facts.pieces: it is a count"):
        load_book(tmp_path, name="shop.routing", known=KNOWN)


def test_a_rule_set_with_findings_is_not_loaded(tmp_path: Path) -> None:
    load_text(tmp_path, with_rows("{fact: pieces, over: 1}", "{fact: pieces, over: 2}"))

    with pytest.raises(RuleSetError, match="row R2: can never decide, R1 above match first"):
        load(tmp_path / "routing-1.yaml", name="shop.routing", known=KNOWN)


def found_in(folder: Path, *conditions: str) -> list[tuple[str, str]]:
    findings = lint(load_text(folder, with_rows(*conditions)))
    return [(finding.rule, finding.code) for finding in findings]


BROKEN, WHOLE = "{fact: broken, is: yes}", "{fact: broken, is: no}"


@pytest.mark.parametrize(
    "conditions",
    [
        (BROKEN, BROKEN),
        (BROKEN, "{all: [{fact: broken, is: yes}, {fact: open, is: true}]}"),
        ("{any: [{fact: broken, is: yes}, {fact: open, is: true}]}", BROKEN),
        ("{fact: pieces, over: 2}", "{fact: pieces, at_least: 3}"),
        ("{fact: pieces, at_least: 3}", "{fact: pieces, over: 7}"),
        ("{fact: price, below: 50}", "{fact: price, at_most: 49}"),
        ("{fact: size, given: true}", "{fact: size, is: l}"),
        ("{fact: size, in: [s, l]}", "{fact: size, given: true}"),
        ("{fact: tags, in: [x, y]}", "{fact: tags, in: [y]}"),
        ("{fact: tags, in: [x, y, z]}", "{fact: tags, given: true}"),
        (
            "{fact: size, given: false}",
            "{all: [{fact: size, given: false}, {fact: open, is: true}]}",
        ),
    ],
)
def test_a_row_behind_a_weaker_one_is_found(tmp_path: Path, conditions: tuple[str, ...]) -> None:
    assert found_in(tmp_path, *conditions) == [("R2", "unreachable_row")]


def test_a_row_behind_several_that_leave_nothing_is_found(tmp_path: Path) -> None:
    everything = (BROKEN, WHOLE, "{fact: broken, is: unknown}", "{fact: pieces, over: 3}")

    assert found_in(tmp_path, *everything) == [("R4", "unreachable_row"), ("A9", "unreachable_row")]


def test_a_row_that_contradicts_itself_is_found(tmp_path: Path) -> None:
    both = "{all: [{fact: broken, is: yes}, {fact: broken, is: no}]}"
    between = "{all: [{fact: pieces, over: 3}, {fact: pieces, below: 4}]}"

    assert found_in(tmp_path, both) == [("R1", "unreachable_row")]
    assert found_in(tmp_path, between) == [("R1", "unreachable_row")]


@pytest.mark.parametrize(
    "conditions",
    [
        (BROKEN, WHOLE),
        ("{all: [{fact: broken, is: yes}, {fact: open, is: true}]}", BROKEN),
        ("{fact: pieces, at_least: 3}", "{fact: pieces, at_least: 2}"),
        ("{fact: price, over: 50}", "{fact: price, at_least: 50}"),
        ("{fact: tags, in: [x]}", "{fact: tags, given: true}"),
        ("{fact: size, is: s}", "{fact: size, given: true}"),
        (BROKEN, WHOLE, "{fact: pieces, over: 3}"),
        (
            "{fact: tags, in: [x]}",
            "{all: [{fact: tags, in: [y]}, {fact: tags, in: [z]}]}",
        ),
    ],
)
def test_a_row_that_something_reaches_is_left_alone(
    tmp_path: Path, conditions: tuple[str, ...]
) -> None:
    assert found_in(tmp_path, *conditions) == []


def test_a_branch_that_nothing_reaches_is_found(tmp_path: Path) -> None:
    text = changed("{fact: tags, in: [x, y]}", "{fact: broken, is: yes}")

    assert [finding.rule for finding in lint(load_text(tmp_path, text))] == ["A2a"]


def test_a_route_that_no_row_leads_to_is_found(tmp_path: Path) -> None:
    [finding] = lint(load_text(tmp_path, changed("[stop, desk, back]", "[stop, desk, back, moon]")))

    assert str(finding) == "routing-1.yaml: no row leads to moon"


def test_too_many_combinations_are_admitted(tmp_path: Path) -> None:
    rows = with_rows("{all: [{fact: broken, is: yes}, {fact: open, is: true}]}")

    [finding] = lint(load_text(tmp_path, rows), max_combinations=3)

    assert (finding.rule, finding.code) == ("R1", "undecided")


QUESTIONS = (
    *("broken, is: yes", "broken, is: no", "size, is: s", "size, in: [s, l]", "size, given: false"),
    *("tags, in: [x]", "tags, in: [y, z]", "tags, given: true", "tags, given: false"),
    *("pieces, over: 2", "pieces, at_least: 2", "pieces, below: 4", "pieces, at_most: 1"),
)
CASES = [
    stated(broken=broken, size=size, tags=frozenset(tags), pieces=pieces)
    for broken in ("yes", "no", "unknown")
    for size in (None, "s", "l")
    for tags in ("", "x", "y", "z", "xy", "xz", "yz", "xyz")
    for pieces in (None, 0, 1, 2, 3, 4, 5)
]


@given(
    rows=lists(
        tuples(
            sampled_from(("any", "all")), lists(sampled_from(QUESTIONS), min_size=1, max_size=3)
        ),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=60, deadline=None)
def test_lint_finds_exactly_the_rows_that_no_case_reaches(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, list[str]]]
) -> None:
    conditions = (
        f"{{{word}: [{', '.join(f'{{fact: {question}}}' for question in questions)}]}}"
        for word, questions in rows
    )
    rule_set = load_text(tmp_path_factory.mktemp("rules"), with_rows(*conditions))

    found = {finding.rule for finding in lint(rule_set)}

    assert found == {row.id for row in rule_set.rows} - {
        decide(rule_set, case).rule for case in CASES
    }


def test_routes_and_areas_that_nobody_serves_are_found(tmp_path: Path) -> None:
    rule_set = load_text(tmp_path, TEXT)
    coverage = {"stop": {"1": True, "2": False}, "desk": {"1": False}}

    found = lint(rule_set, coverage)

    assert found == [
        Finding(
            file="routing-1.yaml",
            code="unserved_area",
            rule="A1",
            problem="area 2 has no active member for stop",
        ),
        Finding(
            file="routing-1.yaml", code="unserved_route", rule="A2", problem="nobody serves desk"
        ),
        Finding(
            file="routing-1.yaml", code="unserved_route", rule="A9", problem="nobody serves back"
        ),
    ]


def test_a_route_that_cannot_arise_needs_nobody(tmp_path: Path) -> None:
    rule_set = load_text(tmp_path, TEXT)

    assert lint(rule_set, {"stop": {}, "desk": {"1": True}, "back": {"1": True}}) == []


def test_a_replay_leaves_out_who_stays(tmp_path: Path) -> None:
    old = load_text(tmp_path, TEXT)
    new = load_text(tmp_path, changed("over: 50}", "over: 40}"), "routing-2.yaml")
    cases = [("stays", stated()), ("moves", stated(pieces=3, price=4500))]

    [moved] = replay(cases, old=old, new=new)

    assert moved.subject == "moves"
    assert (moved.old_route, moved.new_route) == ("back", "desk")
    assert (moved.old_rule, moved.new_rule) == ("A9", "A2")
