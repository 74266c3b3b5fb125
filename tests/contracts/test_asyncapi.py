"""docs/asyncapi.yaml is a document that AsyncAPI allows, and says what is so."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from jsonschema import Draft7Validator

from services import registry
from shared.events import EVENT_CLASSES, PUBLISHERS
from shared.events.codec import parse, structured
from shared.messaging.topics import TOPIC_PARTITIONS
from tests.conftest import needed
from tests.contracts.document import (
    document,
    faults,
    messages,
    references,
    specification,
    target,
)
from tests.contracts.test_events import SAMPLES

pytestmark = pytest.mark.docs


@pytest.fixture(scope="module")
def official() -> Draft7Validator:
    path = needed(specification)
    return Draft7Validator(json.loads(path.read_text()))


def test_the_specification_allows_it(official: Draft7Validator) -> None:
    assert document()["asyncapi"] == "3.0.0"
    assert [error.message for error in official.iter_errors(document())] == []


@pytest.mark.parametrize(
    "place", [("info", "title"), ("operations", "intakePublishesCases", "action"), ("asyncapi",)]
)
def test_the_specification_would_notice(official: Draft7Validator, place: tuple[str, ...]) -> None:
    broken = deepcopy(document())
    part: Any = broken
    for step in place[:-1]:
        part = part[step]

    del part[place[-1]]

    assert not official.is_valid(broken)


def test_every_reference_leads_somewhere() -> None:
    found = set(references(document()))

    assert len(found) > len(EVENT_CLASSES)
    assert all(isinstance(target(each), dict) for each in found)


def test_each_event_is_a_message_of_its_topic() -> None:
    for channel in document()["channels"].values():
        names = {target(each["$ref"])["name"] for each in channel["messages"].values()}
        wanted = {n for n, kind in EVENT_CLASSES.items() if kind.topic == channel["address"]}

        assert names == {*wanted, "structured"}
        assert channel["bindings"]["kafka"]["partitions"] == TOPIC_PARTITIONS[channel["address"]]


def test_each_event_is_sent_by_its_publisher_alone() -> None:
    sent = [
        (operation["tags"][0]["name"], target(target(each["$ref"])["$ref"])["name"])
        for operation in document()["operations"].values()
        for each in operation["messages"]
        if operation["action"] == "send"
    ]

    assert sorted(sent) == sorted((name.partition(".")[0], name) for name in EVENT_CLASSES)
    assert {publisher for publisher, _ in sent} == set(PUBLISHERS)


def test_each_event_is_received_by_those_who_react_to_it() -> None:
    received = {
        (operation["tags"][0]["name"], target(target(each["$ref"])["$ref"])["name"])
        for operation in document()["operations"].values()
        for each in operation["messages"]
        if operation["action"] == "receive"
    }

    for service in registry.load_all():
        for reaction in service.reactions:
            heard = [reaction.event_class] if reaction.event_class else EVENT_CLASSES.values()
            assert {(service.name, kind.event_type) for kind in heard} <= received
    assert ("mediation", "mediation.dispute.routed.v1") not in received


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_what_was_once_published_holds_against_its_schema(path: Path) -> None:
    name = EVENT_CLASSES[path.stem].__name__

    assert faults(json.loads(path.read_bytes()), "schemas", name) == []


@pytest.mark.parametrize("name", EVENT_CLASSES)
def test_an_example_is_a_whole_record(name: str) -> None:
    message = messages()[name]
    [example] = message["examples"]
    value = json.dumps(example["payload"]).encode()
    given = [(each, text.encode()) for each, text in example["headers"].items()]

    envelope = parse(example["headers"]["ce_subject"], value, given)

    assert envelope.event() is not None
    assert faults(example["headers"], "messages", EVENT_CLASSES[name].__name__, "headers") == []
    assert faults(json.loads(structured(envelope)), "schemas", "CloudEvent") == []


@pytest.mark.parametrize(
    "field, value",
    [
        ("lead_id", "7"),
        ("area", "Fuzhou"),
        ("number", "7"),
        ("directory_revision", -1),
        ("danger", {"weapon": "perhaps"}),
        ("public_interest", {"agency_informed_on": "yesterday"}),
        ("questions", ["Is anybody hurt?"]),
    ],
)
def test_a_schema_refuses_what_the_code_refuses(field: str, value: object) -> None:
    path = next(path for path in SAMPLES if path.stem == "intake.lead.registered.v1")
    wrong = json.loads(path.read_bytes()) | {field: value}

    assert faults(wrong, "schemas", "LeadRegistered") != []


def test_headers_of_another_type_are_refused() -> None:
    [example] = messages()["intake.lead.registered.v1"]["examples"]
    place = ("messages", "LeadRegistered", "headers")

    assert faults(example["headers"], *place) == []
    assert faults(example["headers"] | {"ce_type": "intake.dispute.registered.v1"}, *place) != []
    assert faults(example["headers"] | {"ce_id": UUID(int=1).hex[:8]}, *place) != []
