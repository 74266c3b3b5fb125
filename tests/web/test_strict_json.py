"""JSON that two readers could take differently is refused, and the field is named."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import Malformed
from shared.web import strict_json
from shared.web.strict_json import MAX_DEPTH, MAX_VALUES, read_json


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


@pytest.mark.parametrize(
    "raw",
    [
        r'{"a": "\u6c34\\u0000\u0041"}',
        r'{"a": "\ud83d\ude00"}',
        '{"a": ' + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1) + "}",
        "[" + ",".join(["1"] * (MAX_VALUES - 1)) + "]",
        '"' + "," * MAX_VALUES + '"',
    ],
    ids=["escapes", "a pair", "as deep as may be", "as many as may be", "commas"],
)
def test_what_only_looks_odd_is_read(raw: str) -> None:
    assert read_json(raw.encode()) == json.loads(raw)


def pieces(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    names = st.sampled_from(['"a"', '"b"', r'"\u0000"', r'"\u0061"'])
    entries = st.tuples(names, inner).map(": ".join)
    return st.one_of(
        st.lists(inner, max_size=4).map(lambda found: f"[{', '.join(found)}]"),
        st.lists(entries, max_size=4).map(lambda found: f"{{{', '.join(found)}}}"),
        inner.map(lambda found: "[" * MAX_DEPTH + found + "]" * MAX_DEPTH),
    )


LEAVES = ["1", "1.5", "1e999", "-0", "NaN", "9" * 19, '"水"', r'"\u0000"', r'"\ud800"', "null"]


@given(st.recursive(st.sampled_from(LEAVES), pieces, max_leaves=8))
@settings(max_examples=300, deadline=None)
def test_the_quick_look_takes_nothing_that_the_thorough_one_refuses(raw: str) -> None:
    quick = outcome(raw)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strict_json, "_certainly_fine", lambda _raw, _found: False)
        thorough = outcome(raw)

    assert quick == thorough


def outcome(raw: str) -> object:
    try:
        return read_json(raw.encode())
    except Malformed as error:
        return str(error), dict(error.fields)
