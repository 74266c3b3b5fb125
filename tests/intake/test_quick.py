"""The quick way to read a registration: the same as marshmallow's, or none."""

import random
from typing import Any

import pytest
from marshmallow import ValidationError

from services.intake.schemas.filing import FILE_DISPUTE, FILE_LEAD
from services.intake.schemas.quick import NotCertain, QuickSchema
from tests.intake.bodies import DISPUTE, LEAD, PUBLIC_DISPUTE, Body, samples

VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 4.0, 4.5, 2**60, "", " ", "x", "yes", "no", "unknown", "1200.00",
    "2026-05-01", "350599001001", "350599001001003", "person", "elder", [], ["elder"], ["x"], {},
    {"side": "applicant"}, {"area": "350599001001"}, "\x00", "e\u0301", "王\u200b兰", "a\r\nb",
]  # fmt: skip
KEYS = ["x", "side", "narrative", "grid", "summary", "informant", "suspect", "point", "lat"]
SCHEMAS: list[QuickSchema[Any]] = [FILE_DISPUTE, FILE_LEAD]


def _disturb(chance: random.Random, value: Any, depth: int = 0) -> Any:
    if chance.random() < 0.03 and depth:
        return chance.choice(VALUES)
    if isinstance(value, dict):
        found = {key: _disturb(chance, inner, depth + 1) for key, inner in value.items()}
        if chance.random() < 0.05:
            found[chance.choice(KEYS)] = chance.choice(VALUES)
        if found and chance.random() < 0.05:
            del found[chance.choice(list(found))]
        return found
    if isinstance(value, list):
        return [_disturb(chance, inner, depth + 1) for inner in value]
    return value


def _bodies() -> list[Body]:
    return [DISPUTE, PUBLIC_DISPUTE, LEAD, *(sample["body"] for sample in samples())]


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: type(schema).__name__)
@pytest.mark.parametrize("seed", range(10))
def test_what_is_read_quickly_is_what_marshmallow_reads(
    schema: QuickSchema[Any], seed: int
) -> None:
    chance = random.Random(seed)
    quick = 0

    for body in _bodies() * 10:
        given = _disturb(chance, body)
        try:
            read = schema.quick_read(given)
        except (NotCertain, ValidationError):
            continue
        quick += 1
        assert read == schema.load(given)

    assert quick > 10


@pytest.mark.parametrize("body", _bodies())
def test_a_good_registration_is_read_quickly(body: Body) -> None:
    schema: QuickSchema[Any] = FILE_DISPUTE if "category" in body else FILE_LEAD

    assert schema.quick_read(body) == schema.read(body) == schema.load(body)
