"""Registrations for tests: one in which no rule but the last matches, and variations of it."""

import json
from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from shared.events.base import Known
from shared.events.intake import (
    CaseFacts,
    Danger,
    DisputeRegistered,
    HandledBefore,
    LeadRegistered,
    PartyFacts,
    PublicInterest,
)

SAMPLES = Path(__file__).parents[1] / "services/intake/samples/intakes.jsonl"
CASE = UUID("00000000-0000-4000-8000-000000000001")
COMMUNITY = "350599001001"

Group = TypeVar("Group", Danger, CaseFacts, PublicInterest)


def answered(group: type[Group], answers: Mapping[str, Any]) -> Group:
    """Every question of the group answered with no, but for the answers given."""
    calm = {field.name: "no" for field in fields(group) if field.type is Known}
    return group(**{**calm, **answers})


def party(side: str = "applicant", consent: str = "agreed", *vulnerable: str) -> PartyFacts:
    return PartyFacts(side=side, kind="person", consent=consent, vulnerable=vulnerable)


def handled(by: str, status: str, *, entrusted: bool = False) -> HandledBefore:
    return HandledBefore(by=by, status=status, entrusted=entrusted)


def dispute(
    *,
    danger: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
    public_interest: Mapping[str, Any] | None = None,
    **changes: Any,
) -> DisputeRegistered:
    """Two neighbours about noise, nothing else the matter."""
    given = {
        "case_id": CASE,
        "number": "RJ350599-2026-000001",
        "category": "neighbour.noise_household",
        "origin": "application",
        "area": COMMUNITY,
        "amount_fen": 120_000,
        "parties": (party(), party("respondent", "unknown")),
        "danger": answered(Danger, danger or {}),
        "facts": answered(CaseFacts, facts or {}),
        "public_interest": answered(PublicInterest, public_interest or {}),
        "directory_revision": 1,
    }
    return DisputeRegistered(**{**given, **changes})


def lead(
    *,
    danger: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
    public_interest: Mapping[str, Any] | None = None,
    **changes: Any,
) -> LeadRegistered:
    """Something in a field, affecting others, that no agency has been told of."""
    given = {
        "lead_id": CASE,
        "number": "GY350599-2026-000001",
        "origin": "application",
        "area": COMMUNITY,
        "danger": answered(Danger, danger or {}),
        "facts": answered(CaseFacts, facts or {}),
        "public_interest": answered(
            PublicInterest,
            {"affects_others": "yes", "field": "food_drug", **(public_interest or {})},
        ),
        "directory_revision": 1,
    }
    return LeadRegistered(**{**given, **changes})


def samples() -> list[dict[str, Any]]:
    lines = SAMPLES.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def dispute_from(body: Mapping[str, Any]) -> DisputeRegistered:
    """What intake announces of the request's body, as far as routing is concerned."""
    return dispute(
        category=body["category"],
        area=body["place"]["area"],
        amount_fen=int(Decimal(body["amount"]) * 100) if "amount" in body else None,
        parties=tuple(
            party(one["side"], one["consent"], *one.get("vulnerable", ()))
            for one in body["parties"]
        ),
        handled_before=tuple(
            handled(one["by"], one["status"], entrusted=bool(one["entrust_letter"]))
            for one in body.get("handled_before", ())
        ),
        **_groups(body),
    )


def lead_from(body: Mapping[str, Any]) -> LeadRegistered:
    """The lead of the body: of a lead, or of a dispute's public-interest side."""
    return lead(area=body["place"]["area"], **_groups(body))


def _groups(body: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The groups as the body has them: what it leaves out is unknown."""
    groups = {"danger": Danger, "facts": CaseFacts, "public_interest": PublicInterest}
    return {
        name: vars(msgspec.convert(body.get(name, {}), type=group))
        for name, group in groups.items()
    }
