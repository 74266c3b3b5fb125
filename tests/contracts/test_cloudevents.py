"""A record is an event in either mode of CloudEvents' Kafka binding, and in no other way."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka, to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat

from shared.events import Envelope, Undecodable, encode
from shared.events.codec import STRUCTURED, headers, parse, structured
from tests.messaging.samples import lead

LEAD = lead(UUID(int=7))
ENVELOPE = Envelope(
    id=UUID(int=1),
    source="/intake",
    type=LEAD.event_type,
    time=datetime(2026, 5, 1, 8, 30, 0, 123456, tzinfo=UTC),
    subject=LEAD.subject,
    sequence=1,
    correlation_id=UUID(int=1),
    causation_id=UUID(int=2),
    actor="grid_worker",
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    data=encode(LEAD),
)
FOREIGN = (("content-type", STRUCTURED.encode()),)


def written(**changes: object) -> bytes:
    """The structured event with some attributes changed; None takes one away."""
    attributes = json.loads(structured(ENVELOPE)) | changes
    left = {name: value for name, value in attributes.items() if value is not None}
    return json.dumps(left, separators=(",", ":")).encode()


def test_both_modes_say_the_same() -> None:
    binary = parse(ENVELOPE.subject, ENVELOPE.data, headers(ENVELOPE))
    whole = parse(ENVELOPE.subject, structured(ENVELOPE), FOREIGN)

    assert binary == whole == ENVELOPE
    assert whole.event() == LEAD


@pytest.mark.parametrize(
    "bare", [{"causation_id": None}, {"traceparent": None}, {"actor": ""}], ids=str
)
def test_what_an_event_has_not_is_not_written(bare: Mapping[str, Any]) -> None:
    envelope = replace(ENVELOPE, **bare)

    assert b"null" not in structured(replace(envelope, data=b"{}"))
    assert parse(envelope.subject, structured(envelope), FOREIGN) == envelope
    assert parse(envelope.subject, envelope.data, headers(envelope)) == envelope


def test_the_cloudevents_package_reads_both_modes_alike() -> None:
    key = ENVELOPE.subject.encode()
    binary = from_kafka(KafkaMessage(dict(headers(ENVELOPE)), key, ENVELOPE.data), JSONFormat())
    whole = from_kafka(KafkaMessage(dict(FOREIGN), key, structured(ENVELOPE)), JSONFormat())

    assert whole.get_data() == binary.get_data() == json.loads(ENVELOPE.data)
    assert whole.get_extension("sequence") == "000000000001"
    # on Kafka a hop's trace is a header of Kafka's own
    assert whole.get_attributes() == {
        **binary.get_attributes(),
        "traceparent": ENVELOPE.traceparent,
    }


def test_what_the_cloudevents_package_writes_is_read_in_both_modes() -> None:
    event = from_kafka(KafkaMessage(dict(FOREIGN), None, structured(ENVELOPE)), JSONFormat())

    for mode in (to_binary, to_structured):
        message = mode(event, JSONFormat(), lambda each: each.get_subject())
        found = parse(str(message.key), message.value, message.headers.items())

        trace = ENVELOPE.traceparent if mode is to_structured else None
        assert found.event() == LEAD
        assert replace(found, data=b"") == replace(ENVELOPE, data=b"", traceparent=trace)


@pytest.mark.parametrize(
    "content_type",
    ["application/cloudevents+json; charset=UTF-8", "Application/CloudEvents+JSON"],
)
def test_a_media_type_is_known_by_its_name_alone(content_type: str) -> None:
    given = [("content-type", content_type.encode())]

    assert parse(ENVELOPE.subject, structured(ENVELOPE), given) == ENVELOPE


def test_data_may_come_as_base64() -> None:
    value = written(data=None, data_base64=base64.b64encode(ENVELOPE.data).decode())

    assert parse(ENVELOPE.subject, value, FOREIGN).event() == LEAD


def test_a_sequence_may_be_a_number() -> None:
    assert parse(ENVELOPE.subject, written(sequence=12), FOREIGN).sequence == 12


def test_attributes_of_others_are_passed_over() -> None:
    value = written(partitionkey="x", comexampleother=[1, 2])
    given = [*headers(ENVELOPE), ("ce_partitionkey", b"x"), ("anything", b"\xff")]

    assert parse(ENVELOPE.subject, value, FOREIGN) == ENVELOPE
    assert parse(ENVELOPE.subject, ENVELOPE.data, given) == ENVELOPE


def test_the_trace_of_the_last_hop_is_nearer_than_that_of_the_beginning() -> None:
    hop = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01"

    found = parse(ENVELOPE.subject, written(), [*FOREIGN, ("traceparent", hop.encode())])

    assert found.traceparent == hop


def test_data_of_an_unknown_type_is_exported_whatever_it_is() -> None:
    newer = replace(ENVELOPE, type="intake.lead.dreamt.v9", data=b"\xffnot JSON")

    assert "data" not in json.loads(structured(newer))
    assert parse(newer.subject, structured(newer), FOREIGN) == newer


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\xff",
        b"{}",
        b"[]",
        structured(ENVELOPE)[:-1],
        b"[" + structured(ENVELOPE) + b"]",
        written(specversion="0.3"),
        written(specversion=None),
        written(id="7"),
        written(source=None),
        written(type="com.example.other"),
        written(type=f"{ENVELOPE.type}\n"),
        written(time="yesterday"),
        written(time="2026-05-01T08:30:00"),
        written(correlationid=None),
        written(sequence=None),
        written(sequence="first"),
        written(sequence=0),
        written(sequence=10**12),
        written(sequence=True),
        written(data_base64="e30="),
        written(data=None, data_base64="not base64"),
        written(subject=str(UUID(int=8))),
        written(subject=None),
    ],
)
def test_a_structured_record_that_is_no_event_of_ours_cannot_be_decoded(value: bytes) -> None:
    with pytest.raises(Undecodable):
        parse(ENVELOPE.subject, value, FOREIGN)


def test_data_that_breaks_its_contract_cannot_be_decoded() -> None:
    found = parse(ENVELOPE.subject, written(data={"lead_id": 1}), FOREIGN)

    with pytest.raises(Undecodable):
        found.event()


@pytest.mark.parametrize(
    "name, value",
    [
        ("ce_specversion", b"0.3"),
        ("ce_id", b"7"),
        ("ce_type", b"other"),
        ("ce_time", b"2026-05-01T08:30:00"),
        ("ce_sequence", b"-1"),
        ("ce_subject", b"another"),
        ("ce_actor", b"\xff"),
        ("ce_actor", b"a" * 81),
        ("ce_source", b"/" * 41),
        ("ce_source", b"/in\x00take"),
        ("ce_type", b"intake.lead.%s.v1" % (b"x" * 120)),
        ("traceparent", b"0" * 56),
        ("content-type", b"application/cloudevents+json"),
        ("content-type", b"application/cloudevents-batch+json"),
        ("content-type", b"application/cloudevents+avro"),
    ],
)
def test_a_header_that_says_something_else_cannot_be_decoded(name: str, value: bytes) -> None:
    given = {**dict(headers(ENVELOPE)), name: value}

    with pytest.raises(Undecodable):
        parse(ENVELOPE.subject, ENVELOPE.data, given.items())


@pytest.mark.parametrize("subject", ["c" * 65, "case\x00", "case\n"])
def test_a_subject_that_no_table_could_hold_cannot_be_decoded(subject: str) -> None:
    given = {**dict(headers(ENVELOPE)), "ce_subject": subject.encode()}

    with pytest.raises(Undecodable, match="subject"):
        parse(subject, ENVELOPE.data, given.items())


@pytest.mark.parametrize("key", [None, "", str(UUID(int=8))])
def test_the_key_is_the_subject_in_both_modes(key: str | None) -> None:
    for value, given in ((ENVELOPE.data, headers(ENVELOPE)), (structured(ENVELOPE), FOREIGN)):
        with pytest.raises(Undecodable, match="key"):
            parse(key, value, given)


def test_a_record_in_neither_mode_says_what_it_lacks() -> None:
    with pytest.raises(Undecodable, match="ce_specversion"):
        parse(ENVELOPE.subject, structured(ENVELOPE), [("content-type", b"application/json")])
