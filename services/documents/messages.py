"""The events as messages of AsyncAPI: headers, payload, key, and the golden sample as example."""

import inspect
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from services.documents.schemas import PLACE, Schema
from shared.events import Envelope, Event
from shared.events.codec import STRUCTURED, headers

SAMPLES = Path(__file__).parents[2] / "tests" / "contracts" / "samples"
"""Documents are written in a checkout, where the tests are as well."""

BINDING = {"bindingVersion": "0.5.0"}
EXAMPLE_ID = UUID("01a202e8-4068-7271-8da2-1347e72c75c6")
EXAMPLE_TIME = datetime(2026, 5, 1, 8, 30, tzinfo=UTC)


def message(kind: type[Event]) -> dict[str, Any]:
    attributes = {
        "ce_source": {"const": f"/{publisher(kind)}"},
        "ce_type": {"const": kind.event_type},
    }
    summary = (inspect.getdoc(kind) or "").partition("\n\n")[0]
    return {
        "name": kind.event_type,
        "title": kind.__name__,
        "summary": " ".join(summary.split()),
        "contentType": "application/json",
        "correlationId": {"location": "$message.header#/ce_correlationid"},
        "headers": {"type": "object", "allOf": [_schema("Headers")], "properties": attributes},
        "payload": _schema(kind.__name__),
        "bindings": _key("The same as ce_subject."),
        "examples": [_example(kind)],
    }


def structured_message() -> dict[str, Any]:
    return {
        "name": "structured",
        "title": "Any event, in structured mode",
        "summary": "Hemu reads what others write so; it does not publish so.",
        "contentType": STRUCTURED,
        "correlationId": {"location": "$message.payload#/correlationid"},
        "headers": {
            "type": "object",
            "required": ["content-type"],
            "properties": {"content-type": {"type": "string", "pattern": r"^application/cloudev"}},
        },
        "payload": _schema("CloudEvent"),
        "bindings": _key("The same as subject."),
    }


def _example(kind: type[Event]) -> dict[str, Any]:
    raw = (SAMPLES / f"{kind.event_type}.json").read_bytes()
    envelope = Envelope(
        id=EXAMPLE_ID,
        source=f"/{publisher(kind)}",
        type=kind.event_type,
        time=EXAMPLE_TIME,
        subject=msgspec.json.decode(raw, type=kind).subject,
        sequence=1,
        correlation_id=EXAMPLE_ID,
        causation_id=None,
        actor="m-1",
        traceparent=None,
        data=raw,
    )
    texts = {name: value.decode() for name, value in headers(envelope)}
    return {"name": "sample", "headers": texts, "payload": json.loads(raw)}


def publisher(kind: type[Event]) -> str:
    return kind.event_type.partition(".")[0]


def _schema(name: str) -> Schema:
    return {"$ref": PLACE.format(name=name)}


def _key(description: str) -> dict[str, Any]:
    return {"kafka": {"key": {"type": "string", "description": description}, **BINDING}}
