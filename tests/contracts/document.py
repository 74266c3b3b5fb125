"""docs/asyncapi.yaml as a stranger takes it: to hold messages against."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft7Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT7

from tests.architecture.tree import ROOT
from tests.servers.npm import npm_packages

PACKAGES = Path(__file__).parent / "asyncapi"
SCHEMA = "node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json"
NAME = "urn:hemu:asyncapi"


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "asyncapi.yaml").read_text())
    return found


@cache
def specification() -> Path:
    """AsyncAPI's own JSON Schema of documents, fetched once per machine; raises ServerMissing."""
    return npm_packages(PACKAGES) / SCHEMA


def messages() -> dict[str, dict[str, Any]]:
    """Each message by its type."""
    found = document()["components"]["messages"].values()
    return {message["name"]: message for message in found}


def faults(instance: object, *place: str) -> list[str]:
    """What is wrong with it by the schema at this place below ``components``."""
    return [error.message for error in validator(*place).iter_errors(instance)]


@cache
def validator(*place: str) -> Draft7Validator:
    registry = Registry().with_resource(NAME, DRAFT7.create_resource(document()))
    return Draft7Validator(
        {"$ref": f"{NAME}#/components/{'/'.join(place)}"},
        registry=registry,
        format_checker=FormatChecker(),
    )


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "$ref" and isinstance(value, str):
                yield value
            yield from references(value)
    elif isinstance(part, list):
        for each in part:
            yield from references(each)


def target(reference: str) -> Any:
    """What a reference within the document leads to; raises KeyError."""
    found: Any = document()
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found
