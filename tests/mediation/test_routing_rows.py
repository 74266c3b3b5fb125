"""Every row of the rules for disputes, hit and just missed."""

from collections.abc import Mapping
from typing import Any

import pytest

from shared.rules import Decision
from tests.mediation.deciding import (
    APPLICANT,
    ELDER,
    ELDER_RESPONDENT,
    RESPONDENT,
    current,
    decided,
)
from tests.registrations import COMMUNITY, dispute, handled, party

Changes = dict[str, Any]


def danger(**answers: object) -> Changes:
    return {"danger": answers}


def facts(**answers: object) -> Changes:
    return {"facts": answers}


def public(**answers: object) -> Changes:
    return {"public_interest": answers}


def before(by: str, status: str, *, entrusted: bool = False) -> Changes:
    return {"handled_before": (handled(by, status, entrusted=entrusted),)}


def elder(failed: int | None, *, applicant: bool = True) -> Changes:
    parties = (ELDER, RESPONDENT) if applicant else (APPLICANT, ELDER_RESPONDENT)
    return {"parties": parties, "facts": {"failed_mediations": failed}}


HIT_AND_MISSED: list[tuple[str, Changes, Changes]] = [
    *(
        ("M01", danger(**{fact: "yes"}), danger(**{fact: "unknown"}))
        for fact in ("ongoing_violence", "weapon", "threat", "fire_or_gas", "crowd_fight")
    ),
    ("M02", danger(self_harm="yes"), danger(self_harm="unknown")),
    ("M03", danger(child_harm="yes"), danger(child_harm="unknown")),
    (
        "M04",
        danger(domestic_violence="yes", victim_incapacitated="yes"),
        danger(domestic_violence="yes", victim_incapacitated="unknown"),
    ),
    (
        "M04",
        danger(domestic_violence="yes", victim_incapacitated="yes"),
        danger(domestic_violence="unknown", victim_incapacitated="yes"),
    ),
    ("M05", danger(serious_crime="yes"), danger(serious_crime="unknown")),
    ("M06", danger(domestic_violence="yes"), danger(domestic_violence="unknown")),
    ("M07", {"questions": ("weapon",)}, {"questions": ()}),
    *(
        ("M10", before(by, status), before(by, other))
        for by in ("court", "police", "agency", "arbitration")
        for status, other in (("pending", "failed"), ("decided", "closed"))
    ),
    ("M10", before("court", "pending"), before("court", "pending", entrusted=True)),
    ("M10", before("police", "decided"), before("petition", "decided")),
    ("M12", facts(exclusion="administrative_dispute"), facts(exclusion=None)),
    (
        "M13",
        {"parties": (APPLICANT, RESPONDENT, party("respondent", "refused"))},
        {"parties": (party("applicant", "refused"), RESPONDENT)},
    ),
    ("M15", {"area": "350599001002"}, {"area": COMMUNITY + "003"}),
    ("M40", {"category": "medical.any"}, {"category": "damages.personal_injury"}),
    *(
        ("M41a", before(by, "pending", entrusted=True), before(by, "failed"))
        for by in ("police", "procuratorate")
    ),
    (
        "M41a",
        before("police", "decided", entrusted=True),
        before("court", "failed", entrusted=True),
    ),
    ("M41b", public(affects_others="yes"), public(affects_others="unknown")),
    ("M41b", public(field="eco_env"), public(field=None)),
    ("M41c", elder(1), elder(0)),
    ("M41c", elder(1), elder(None)),
    ("M41c", elder(1), elder(1, applicant=False)),
    ("M41d", facts(petition_linked="yes"), facts(petition_linked="unknown")),
    ("M41e", facts(failed_mediations=2), facts(failed_mediations=1)),
    ("M41e", facts(repeat_12m=3), facts(repeat_12m=2)),
    ("M41e", facts(repeat_12m=3), facts(repeat_12m=None)),
    ("M41f", facts(households_affected=10), facts(households_affected=9)),
    ("M41f", facts(households_affected=10), facts(households_affected=None)),
    ("M41g", facts(minor_gravely_affected="yes"), facts(minor_gravely_affected="unknown")),
    ("M41h", facts(joint_room_requested="yes"), facts(joint_room_requested="unknown")),
    ("M44", facts(crosses_communities="yes"), facts(crosses_communities="unknown")),
    ("M45", {"amount_fen": 5_000_001}, {"amount_fen": 5_000_000}),
    ("M45", {"amount_fen": 5_000_001}, {"amount_fen": None}),
    ("M45", facts(title_issue="yes"), facts(title_issue="unknown")),
    ("M46", {}, facts(crosses_communities="yes")),
    ("M30", {"parties": (party("applicant", "agreed", "minor"), RESPONDENT)}, {}),
    ("M30", facts(minor_gravely_affected="yes"), facts(minor_gravely_affected="unknown")),
    ("M30", danger(child_harm="yes"), danger(child_harm="unknown")),
    ("M31", elder(0, applicant=False), {}),
    ("M32", {"parties": (party("applicant", "agreed", "disabled"), RESPONDENT)}, elder(0)),
    (
        "M34",
        {"parties": (*[APPLICANT] * 5, RESPONDENT)},
        {"parties": (*[APPLICANT] * 4, *[RESPONDENT] * 4)},
    ),
    ("M34", facts(households_affected=5), facts(households_affected=4)),
    ("M35", danger(police_calls_12m=3), danger(police_calls_12m=2)),
    *(
        ("M35", danger(**{fact: "yes"}), danger(**{fact: "unknown"}))
        for fact in (
            *("ongoing_violence", "weapon", "threat", "fire_or_gas"),
            *("crowd_fight", "domestic_violence"),
        )
    ),
    ("M36", danger(child_harm="yes"), danger(self_harm="yes")),
    ("M36", danger(domestic_violence="yes"), danger(domestic_violence="unknown")),
    *(
        ("M51", danger(**{fact: "yes"}), danger(**{fact: "unknown"}))
        for fact in (
            *("ongoing_violence", "weapon", "threat", "fire_or_gas"),
            *("crowd_fight", "self_harm", "child_harm", "serious_crime"),
        )
    ),
    (
        "M51",
        danger(domestic_violence="yes", victim_incapacitated="yes"),
        danger(domestic_violence="yes"),
    ),
    ("M52", danger(self_harm="yes"), danger(self_harm="unknown")),
    ("M53", danger(child_harm="yes"), danger(child_harm="unknown")),
    ("M54", danger(domestic_violence="yes"), danger(domestic_violence="unknown")),
    (
        "M54",
        {"parties": (party("applicant", "agreed", "domestic_violence_victim"), RESPONDENT)},
        elder(0),
    ),
    ("M55", elder(0), {}),
    ("M55", danger(domestic_violence="yes"), danger(domestic_violence="unknown")),
    ("M20", public(affects_others="yes"), public(affects_others="unknown")),
    ("M20", public(field="eco_env"), public(field=None)),
    ("M20", facts(utility_cut="yes"), facts(utility_cut="unknown")),
    ("M20", public(imminent_danger="yes"), public(imminent_danger="unknown")),
]


def matched(decision: Decision) -> set[str]:
    return {tried.rule.id for tried in (*decision.tried, *decision.added) if tried.matched}


@pytest.mark.parametrize("rule, hit, missed", HIT_AND_MISSED)
def test_a_row_is_hit_and_just_missed(rule: str, hit: Changes, missed: Changes) -> None:
    assert rule in matched(decided(dispute(**hit)))
    assert rule not in matched(decided(dispute(**missed)))


def test_every_row_has_its_hit_and_miss() -> None:
    tested = {rule for rule, _, _ in HIT_AND_MISSED}

    assert tested | {"M41"} == {rule.id for rule in current().rules()}


@pytest.mark.parametrize(
    "rule, route, extras",
    [
        ("M01", "police_immediate", {"safety_hold": True, "risk": "red"}),
        ("M02", "police_immediate", {"safety_hold": True, "risk": "red"}),
        ("M03", "mandatory_report", {"safety_hold": True, "risk": "red"}),
        ("M04", "police_immediate", {"safety_hold": True, "risk": "red"}),
        ("M05", "police_immediate", {"never_mediated": True, "risk": "red"}),
        ("M06", "safety_interview", {"safety_hold": True}),
        ("M07", "ask_again", {}),
        ("M10", "not_accepted", {}),
        ("M12", "not_accepted", {}),
        ("M13", "not_accepted", {}),
        ("M15", "not_accepted", {}),
        ("M40", "special_committee", {}),
        ("M41", "joint_room", {}),
        ("M44", "street_mediation", {}),
        ("M45", "street_mediation", {}),
        ("M46", "ordinary_mediation", {}),
    ],
)
def test_a_row_gives_its_route(rule: str, route: str, extras: Mapping[str, object]) -> None:
    [row] = [row for row in current().rows if row.id == rule]

    assert (row.route, row.extras) == (route, extras)


def test_the_rows_stand_in_the_order_of_the_design() -> None:
    assert " ".join(row.id for row in current().rows) == (
        "M01 M02 M03 M04 M05 M06 M07 M10 M12 M13 M15 M40 M41 M44 M45 M46"
    )
