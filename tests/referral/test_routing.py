"""Every row of the rules for leads, hit and just missed; and who takes a routed lead."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from services.referral import routing
from services.referral.routing import Route, agency_for, duty_of
from shared import rules
from shared.events.base import Known
from shared.events.deciding import explained_facts, explanation
from shared.events.decisions import FactUsed
from shared.events.intake import CaseFacts, Danger, LeadRegistered, PublicInterest
from shared.events.roster import Roster
from shared.rules import Decision, RuleSet
from tests.district import demo, directory, duty, member, organisation
from tests.registrations import COMMUNITY, lead, lead_from, samples

Changes = dict[str, Any]

FILED = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
VIOLENCE = ("ongoing_violence", "weapon", "threat", "fire_or_gas", "crowd_fight")


def danger(**answers: object) -> Changes:
    return {"danger": answers}


def facts(**answers: object) -> Changes:
    return {"facts": answers}


def public(**answers: object) -> Changes:
    return {"public_interest": answers}


HIT_AND_MISSED: list[tuple[str, Changes, Changes]] = [
    ("L10", public(imminent_danger="yes"), public(imminent_danger="unknown")),
    ("L10", facts(utility_cut="yes"), facts(utility_cut="unknown")),
    ("L11", {"questions": ("child_harm",)}, {"questions": ()}),
    ("L12", public(affects_others="no", field=None), public(affects_others="unknown", field=None)),
    ("L12", public(affects_others="no", field=None), public(affects_others="no", field="eco_env")),
    ("L20", public(field="antimonopoly"), public(field="consumer_mass")),
    ("L22", public(serious="yes"), public(serious="unknown")),
    ("L22", public(repeated="yes"), public(repeated="unknown")),
    *(
        ("L22", public(agency_informed="yes", agency_idle="yes"), public(**{fact: "yes"}))
        for fact in ("agency_informed", "agency_idle")
    ),
    ("L21", {}, public(serious="yes")),
    ("L30", public(field="minors"), public(field="women")),
    ("L30", facts(minor_gravely_affected="yes"), facts(minor_gravely_affected="unknown")),
    ("L30", danger(child_harm="yes"), danger(child_harm="unknown")),
    *(
        ("L35", danger(**{fact: "yes"}), danger(**{fact: "unknown"}))
        for fact in (*VIOLENCE, "domestic_violence")
    ),
    *(
        ("L51", danger(**{fact: "yes"}), danger(**{fact: "unknown"}))
        for fact in (*VIOLENCE, "self_harm", "child_harm", "serious_crime")
    ),
    (
        "L51",
        danger(domestic_violence="yes", victim_incapacitated="yes"),
        danger(domestic_violence="yes"),
    ),
    ("L52", danger(self_harm="yes"), danger(self_harm="unknown")),
    ("L53", danger(child_harm="yes"), danger(child_harm="unknown")),
    ("L54", danger(domestic_violence="yes"), danger(domestic_violence="unknown")),
]


def decided(event: LeadRegistered) -> Decision:
    return routing.decide(event, filed_at=FILED)


def matched(decision: Decision) -> set[str]:
    return {tried.rule.id for tried in (*decision.tried, *decision.added) if tried.matched}


def current() -> RuleSet:
    return routing.rule_book().on(FILED.date())


@pytest.mark.parametrize("rule, hit, missed", HIT_AND_MISSED)
def test_a_row_is_hit_and_just_missed(rule: str, hit: Changes, missed: Changes) -> None:
    assert rule in matched(decided(lead(**hit)))
    assert rule not in matched(decided(lead(**missed)))


def test_every_row_has_its_hit_and_miss() -> None:
    always = {"L25"}

    assert {rule for rule, _, _ in HIT_AND_MISSED} | always == {
        rule.id for rule in current().rules()
    }


def test_the_rows_stand_in_the_order_of_the_design_with_their_routes() -> None:
    assert [(row.id, row.route) for row in current().rows] == [
        ("L10", "agency_urgent"),
        ("L11", "ask_again"),
        ("L12", "not_public_interest"),
        ("L20", "upper_procuratorate"),
        ("L22", "procuratorate"),
        ("L21", "agency_follow_up"),
    ]


def test_who_reported_a_lead_is_always_sealed() -> None:
    assert decided(lead()).overlays == ("secrecy",)


def test_a_lead_that_is_none_is_told_of_other_ways() -> None:
    assert decided(lead(**public(affects_others="no", field=None))).parallel == ("refer_remedy",)


def test_the_routes_of_the_program_are_those_of_the_rules() -> None:
    assert set(current().routes) == set(Route)


def test_a_rule_may_ask_about_every_fact_that_the_program_states() -> None:
    assert routing.facts_of(lead()).keys() == routing.FACTS.keys()


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
        lead(), danger=Danger(), facts=CaseFacts(), public_interest=PublicInterest()
    )

    decision = decided(unanswered)

    assert decision.rule == "L21"
    assert decision.facts.get(fact, "unknown") == "unknown"
    assert FactUsed(name=fact, value="no") not in explanation(decision, 1).facts


@pytest.mark.parametrize(
    "sample", [one for one in samples() if one["expect"]["referral"]], ids=lambda one: one["id"]
)
def test_the_samples_go_where_they_must(sample: dict[str, Any]) -> None:
    decision = decided(lead_from(sample["body"]))

    assert decision.route == sample["expect"]["referral"]
    assert decision.rule in sample["why"].split()


def test_a_published_decision_can_be_decided_again() -> None:
    first = decided(lead(questions=("weapon", "child_harm")))
    explained = explanation(first, 1)

    again = rules.decide(first.rule_set, explained_facts(explained, first.rule_set))

    assert explanation(again, 1) == explained


def test_a_replay_names_whom_another_version_would_move(tmp_path: Path) -> None:
    text = (routing.FOLDER / "routing-2026-01.yaml").read_text(encoding="utf-8")
    serious_only = text.replace("        - {fact: repeated, is: yes}\n", "")
    (tmp_path / "draft.yaml").write_text(serious_only, encoding="utf-8")
    history = [lead(**public(serious="yes")), lead(**public(repeated="yes")), lead()]

    [moved] = routing.replay(history, old=current(), new=routing.draft(tmp_path / "draft.yaml"))

    assert (moved.old_rule, moved.new_rule) == ("L22", "L21")
    assert (moved.old_route, moved.new_route) == ("procuratorate", "agency_follow_up")


AGENCIES = (
    organisation("food", "agency", "350599", duties=("food_drug",)),
    organisation("housing", "agency", "350599", duties=("utility_cut", "barrier_free")),
    organisation("emergency", "agency", "350599", duties=("public_danger", "work_safety")),
    organisation("team-1", "agency", "350599001", duties=("other_public_safety",)),
    organisation("team-2", "agency", "350599", duties=("other_public_safety", "women")),
    organisation("women-2", "agency", "350599", duties=("women",)),
    organisation("closed", "agency", "350599", duties=("heroes",), active=False),
)


@pytest.mark.parametrize(
    "changes, expected",
    [
        (public(field="food_drug"), "food"),
        (public(field="food_drug", imminent_danger="yes"), "food"),
        (public(field=None, imminent_danger="yes") | facts(utility_cut="yes"), "housing"),
        (public(field=None, imminent_danger="yes"), "emergency"),
        (public(field="other_public_safety"), "team-1"),
        (public(field="other_public_safety") | {"area": "350599002001"}, "team-2"),
        (public(field="women"), None),
        (public(field="heroes"), None),
        (public(field="eco_env"), None),
        (public(field=None), None),
        (public(field="food_drug") | {"area": "999999001001"}, None),
    ],
)
def test_exactly_one_agency_is_responsible_or_the_officer_chooses(
    changes: Changes, expected: str | None
) -> None:
    found = agency_for(Roster(directory(*AGENCIES)), lead(**changes), FILED.date())

    assert (found.id if found else None) == expected


def test_without_a_field_the_kind_of_danger_names_the_duty() -> None:
    assert duty_of(lead(**public(field=None), **facts(utility_cut="yes"))) == "utility_cut"
    assert duty_of(lead(**public(field=None, imminent_danger="yes"))) == "public_danger"
    assert duty_of(lead(**public(field=None))) is None


def test_the_officers_of_a_lead_are_found_by_its_area() -> None:
    roster = Roster(
        directory(
            organisation("upper", "upper_procuratorate", "350599"),
            member("upper-intake", "proc_intake", "upper", "350599"),
            member("intake", "proc_intake", "office", "350599"),
            member("prosecutor", "prosecutor", "office", "350599"),
            duty("d1", "prosecutor", "prosecutor", "350599"),
            member("officer-1", "referral_officer", "street-1", "350599001"),
            member("officer-2", "referral_officer", "street-2", "350599002"),
        )
    )

    found = (
        routing.upper_intake_officer(roster, COMMUNITY),
        routing.prosecutor_for(roster, COMMUNITY, date(2026, 3, 2)),
        routing.referral_officer(roster, COMMUNITY),
        routing.referral_officer(roster, "350599002001"),
    )

    assert [one.id for one in found if one] == [
        "upper-intake",
        "prosecutor",
        "officer-1",
        "officer-2",
    ]


def test_the_demo_district_serves_every_route_everywhere() -> None:
    assert routing.lint_findings(directory(*demo())) == []


def test_lint_names_the_area_without_an_active_member() -> None:
    entries = [one for one in demo() if one.id not in {"m-0032", "m-0045"}]

    found = [str(finding) for finding in routing.lint_findings(directory(*entries))]

    assert any("nobody serves upper_procuratorate" in problem for problem in found)
    assert any("area 350599002001 has no active member for agency_urgent" in one for one in found)
    assert not any("350599001001" in problem for problem in found)
