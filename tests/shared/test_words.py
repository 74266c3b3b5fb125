"""Every code that travels or is shown has words in both languages."""

from dataclasses import fields
from pathlib import Path

import msgspec
import pytest

from shared.events import EVENT_CLASSES
from shared.events.intake import CaseFacts, Danger, PublicInterest
from shared.words import codes, kinds, label, read_words

DISPUTE_ROUTES = (
    "police_immediate",
    "mandatory_report",
    "safety_interview",
    "ask_again",
    "not_accepted",
    "special_committee",
    "joint_room",
    "street_mediation",
    "ordinary_mediation",
)
LEAD_ROUTES = (
    "agency_urgent",
    "upper_procuratorate",
    "procuratorate",
    "agency_follow_up",
    "ask_again",
    "not_public_interest",
)
DESIGNED = {
    "route": {*DISPUTE_ROUTES, *LEAD_ROUTES},
    "origin": {"application", "own_initiative", "entrusted"},
    "side": {"applicant", "respondent"},
    "known": {"yes", "no", "unknown"},
    "consent": {"agreed", "refused", "unknown"},
    "party_kind": {
        *("person", "household", "company", "property_firm"),
        *("owners_committee", "agency", "unknown"),
    },
    "vulnerable": {
        *("minor", "elder", "disabled", "pregnant", "seriously_ill"),
        *("unpaid_migrant_worker", "domestic_violence_victim", "low_income"),
    },
    "handled_by": {
        *("court", "police", "procuratorate", "agency"),
        *("arbitration", "petition", "committee", "hotline_12345"),
    },
    "handled_status": {"pending", "decided", "failed", "closed"},
    "overlay": {
        *("vulnerable_minor", "vulnerable_elder", "vulnerable_care"),
        *("group_of_five", "safety_plan", "secrecy"),
    },
    "parallel": {
        *("notify_police", "crisis_support", "mandatory_report", "offer_protection"),
        *("refer_remedy", "public_interest_lead", "legal_aid"),
    },
    "outcome": {
        *("settled_written", "settled_oral", "settled_self", "refused", "failed", "withdrawn"),
        *("unreachable", "handed_to_police", "handed_to_court", "handed_to_agency", "merged"),
    },
}
FIRST_LEVELS = 15
SECOND_LEVELS = 48
DISPUTE_STATES = 23
LEAD_STATES = 30


@pytest.mark.parametrize("kind", DESIGNED)
def test_the_codes_of_the_design_are_exactly_those_with_words(kind: str) -> None:
    assert set(codes(kind)) == DESIGNED[kind]


def test_every_event_type_is_a_short_sentence() -> None:
    assert EVENT_CLASSES.keys() <= set(codes("event_type"))


@pytest.mark.parametrize("facts", [Danger, CaseFacts, PublicInterest])
def test_every_fact_of_a_registration_is_a_question(facts: type) -> None:
    assert {field.name for field in fields(facts)} <= set(codes("fact"))


def test_every_category_belongs_to_a_first_level() -> None:
    first = [code for code in codes("category") if "." not in code]
    second = [code for code in codes("category") if "." in code]

    assert len(first) == FIRST_LEVELS
    assert len(second) == SECOND_LEVELS
    assert {code.partition(".")[0] for code in second} <= set(first)


def test_the_states_of_the_domain_are_complete() -> None:
    assert len(codes("state")) == DISPUTE_STATES
    assert len(codes("lead_state")) == LEAD_STATES


def test_every_reason_not_to_accept_says_where_to_go_instead() -> None:
    assert codes("exclusion") == codes("exclusion_redirect")


def test_an_agency_can_have_every_field_and_two_more_duties() -> None:
    assert codes("duty") == (*codes("field"), "utility_cut", "public_danger")


@pytest.mark.parametrize("kind", kinds())
def test_no_two_codes_of_a_kind_are_called_the_same(kind: str) -> None:
    shown = [code for code in codes(kind) if code != "medical.any"]

    for language in ("zh", "en"):
        words = [label(kind, code, language) for code in shown]
        assert len(set(words)) == len(words)


@pytest.mark.parametrize("kind", kinds())
def test_chinese_words_are_chinese_and_english_words_are_not(kind: str) -> None:
    for code in codes(kind):
        assert any("\u4e00" <= letter <= "\u9fff" for letter in label(kind, code, "zh"))
        assert label(kind, code, "en").isascii() or "–" in label(kind, code, "en")


def test_a_code_without_words_stands_for_itself() -> None:
    assert label("route", "by_carrier_pigeon", "zh") == "by_carrier_pigeon"
    assert label("no_such_kind", "code", "en") == "code"


@pytest.mark.parametrize(
    "entry",
    ["{zh: 只有中文}", "{en: English only}", "{zh: 甲, en: A, fr: a}", "{zh: '', en: A}", "A"],
)
def test_words_in_one_language_only_are_refused(tmp_path: Path, entry: str) -> None:
    path = tmp_path / "words.yaml"
    path.write_text(f"kind:\n  code: {entry}\n", "utf-8")

    with pytest.raises(msgspec.ValidationError):
        read_words(path)


def test_an_unquoted_yes_is_refused_because_yaml_reads_it_as_true(tmp_path: Path) -> None:
    path = tmp_path / "words.yaml"
    path.write_text("known:\n  yes: {zh: 是, en: 'Yes'}\n", "utf-8")

    with pytest.raises(msgspec.ValidationError):
        read_words(path)
