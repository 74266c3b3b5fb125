"""Requests that succeeded, to be sent once more: by somebody else, or with the ids of another's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from shared.auth.actor import Actor


def new_key() -> str:
    return str(uuid4())


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """``path`` has places for ids. ``who`` sent it, having seen ``version``."""

    method: str
    path: str
    who: Actor
    body: Mapping[str, Any] | None = None
    form: bool = False
    version: int | None = None
    key: str = field(default_factory=new_key)

    @property
    def of_one(self) -> bool:
        return "{" in self.path

    def anew(self, version: int | None) -> "Recorded":
        """With a key of its own: the other one was for another address."""
        return replace(self, version=version, key=new_key())


def send(
    client: FlaskClient, actor: Mapping[str, str], wanted: Recorded, ids: Mapping[str, object]
) -> TestResponse:
    """``actor``: the headers that say who sends it."""
    headers = {**actor, "Idempotency-Key": wanted.key}
    if wanted.version is not None:
        headers["If-Match"] = f'"{wanted.version}"'
    path = wanted.path.format(**ids)
    if not wanted.form:
        return client.open(path, method=wanted.method, json=wanted.body, headers=headers)
    data = {**(wanted.body or {}), "request_key": wanted.key, "version": wanted.version or ""}
    return client.open(path, method=wanted.method, data=data, headers=headers)


def distinct(done: Iterable[Recorded]) -> list[Recorded]:
    """Of requests to one address the first: asked again when all is over, they are the same."""
    return list({(one.method, one.path): one for one in reversed([*done])}.values())


def told(answer: TestResponse, secrets: Iterable[object]) -> list[str]:
    """What of it the answer says, but for the address that was asked for."""
    text = answer.text.replace(answer.request.path, "")
    return [secret for secret in map(str, secrets) if secret in text]
