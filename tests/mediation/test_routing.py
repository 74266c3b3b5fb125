"""How disputes are decided: samples, explanations, versions by day, replays, lint."""

import shutil
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.mediation import routing
from services.mediation.routing import MEDIATING, Route
from shared import rules
from shared.events.base import Known
from shared.events.deciding import explained_facts, explanation
from shared.events.decisions import Explanation, FactUsed
from shared.events.intake import CaseFacts, Danger, PublicInterest
from tests.district import demo, directory
from tests.mediation.deciding import (
    ELDER,
    ELDER_RESPONDENT,
    RESPONDENT,
    ROSTER,
    current,
    decided,
)
from tests.registrations import dispute, dispute_from, samples


def test_the_first_row_that_matches_decides() -> None:
    weapon_and_child = decided(dispute(danger={"weapon": "yes", "child_harm": "yes"}))

    assert weapon_and_child.rule == "M01"
    assert {"mandatory_report", "notify_police"} <= set(weapon_and_child.parallel)


def test_the_routes_of_the_program_are_those_of_the_rules() -> None:
    assert set(current().routes) == set(Route) > MEDIATING


def test_a_rule_may_ask_about_every_fact_that_the_program_states() -> None:
    stated = routing.facts_of(dispute(), area_served=True, special_committee=False)

    assert stated.keys() == routing.FACTS.keys()


@pytest.mark.parametrize(
    "fact",
    [
        field.name
        for group in (Danger, CaseFacts, PublicInterest)
        for field in fields(group)
        if field.type is Known
    ],
)
def test_unknown_is_not_no(fact: str) -> None:
    unanswered = replace(
        dispute(), danger=Danger(), facts=CaseFacts(), public_interest=PublicInterest()
    )

    decision = decided(unanswered)

    assert decision.rule == "M46"
    assert decision.facts.get(fact, "unknown") == "unknown"
    assert FactUsed(name=fact, value="no") not in explanation(decision, 1).facts


@pytest.mark.parametrize(
    "sample", [one for one in samples() if one["expect"]["mediation"]], ids=lambda one: one["id"]
)
def test_the_samples_go_where_they_must(sample: dict[str, Any]) -> None:
    decision = decided(dispute_from(sample["body"]))

    assert decision.route == sample["expect"]["mediation"]
    assert decision.rule in sample["why"].split()


def test_all_letters_of_a_joint_room_are_explained() -> None:
    decision = decided(dispute(facts={"households_affected": 14, "petition_linked": "yes"}))

    letters = {tried.rule.id: tried.matched for tried in decision.tried if len(tried.rule.id) == 4}
    assert letters == {f"M41{letter}": letter in "df" for letter in "abcdefgh"}
    assert "M41 applies because of M41d, M41f." in rules.in_words(decision, "en")[-2]


def test_a_reader_learns_why_a_row_does_not_apply() -> None:
    decision = decided(dispute())

    chinese = "\n".join(rules.in_words(decision, "zh"))
    english = "\n".join(rules.in_words(decision, "en"))
    assert "M45 不适用：金额 1200 元，未超过 50000 元" in chinese
    assert "M45 does not apply: amount 1,200 yuan, not over 50,000" in english


def test_an_explanation_is_codes_numbers_and_flags_only() -> None:
    explained = explanation(decided(dispute(parties=(ELDER, ELDER_RESPONDENT))), 7)

    again = msgspec.json.decode(msgspec.json.encode(explained), type=Explanation)
    assert again == explained
    assert explained.rule_set == "mediation.routing"
    assert explained.directory_revision == 7
    assert FactUsed(name="amount_fen", value=120_000) in explained.facts
    assert FactUsed(name="vulnerable", value="elder") in explained.facts
    assert [tried.rule for tried in explained.tried][-1] == "M46"


def test_a_published_decision_can_be_decided_again() -> None:
    first = decided(dispute(parties=(ELDER, RESPONDENT), facts={"failed_mediations": 1}))
    explained = explanation(first, 1)

    again = rules.decide(first.rule_set, explained_facts(explained, first.rule_set))

    assert explanation(again, 1) == explained


def test_a_rule_is_changed_in_one_file(tmp_path: Path) -> None:
    """The recipe of CONTRIBUTING: copy the file, give it a version and a day, change the rule."""
    folder = Path(shutil.copytree(routing.FOLDER, tmp_path / "rules"))
    text = (folder / "routing-2026-01.yaml").read_text(encoding="utf-8")
    for old, new in (
        ('version: "2026-01"', 'version: "2027-01"'),
        ("valid_from: 2026-01-01", "valid_from: 2027-01-01"),
        ("over: 50000", "over: 1000"),
    ):
        text = text.replace(old, new)
    (folder / "routing-2027-01.yaml").write_text(text, encoding="utf-8")

    book = rules.load_book(folder, name=routing.NAME, known=routing.FACTS)

    stated = routing.facts_of(dispute(), area_served=True, special_committee=False)
    assert rules.decide(book.on(date(2026, 12, 31)), stated).rule == "M46"
    assert rules.decide(book.on(date(2027, 1, 1)), stated).rule == "M45"


def test_a_case_is_decided_by_the_rules_of_its_day_in_china(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (routing.FOLDER / "routing-2026-01.yaml").read_text(encoding="utf-8")
    (tmp_path / "routing-1.yaml").write_text(text, encoding="utf-8")
    newer = text.replace("2026-01-01", "2026-07-01").replace('"2026-01"', '"2026-07"')
    (tmp_path / "routing-2.yaml").write_text(newer, encoding="utf-8")
    book = rules.load_book(tmp_path, name=routing.NAME, known=routing.FACTS)
    monkeypatch.setattr(routing, "rule_book", lambda: book)
    half_to_midnight = datetime(2026, 6, 30, 15, 30, tzinfo=UTC)
    half_past_midnight = datetime(2026, 6, 30, 16, 30, tzinfo=UTC)

    def version(filed_at: datetime) -> str:
        decision = routing.decide(dispute(), filed_at=filed_at, roster=ROSTER)
        return decision.rule_set.version

    assert [version(half_to_midnight), version(half_past_midnight)] == ["2026-01", "2026-07"]


def test_a_replay_names_whom_another_version_would_move(tmp_path: Path) -> None:
    text = (routing.FOLDER / "routing-2026-01.yaml").read_text(encoding="utf-8")
    (tmp_path / "draft.yaml").write_text(text.replace("over: 50000", "over: 1000"), "utf-8")
    small, large, elsewhere = (
        dispute(amount_fen=99_900),
        dispute(amount_fen=120_000),
        dispute(amount_fen=120_000, area="999999001001"),
    )
    history = [(event, explanation(decided(event), 1)) for event in (small, large, elsewhere)]

    moved = list(routing.replay(history, old=current(), new=routing.draft(tmp_path / "draft.yaml")))

    [only] = moved
    assert (only.old_rule, only.new_rule) == ("M46", "M45")
    assert (only.subject, only.new_route) == (str(large.case_id), "street_mediation")


def test_every_row_says_what_it_means_and_where_it_comes_from() -> None:
    for rule in current().rules():
        assert rule.says.zh
        assert rule.says.en
    for row in (*current().rows, *current().overlays, *current().parallel):
        assert row.law, row.id


def test_the_demo_district_serves_every_route_everywhere() -> None:
    assert routing.lint_findings(directory(*demo())) == []


def test_lint_names_the_area_without_an_active_member() -> None:
    entries = [one for one in demo() if one.id not in {"m-0040", "m-0002", "m-0003"}]

    found = [str(finding) for finding in routing.lint_findings(directory(*entries))]

    assert any("nobody serves mandatory_report" in problem for problem in found)
    assert any("area 350599001001 has no active member for ordinary" in one for one in found)
    assert not any("350599001002" in problem for problem in found)


def test_lint_finds_that_an_empty_directory_serves_nobody() -> None:
    found = routing.lint_findings(directory())

    unserved = {finding.problem for finding in found}
    assert unserved == {
        f"nobody serves {route}" for route in Route if route != Route.SPECIAL_COMMITTEE
    }
