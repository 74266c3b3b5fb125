"""Decision tables as data: read strictly, decided with reasons, told in words."""

from pathlib import Path

import pytest

from shared.rules import Facts, RuleSet, RuleSetError, Value, decide, in_words, load_rule_set
from shared.rules.reading import read
from shared.rules.sentences import SENTENCES
from tests.shared.rule_files import TEXT, changed, load_text, stated, with_rows


@pytest.fixture
def rule_set(tmp_path: Path) -> RuleSet:
    return load_text(tmp_path, TEXT)


@pytest.mark.parametrize(
    "facts, rule, route",
    [
        (stated(broken="yes"), "A1", "stop"),
        (stated(broken="yes", tags=frozenset("x")), "A1", "stop"),
        (stated(tags=frozenset("xz")), "A2", "desk"),
        (stated(tags=frozenset("z")), "A9", "back"),
        (stated(pieces=3, price=5001), "A2", "desk"),
        (stated(pieces=3, price=5000), "A9", "back"),
        (stated(pieces=2, price=5001), "A9", "back"),
    ],
)
def test_the_first_row_that_matches_decides(
    rule_set: RuleSet, facts: Facts, rule: str, route: str
) -> None:
    decision = decide(rule_set, facts)

    assert (decision.rule, decision.route) == (rule, route)


def test_every_rule_that_was_tried_is_noted_with_its_branches(rule_set: RuleSet) -> None:
    decision = decide(rule_set, stated(tags=frozenset("x")))

    assert [(tried.rule.id, tried.matched) for tried in decision.tried] == [
        ("A1", False),
        ("A2a", True),
        ("A2b", False),
        ("A2", True),
    ]


def test_all_overlays_and_parallel_actions_count_besides_those_of_the_row(
    rule_set: RuleSet,
) -> None:
    stopped = decide(rule_set, stated(broken="yes", size="l", pieces=1))

    assert stopped.overlays == ("gift",)
    assert stopped.parallel == ("note", "call")
    assert stopped.extras == {"urgent": True, "colour": "red"}
    assert decide(rule_set, stated()).parallel == ("call",)


def test_because_is_data_about_the_questions_that_mattered(rule_set: RuleSet) -> None:
    decision = decide(rule_set, stated(pieces=3, price=5000))

    branch = decision.tried[2]
    assert [seen.as_data() for seen in branch.because] == [
        {"fact": "price", "operator": "over", "operand": 5000, "value": 5000, "holds": False}
    ]


def test_a_decision_knows_the_facts_of_its_rule_set_only(rule_set: RuleSet) -> None:
    decision = decide(rule_set, stated(moon="full"))

    assert decision.facts == stated()


@pytest.mark.parametrize(
    "condition, matching, failing",
    [
        ("{fact: broken, is: yes}", ["yes"], ["no", "unknown"]),
        ("{fact: broken, is: no}", ["no"], ["yes", "unknown"]),
        ("{fact: broken, is: unknown}", ["unknown"], ["yes", "no"]),
        ("{fact: open, is: true}", [True], [False]),
        ("{fact: open, is: false}", [False], [True]),
        ("{fact: size, is: s}", ["s"], ["l", None]),
        ("{fact: size, in: [s, l]}", ["s", "l"], [None]),
        ("{fact: size, given: true}", ["s"], [None]),
        ("{fact: size, given: false}", [None], ["s"]),
        (
            "{fact: tags, in: [x, y]}",
            [frozenset("x"), frozenset("yz")],
            [frozenset(), frozenset("z")],
        ),
        ("{fact: tags, given: true}", [frozenset("z")], [frozenset()]),
        ("{fact: tags, given: false}", [frozenset()], [frozenset("z")]),
        ("{fact: pieces, at_least: 3}", [3, 4], [2, 0, None]),
        ("{fact: pieces, at_most: 3}", [3, 0], [4, None]),
        ("{fact: pieces, over: 3}", [4], [3, None]),
        ("{fact: pieces, below: 3}", [2, 0], [3, None]),
        ("{fact: price, over: 50}", [5001], [5000, 50, None]),
    ],
)
def test_what_each_question_takes_for_an_answer(
    tmp_path: Path, condition: str, matching: list[Value], failing: list[Value]
) -> None:
    rule_set = load_text(tmp_path, with_rows(condition))
    fact = condition.split()[1].rstrip(",")

    assert [decide(rule_set, stated(**{fact: value})).rule for value in matching] == [
        "R1" for _ in matching
    ]
    assert [decide(rule_set, stated(**{fact: value})).rule for value in failing] == [
        "A9" for _ in failing
    ]


@pytest.mark.parametrize(
    "old, new, problem",
    [
        ('version: "1"', "", "version is missing"),
        ('version: "1"', 'version: "1"\ncolour: red', "unknown key colour"),
        ('version: "1"', "version: 1", "version: must be a text"),
        ("valid_from: 2026-01-01", "valid_from: soon", "valid_from: must be a day"),
        (
            "valid_from: 2026-01-01",
            "valid_from: 2026-01-01\nvalid_to: 2025-01-01",
            "valid_to: is before valid_from",
        ),
        ("kind: known", "kind: mood", "facts.broken.kind: mood is no kind of fact"),
        ("kind: known, zh: 破损,", "kind: known,", "facts.broken: zh is missing"),
        ("en: broken", "en: ''", "facts.broken.en: must be a text"),
        (
            "{kind: count, zh: 件数, en: pieces}",
            "{kind: count, zh: 件数, en: pieces, codes: {}}",
            "facts.pieces.codes: a count has no codes",
        ),
        ("{fact: broken, is: yes}", "{fact: shape, is: yes}", "A1.if: unknown fact shape"),
        ("{fact: broken, is: yes}", "{fact: broken, is: maybe}", "must be yes, no or unknown"),
        ("{fact: broken, is: yes}", "{fact: broken, over: 1}", "is a known, which has no operator"),
        ("{fact: broken, is: yes}", "{fact: broken}", "broken needs exactly one operator"),
        ("{fact: broken, is: yes}", "{not: {fact: broken, is: yes}}", "is one of fact, any, all"),
        ("{fact: broken, is: yes}", "{any: []}", "row A1.if: any of nothing"),
        ("{fact: broken, is: yes}", "{otherwise: true}", "row A1: otherwise belongs in the last"),
        ("{fact: tags, in: [x, y]}", "{fact: tags, in: [x, q]}", "q is not declared"),
        ("{fact: tags, in: [x, y]}", "{fact: tags, in: [x, x]}", "names something twice"),
        ("{fact: tags, in: [x, y]}", "{fact: tags, in: []}", "names no code"),
        ("{fact: tags, in: [x, y]}", "{fact: tags, given: 1}", "must be true or false"),
        ("{fact: size, is: l}", "{fact: size, is: q}", "row A10.if.is: size has no code q"),
        ("at_least: 3", "at_least: three", "must be a whole number"),
        ("at_least: 3", "at_least: -3", "must be a whole number"),
        ("id: A2b", "id: A2a", "row A2a: the id stands twice"),
        ("id: A11", "id: A10", "row A10: the id stands twice"),
        ("        - id: A2a\n          if:", "        - if:", "row A2.if.any[1]: id is missing"),
        ("band: first", "band: third", "row A1.band: third is not declared"),
        ("route: stop", "route: moon", "row A1.route: moon is not declared"),
        ("parallel: [note]", "parallel: [gift]", "row A1.parallel: gift is not declared"),
        ("colour: red}", "colour: green}", "row A1.extras.colour: green is not declared"),
        ("says: {zh: 停。, en: Stop.}", "says: {zh: 停。}", "row A1.says: en is missing"),
        ("tag: law", "tag: rumour", "row A1.law[1].tag: rumour is not declared"),
        ("    route: stop\n", "    route: stop\n    route: back\n", "a key stands twice"),
        ("{otherwise: true}", "{otherwise: false}", "row A9.if: otherwise can only be true"),
        ("{otherwise: true}", "{fact: open, is: true}", "rows: the last row is not otherwise"),
        ("{always: true}", "{otherwise: true}", "row A11.if: a condition is one of"),
        ("rows:", "rows: {\n", "routing-1.yaml: cannot be read"),
    ],
)
def test_a_faulty_file_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    with pytest.raises(RuleSetError) as refused:
        load_text(tmp_path, changed(old, new))

    assert "routing-1.yaml" in str(refused.value)
    assert problem in str(refused.value)


def test_bands_do_not_come_back(tmp_path: Path) -> None:
    text = changed("id: A9\n    band: second", "id: A9\n    band: first")

    with pytest.raises(RuleSetError, match="row A9: band first ended above"):
        load_text(tmp_path, text)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuleSetError, match=r"nowhere\.yaml: cannot be read"):
        load_rule_set(tmp_path / "nowhere.yaml")


@pytest.mark.parametrize(
    "condition, value, zh, en",
    [
        ("{fact: broken, is: yes}", "unknown", "破损：未知，不是“是”", "broken: unknown, not yes"),
        ("{fact: open, is: false}", True, "营业：是，不是“否”", "open: yes, not no"),
        ("{fact: size, is: l}", "s", "大小：小，不是“大”", "size: small, not large"),
        ("{fact: size, is: l}", None, "大小：无", "size: none"),
        ("{fact: size, given: true}", None, "大小：无", "size: none"),
        ("{fact: size, given: false}", "s", "大小：小，并非没有", "size: small, which is not none"),
        (
            "{fact: tags, in: [x, y]}",
            frozenset("z"),
            "标签：丙，不属于“甲、乙”",
            "tags: zed, none of: ex, why",
        ),
        ("{fact: pieces, at_least: 3}", 2, "件数 2，少于 3", "pieces 2, less than 3"),
        ("{fact: pieces, at_most: 3}", 4, "件数 4，超过 3", "pieces 4, more than 3"),
        ("{fact: pieces, below: 3}", 3, "件数 3，不低于 3", "pieces 3, not below 3"),
        (
            "{fact: pieces, over: 3}",
            None,
            "件数未知，不能与 3 比较",
            "pieces unknown, so it cannot be compared with 3",
        ),
        (
            "{fact: price, over: 50000}",
            120_000,
            "价格 1200 元，未超过 50000 元",
            "price 1,200 yuan, not over 50,000",
        ),
    ],
)
def test_a_row_that_does_not_apply_says_why(
    tmp_path: Path, condition: str, value: Value, zh: str, en: str
) -> None:
    fact = condition.split()[1].rstrip(",")
    decision = decide(load_text(tmp_path, with_rows(condition)), stated(**{fact: value}))

    assert in_words(decision, "zh")[0] == f"R1 不适用：{zh}。"
    assert in_words(decision, "en")[0] == f"R1 does not apply: {en}."


@pytest.mark.parametrize(
    "condition, value, zh, en",
    [
        ("{fact: broken, is: yes}", "yes", "破损：是", "broken: yes"),
        ("{fact: tags, in: [x, y]}", frozenset("yx"), "标签：甲、乙", "tags: ex, why"),
        ("{fact: size, given: false}", None, "大小：无", "size: none"),
        ("{fact: pieces, at_least: 3}", 3, "件数 3，不少于 3", "pieces 3, at least 3"),
        ("{fact: pieces, at_most: 3}", 3, "件数 3，不超过 3", "pieces 3, at most 3"),
        ("{fact: pieces, below: 3}", 2, "件数 2，低于 3", "pieces 2, below 3"),
        (
            "{fact: price, over: 50000}",
            5_000_050,
            "价格 50000.50 元，超过 50000 元",
            "price 50,000.50 yuan, over 50,000",
        ),
    ],
)
def test_a_row_that_applies_says_why_and_what_it_means(
    tmp_path: Path, condition: str, value: Value, zh: str, en: str
) -> None:
    fact = condition.split()[1].rstrip(",")
    decision = decide(load_text(tmp_path, with_rows(condition)), stated(**{fact: value}))

    assert in_words(decision, "zh")[0] == f"R1 适用：{zh}。后面。"
    assert in_words(decision, "en")[0] == f"R1 applies: {en}. The back."


def test_branches_are_told_one_by_one_and_overlays_only_when_they_come(rule_set: RuleSet) -> None:
    desk = decide(rule_set, stated(tags=frozenset("x"), size="l"))
    back = decide(rule_set, stated(pieces=3))

    assert in_words(desk, "en") == (
        "A1 does not apply: broken: no, not yes.",
        "A2a applies: tags: ex. Tagged.",
        "A2b does not apply: pieces 2, less than 3; price 1 yuan, not over 50.",
        "A2 applies because of A2a. The desk.",
        "A10 applies: size: large. A gift.",
        "A11 applies: A call.",
    )
    assert in_words(back, "en")[2:4] == (
        "A2b does not apply: price 1 yuan, not over 50.",
        "A2 does not apply: none of A2a, A2b does.",
    )


def test_both_languages_can_say_the_same() -> None:
    zh, en = (read(SENTENCES).mapping()[language].mapping() for language in ("zh", "en"))

    assert zh.keys() == en.keys()
