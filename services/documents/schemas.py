"""JSON Schemas of the events: what a stranger can hold a record against."""

import inspect
from collections.abc import Mapping
from typing import Any, get_args

import msgspec

from shared.events import EVENT_CLASSES, PUBLISHERS
from shared.events import base as vocabulary

Schema = dict[str, Any]

PLACE = "#/components/schemas/{name}"
ATTRIBUTES: Mapping[str, Schema] = {
    "specversion": {"const": "1.0"},
    "id": {
        "type": "string",
        "format": "uuid",
        "description": "One per event: a record with an id seen before is the same event again.",
    },
    "source": {
        "type": "string",
        "enum": [f"/{publisher}" for publisher in PUBLISHERS],
        "description": "The service that publishes it.",
    },
    "type": {"type": "string", "enum": list(EVENT_CLASSES)},
    "time": {"type": "string", "format": "date-time", "description": "When it happened."},
    "subject": {
        "type": "string",
        "description": "What it is about: a case, a lead, or an entry of the directory.",
    },
    "sequence": {
        "type": "string",
        "pattern": "^[0-9]{12}$",
        "description": "Counts the events of one source on one subject, from 1, without a gap.",
    },
    "correlationid": {
        "type": "string",
        "format": "uuid",
        "description": "The id of the first event on the subject.",
    },
    "causationid": {
        "type": "string",
        "format": "uuid",
        "description": "The id of the event that this one is a reaction to.",
    },
    "actor": {
        "type": "string",
        "description": "The opaque id of the member who did it; about leads, only the role.",
    },
}
OPTIONAL = {"causationid", "actor"}
TRACE: Schema = {"type": "string", "description": "W3C Trace Context."}


def event_schemas() -> dict[str, Schema]:
    """Of every event class, of what stands in them, and of the words they are made of."""
    _, found = msgspec.json.schema_components(EVENT_CLASSES.values(), ref_template=PLACE)
    words = _words()
    return {name: _named(schema, words) for name, schema in found.items()} | words


def headers_schema() -> Schema:
    """Of Kafka's headers in binary mode."""
    return {
        "type": "object",
        "description": "CloudEvents 1.0, binary mode of the Kafka binding.",
        "required": [
            *(f"ce_{name}" for name in ATTRIBUTES if name not in OPTIONAL),
            "content-type",
        ],
        "properties": {
            **{f"ce_{name}": schema for name, schema in ATTRIBUTES.items()},
            "content-type": {"const": "application/json"},
            "traceparent": TRACE,
        },
    }


def structured_schema() -> Schema:
    """Of the value in structured mode."""
    return {
        "type": "object",
        "description": "CloudEvents 1.0, JSON format. `data` is the payload of the message that "
        "`type` names; `data_base64` may hold its bytes instead.",
        "required": [name for name in ATTRIBUTES if name not in OPTIONAL],
        "properties": {
            **ATTRIBUTES,
            "traceparent": TRACE,
            "datacontenttype": {"const": "application/json"},
            "data": {"type": "object"},
            "data_base64": {"type": "string", "contentEncoding": "base64"},
        },
        "oneOf": [{"required": ["data"]}, {"required": ["data_base64"]}],
    }


def _words() -> dict[str, Schema]:
    """The vocabulary by its names."""
    return {
        name: msgspec.json.schema(kind)
        for name, kind in vars(vocabulary).items()
        if not name.startswith("_") and get_args(kind)
    }


def _named(schema: Any, words: Mapping[str, Schema]) -> Any:
    """With references to the vocabulary. What stands beside a reference does not count in this
    version of JSON Schema, so the reference moves inside.
    """
    if isinstance(schema, list):
        return [_named(each, words) for each in schema]
    if not isinstance(schema, dict):
        return schema
    bare = {name: value for name, value in schema.items() if name != "default"}
    for name, word in words.items():
        if bare == word:
            reference = {"$ref": PLACE.format(name=name)}
            return reference if bare == schema else {"allOf": [reference], **_default(schema)}
    found = {name: _named(value, words) for name, value in schema.items()}
    if isinstance(found.get("description"), str):
        found["description"] = inspect.cleandoc(found["description"])
    return found


def _default(schema: Schema) -> Schema:
    return {"default": schema["default"]}
