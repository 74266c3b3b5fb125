"""What a view has at hand while it answers: who asks, a transaction, a look at the database."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from shared.auth.actor import ANONYMOUS, Actor
from shared.auth.sealing import Sealer
from shared.db.transaction import Transaction
from shared.service import Service
from shared.telemetry import new_traceparent
from shared.web.i18n import Language, language
from shared.web.platform import Platform

__all__ = [
    "Language",
    "current_actor",
    "install",
    "kept",
    "language",
    "platform",
    "reading",
    "sealer",
    "service",
    "transaction",
]

T = TypeVar("T")


def install(app: Flask, of: Service, on: Platform) -> None:
    secret = on.keys.secret(of.name)
    sealers: dict[str, Sealer] = {}

    def sealer_for(purpose: str) -> Sealer:
        if purpose not in sealers:
            sealers[purpose] = Sealer(secret, purpose)
        return sealers[purpose]

    app.extensions.update(
        {"hemu": on, "hemu.service": of, "hemu.sealer": sealer_for, "hemu.kept": {}}
    )


def platform() -> Platform:
    found: Platform = current_app.extensions["hemu"]
    return found


def service() -> Service:
    found: Service = current_app.extensions["hemu.service"]
    return found


def sealer(purpose: str) -> Sealer:
    """Seals with this service's secret, for one purpose."""
    found: Callable[[str], Sealer] = current_app.extensions["hemu.sealer"]
    return found(purpose)


def kept(make: Callable[[], T]) -> T:
    """What is made once per application, and costs something; nobody changes it."""
    found: dict[Callable[[], T], T] = current_app.extensions["hemu.kept"]
    if make not in found:
        found[make] = make()
    return found[make]


def current_actor() -> Actor:
    """Who asks; ANONYMOUS where nobody has shown who they are."""
    found: Actor = g.get("actor", ANONYMOUS)
    return found


def traceparent() -> str:
    """The step of this request in its trace."""
    found: Any = g.get("traceparent")
    return str(found) if found else new_traceparent()


def transaction() -> AbstractContextManager[Transaction]:
    """Everything done in the block becomes durable together, in the name of who asks."""
    return platform().database.transaction(actor=current_actor(), traceparent=traceparent())


def reading() -> AbstractContextManager[Session]:
    """One consistent look at the service's database."""
    return platform().database.reading()
