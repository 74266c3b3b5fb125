"""JSON that two readers could take differently is refused, and the field is named."""

import pytest

from shared.errors import Malformed
from shared.web.strict_json import MAX_DEPTH, read_json


def test_ordinary_json_is_read() -> None:
    found = read_json('{"名": ["水", 1, -2.5, true, null, {"x": ""}]}'.encode())

    assert found == {"名": ["水", 1, -2.5, True, None, {"x": ""}]}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"{'a': 1}",
        b'{"a": 1,}',
        b"\xff",
        b'{"a": "\xc3\x28"}',
        b'\xef\xbb\xbf{"a": 1}',
        b'{"a": "\n"}',
        b"{}{}",
        b"[" * 200_000,
        b'{"a":' * 50_000,
    ],
)
def test_what_is_not_json_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        read_json(raw)


@pytest.mark.parametrize(
    "raw, field",
    [
        ('{"a": 1, "a": 2}', "a"),
        ('{"a": {"b": [{"c": 1, "c": 1}]}}', "a.b.0.c"),
        ('{"a": NaN}', "a"),
        ('{"a": [1, -Infinity]}', "a.1"),
        ('{"a": 1e999}', "a"),
        ('{"a": 1234567890123456789012}', "a"),
        ('{"a": ' + "9" * 10_000 + "}", "a"),
        (r'{"a": "x\u0000y"}', "a"),
        (r'{"a": ["\ud800"]}', "a.0"),
        (r'{"a": {"b\u0000": 1}}', "a.b?"),
        ('{"a": ' + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1) + "}", "a" + ".0" * 15),
    ],
    ids=lambda text: text[:30],
)
def test_the_field_that_cannot_be_taken_is_named(raw: str, field: str) -> None:
    with pytest.raises(Malformed) as caught:
        read_json(raw.encode())

    assert list(caught.value.fields) == [field]


def test_at_most_a_few_fields_are_named() -> None:
    raw = "[" + ",".join(["NaN"] * 1_000) + "]"

    with pytest.raises(Malformed) as caught:
        read_json(raw.encode())

    assert len(caught.value.fields) == 20


def test_more_values_than_any_registration_has_are_refused_before_they_are_looked_at() -> None:
    raw = b"[" + b"{}," * 80_000 + b"{}]"

    with pytest.raises(Malformed, match="too many"):
        read_json(raw)
