"""Registrations as they are sent, and parts of them changed."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parents[2] / "services/intake/samples/intakes.jsonl"

Body = dict[str, Any]

NAME, PHONE, NARRATIVE = "王小兰", "13912345678", "三楼卫生间漏水,把我家吊顶泡塌了。"
RESPONDENT = "欧阳建国"
SUMMARY = "楼道消防栓没有水。"

DISPUTE: Body = {
    "category": "neighbour.water_leak",
    "narrative": NARRATIVE,
    "origin": "application",
    "place": {
        "area": "350599001001",
        "grid": "350599001001003",
        "building": "5栋",
        "point": {"lat": 24.9, "lon": 118.6},
    },
    "parties": [
        {
            "side": "applicant",
            "kind": "person",
            "name": NAME,
            "phone": PHONE,
            "birth_year": 1953,
            "vulnerable": ["elder"],
            "consent": "agreed",
        },
        {"side": "respondent", "kind": "person", "name": RESPONDENT, "consent": "unknown"},
    ],
    "claims": ["修好并赔偿"],
    "amount": "1200.00",
    "since": "2026-05-01",
    "handled_before": [
        {
            "by": "police",
            "status": "pending",
            "reference": "泉公字12号",
            "entrust_letter": "委托函3号",
        }
    ],
    "danger": {
        "ongoing_violence": "no",
        "weapon": "unknown",
        "threat": "yes",
        "self_harm": "no",
        "fire_or_gas": "no",
        "domestic_violence": "no",
        "victim_incapacitated": "no",
        "child_harm": "no",
        "crowd_fight": "no",
        "serious_crime": "no",
        "police_calls_12m": 0,
    },
    "facts": {
        "exclusion": None,
        "utility_cut": "no",
        "title_issue": "no",
        "crosses_communities": "no",
        "petition_linked": "no",
        "minor_gravely_affected": "no",
        "joint_room_requested": "no",
        "households_affected": 12,
        "failed_mediations": 0,
        "repeat_12m": 0,
    },
    "public_interest": {"affects_others": "no"},
    "secrecy": {"hide_identity": False, "fears_retaliation": "no"},
}

PUBLIC: Body = {
    "affects_others": "yes",
    "people_affected": 40,
    "field": "work_safety",
    "imminent_danger": "no",
    "agency_informed": "yes",
    "agency_informed_on": "2026-08-01",
    "agency_idle": "yes",
    "serious": "no",
    "repeated": "no",
    "summary": SUMMARY,
}

LEAD: Body = {
    "narrative": "实验小学门口推车卖的辣条没有生产日期。",
    "place": {"area": "350599001001", "building": "北门"},
    "public_interest": {"affects_others": "yes", "field": "food_drug"},
    "suspect": {"kind": "person", "name": "林大力", "details": "推蓝色三轮车"},
    "informant": {"name": "赵举报", "phone": "13700000007"},
}

PUBLIC_DISPUTE: Body = {**DISPUTE, "public_interest": PUBLIC}


def changed(body: Body, path: str, value: object) -> Body:
    """The body with one thing changed: ``parties.0.name``."""
    made = deepcopy(body)
    *branches, last = path.split(".")
    inner: Any = made
    for branch in branches:
        inner = inner[int(branch)] if isinstance(inner, list) else inner[branch]
    inner[int(last) if isinstance(inner, list) else last] = value
    return made


def without(body: Body, path: str) -> Body:
    made = deepcopy(body)
    *branches, last = path.split(".")
    inner: Any = made
    for branch in branches:
        inner = inner[int(branch)] if isinstance(inner, list) else inner[branch]
    del inner[int(last) if isinstance(inner, list) else last]
    return made


def samples() -> list[Body]:
    """Each with ``kind`` and ``body``."""
    return [json.loads(line) for line in SAMPLES.read_text(encoding="utf-8").splitlines()]
