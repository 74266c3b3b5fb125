"""docs/asyncapi.yaml: the topics, events and who sends or receives which, in AsyncAPI 3."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from services import registry
from services.documents.messages import BINDING, message, publisher, structured_message
from services.documents.schemas import event_schemas, headers_schema, structured_schema
from shared.events import CASES, DIRECTORY, EVENT_CLASSES, Event
from shared.messaging.topics import KAFKA_SETTINGS, TOPIC_PARTITIONS
from shared.service import Service

NOTICE = "# Written by `hemu docs` from the code; do not edit.\n"
CHANNELS = {CASES: "cases", DIRECTORY: "directory"}
ABOUT = {
    CASES: "Every event about a dispute or a lead, keyed by its id: those about one are in order, "
    "causes before consequences. Everything is kept.",
    DIRECTORY: "The full state of one organisation, member or duty each, keyed by its id; and what "
    "is handed over by one member to another, keyed by the case. Everything is kept.",
}
DESCRIPTION = """\
CloudEvents 1.0 on Apache Kafka. Hemu publishes in binary mode and reads structured mode as well;
the key of a record is the subject in both. Delivery is at least once: a reader remembers the `id`.
Readers pass over unknown fields and unknown types. An incompatible change is a new type, so every
type has a version of its own. No event holds personal data.
"""


class _Dumper(yaml.SafeDumper):
    """Everything is written out where it stands, and text of several lines as such."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def asyncapi() -> str:
    """The document, as YAML."""
    return NOTICE + yaml.dump(
        document(), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100
    )


def document() -> dict[str, Any]:
    services = registry.load_all()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Hemu events",
            "version": "1.0.0",
            "description": DESCRIPTION,
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "cluster": {
                "host": "{brokers}",
                "protocol": "kafka",
                "description": "Apache Kafka, as HEMU_LOG names it.",
                "variables": {"brokers": {"default": "kafka:9092"}},
            }
        },
        "channels": {name: _channel(topic) for topic, name in CHANNELS.items()},
        "operations": {
            name: operation for service in services for name, operation in _operations(service)
        },
        "components": {
            "messages": {kind.__name__: message(kind) for kind in EVENT_CLASSES.values()}
            | {"Structured": structured_message()},
            "schemas": event_schemas()
            | {"Headers": headers_schema(), "CloudEvent": structured_schema()},
        },
    }


def _channel(topic: str) -> dict[str, Any]:
    names = [kind.__name__ for kind in EVENT_CLASSES.values() if kind.topic == topic]
    return {
        "address": topic,
        "description": ABOUT[topic],
        "messages": {
            name: {"$ref": f"#/components/messages/{name}"} for name in (*names, "Structured")
        },
        "bindings": {
            "kafka": {
                "topic": topic,
                "partitions": TOPIC_PARTITIONS[topic],
                "topicConfiguration": {
                    name: _setting(name, value) for name, value in KAFKA_SETTINGS.items()
                },
                **BINDING,
            }
        },
    }


def _setting(name: str, value: str) -> object:
    if name == "cleanup.policy":
        return value.split(",")
    return json.loads(value) if value in {"true", "false", "-1"} else value


def _operations(service: Service) -> Iterator[tuple[str, dict[str, Any]]]:
    published = [kind for kind in EVENT_CLASSES.values() if publisher(kind) == service.name]
    for topic, channel in CHANNELS.items():
        sent = [kind.__name__ for kind in published if kind.topic == topic]
        if sent:
            yield (
                f"{service.name}Publishes{channel.title()}",
                _operation("send", service, channel, sent),
            )
        if heard := [kind.__name__ for kind in _heard(service) if kind.topic == topic]:
            yield (
                f"{service.name}HearsOf{channel.title()}",
                _operation("receive", service, channel, [*heard, "Structured"])
                | {"bindings": {"kafka": {"groupId": {"const": service.name}, **BINDING}}},
            )


def _operation(
    action: str, service: Service, channel: str, messages: Sequence[str]
) -> dict[str, Any]:
    verb = {"send": "publishes", "receive": "reacts to"}[action]
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": f"What the {service.name} service {verb} on this topic.",
        "tags": [{"name": service.name}],
        "messages": [{"$ref": f"#/channels/{channel}/messages/{name}"} for name in messages],
    }


def _heard(service: Service) -> Sequence[type[Event]]:
    classes = {reaction.event_class for reaction in service.reactions}
    return [kind for kind in EVENT_CLASSES.values() if kind in classes or None in classes]
