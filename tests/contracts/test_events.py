"""Events are contracts: what was once published can be read for ever, and tells of nobody."""

import json
import types
import typing
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from shared.events import DIRECTORY, EVENT_CLASSES, PUBLISHERS, Undecodable, base, decode, encode

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.json"))
VOCABULARY = [base.Code, base.Area, base.Number, base.Known, base.Count]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_published_event_can_be_read_and_written_again(path: Path) -> None:
    sample = json.loads(path.read_text())

    event = decode(path.stem, path.read_bytes())

    assert event is not None, "a type that was published is never removed"
    written = json.loads(encode(event))
    assert {name: written[name] for name in sample} == sample


@pytest.mark.parametrize("name", sorted(EVENT_CLASSES))
def test_every_event_type_has_its_golden_sample(name: str) -> None:
    assert name in {path.stem for path in SAMPLES}


@pytest.mark.parametrize("name", sorted(EVENT_CLASSES))
def test_a_type_names_its_publisher_and_a_version(name: str) -> None:
    publisher, _noun, _verb, version = name.split(".")

    assert publisher in PUBLISHERS
    assert EVENT_CLASSES[name].__module__ == f"shared.events.{publisher}"
    assert version.removeprefix("v").isdigit()


@pytest.mark.parametrize("name", sorted(EVENT_CLASSES))
def test_no_field_of_an_event_about_a_case_can_hold_words(name: str) -> None:
    event_class = EVENT_CLASSES[name]
    allowed = [*VOCABULARY, *([base.Label] if event_class.topic == DIRECTORY else [])]

    assert [kind for kind in _kinds(event_class) if not _is_plain(kind, allowed)] == []


def test_a_newer_events_unknown_field_is_passed_over() -> None:
    path = next(path for path in SAMPLES if "lead.registered" in path.name)
    newer = json.loads(path.read_text()) | {"later": {"more": 1}}

    assert decode(path.stem, json.dumps(newer).encode()) == decode(path.stem, path.read_bytes())


def test_an_unknown_type_is_not_decoded() -> None:
    assert decode("intake.dispute.dreamt.v9", b"anything") is None


@pytest.mark.parametrize("value", [b"", b"\xff", b"[]", b'{"lead_id": 1}'])
def test_what_is_no_event_is_said_to_be_undecodable(value: bytes) -> None:
    with pytest.raises(Undecodable):
        decode("intake.lead.registered.v1", value)


def _kinds(owner: type) -> Iterator[object]:
    """The type of every field, also of those inside others."""
    for field in fields(owner):
        yield from _leaves(field.type)


def _leaves(kind: object) -> Iterator[object]:
    if isinstance(kind, type) and is_dataclass(kind):
        yield from _kinds(kind)
    elif typing.get_origin(kind) in {tuple, types.UnionType, typing.Union}:
        for inner in typing.get_args(kind):
            if inner not in {Ellipsis, type(None)}:
                yield from _leaves(inner)
    else:
        yield kind


def _is_plain(kind: object, allowed: list[object]) -> bool:
    if kind in allowed or kind in {UUID, date, bool, int}:
        return True
    whole_number = typing.get_origin(kind) is typing.Annotated and typing.get_args(kind)[0] is int
    return whole_number and isinstance(typing.get_args(kind)[1], msgspec.Meta)
