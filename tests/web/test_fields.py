"""Fields take one thing only, from JSON and, typed, from a form."""

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from marshmallow import ValidationError, fields

from shared.web.schema import (
    AreaField,
    CodeField,
    Coordinate,
    Day,
    Flag,
    FormText,
    Identifier,
    KnownField,
    Money,
    Name,
    Text,
    WholeNumber,
)
from tests.web.notes.service import WRITE, Person, WriteNote

LINE = Text(max_length=5)
NAME = Name(max_length=5)
LINES = Text(max_length=5, multiline=True)
SOME_ID = "0198a3f2-7c41-7d00-8000-0123456789ab"


@pytest.mark.parametrize(
    "field, given, wanted",
    [
        (LINE, "  王小兰 ", "王小兰"),
        (LINE, "e\u0301", "é"),
        (LINE, "a\u202eb\u200b", "ab"),
        (LINES, "a\r\nb", "a\nb"),
        (NAME, " 王小兰 ", "王小兰"),
        (NAME, "㐂\ue000", "㐂\ue000"),
        (WholeNumber(), 4, 4),
        (WholeNumber(), 4.0, 4),
        (WholeNumber(), FormText("4"), 4),
        (Money(), "1200.00", Decimal("1200.00")),
        (Money(), "0", Decimal(0)),
        (Day(), "2026-02-28", date(2026, 2, 28)),
        (Identifier(), SOME_ID, UUID(SOME_ID)),
        (AreaField(), "350599001001003", "350599001001003"),
        (KnownField(), "no", "no"),
        (CodeField(), "neighbour.water_leak", "neighbour.water_leak"),
        (Flag(), False, False),
        (Flag(), FormText("on"), True),
        (Coordinate(limit=90), 24.9, 24.9),
        (Coordinate(limit=90), FormText("-24.9"), -24.9),
    ],
)
def test_a_good_value_is_taken(field: fields.Field[object], given: object, wanted: object) -> None:
    assert field.deserialize(given) == wanted


@pytest.mark.parametrize(
    "field, given",
    [
        (LINE, "123456"),
        (LINE, "  "),
        (LINE, 5),
        (LINE, ["a"]),
        (LINE, "a\nb"),
        (LINE, "a\x00"),
        (LINE, "\ud800"),
        (LINES, "a\x07"),
        (NAME, "a\u202eb"),
        (NAME, "a\u200bb"),
        (NAME, "a\u00adb"),
        (NAME, "a\U000e0041"),
        (NAME, "a\u2028b"),
        (NAME, "a\nb"),
        (NAME, ""),
        (WholeNumber(), "4"),
        (WholeNumber(), 4.5),
        (WholeNumber(), True),
        (WholeNumber(), -1),
        (WholeNumber(), 1e300),
        (WholeNumber(), FormText("４")),
        (WholeNumber(), FormText("9" * 5_000)),
        (Money(), 1200),
        (Money(), "1200.001"),
        (Money(), "1,200"),
        (Money(), "-1"),
        (Money(), "1e5"),
        (Money(), "１２"),
        (Money(), "1" * 13),
        (Day(), "2026-02-30"),
        (Day(), "20260228"),
        (Day(), "2026-W01-1"),
        (Day(), "0001-01-01"),
        (Day(), 5),
        (Identifier(), "0198a3f27c417d0080000123456789ab"),
        (Identifier(), 5),
        (AreaField(), "3505990"),
        (AreaField(), "３５０５９９"),
        (AreaField(), 350599),
        (KnownField(), "maybe"),
        (KnownField(), True),
        (CodeField(), "a b"),
        (CodeField(), ""),
        (CodeField(), "a" * 65),
        (CodeField(("a",)), "b"),
        (Flag(), "yes"),
        (Flag(), 1),
        (Flag(), FormText("maybe")),
        (Coordinate(limit=90), 90.1),
        (Coordinate(limit=90), True),
        (Coordinate(limit=90), "24.9"),
    ],
)
def test_anything_else_is_refused(field: fields.Field[object], given: object) -> None:
    with pytest.raises(ValidationError):
        field.deserialize(given)


def test_a_schema_reads_into_dataclasses_all_the_way_down() -> None:
    read = WRITE.read({"text": "a", "people": [{"name": "b", "needs": ["elder"]}]})

    assert read == WriteNote(text="a", people=[Person(name="b", needs=["elder"])])  # type: ignore[arg-type]


def test_what_is_left_out_is_unknown_or_the_default_of_the_dataclass() -> None:
    read = WRITE.read({"text": "a"})

    assert (read.urgent, read.pages, read.people) == ("unknown", 0, ())
