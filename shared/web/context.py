"""What a view has at hand while it answers: who asks, a transaction, a look at the database."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from shared.auth.actor import ANONYMOUS, Actor, Viewer
from shared.auth.sealing import Sealer
from shared.db.transaction import Transaction
from shared.service import Service
from shared.telemetry import new_traceparent
from shared.web.auditing import Watched, about, tell_change, tell_refusal, tell_view
from shared.web.i18n import Language, language
from shared.web.platform import Platform

__all__ = [
    "Language",
    "audit_act",
    "audit_refusal",
    "audit_view",
    "counting",
    "current_actor",
    "install",
    "kept",
    "language",
    "plain_sealer",
    "platform",
    "reading",
    "sealer",
    "service",
    "transaction",
    "unaudited",
    "viewer",
]

T = TypeVar("T")


def install(app: Flask, of: Service, on: Platform) -> None:
    secret = on.keys.secret(of.name)
    sealers: dict[tuple[type[Sealer], str], Sealer] = {}

    def sealer_for(kind: type[Sealer], purpose: str) -> Sealer:
        if (kind, purpose) not in sealers:
            sealers[kind, purpose] = kind(secret, purpose)
        return sealers[kind, purpose]

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
    """Seals with this service's secret, for one purpose. Opening is a look at particulars, of which
    the audit hears.
    """
    return _sealer_for(Watched, purpose)


def plain_sealer(purpose: str) -> Sealer:
    """As ``sealer``, for what is nobody's particulars."""
    return _sealer_for(Sealer, purpose)


def _sealer_for(kind: type[Sealer], purpose: str) -> Sealer:
    found: Callable[[type[Sealer], str], Sealer] = current_app.extensions["hemu.sealer"]
    return found(kind, purpose)


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


def viewer() -> Viewer:
    return Viewer(actor=current_actor(), now=platform().clock())


def traceparent() -> str:
    """The step of this request in its trace."""
    found: Any = g.get("traceparent")
    return str(found) if found else new_traceparent()


@contextmanager
def transaction() -> Iterator[Transaction]:
    """Everything done in the block becomes durable together, in the name of who asks, with the
    audit row that says so.
    """
    with unaudited() as tx:
        yield tx
        tell_change(tx, current_actor())


def unaudited() -> AbstractContextManager[Transaction]:
    """For what is nobody's act: the audit's own books."""
    return platform().database.transaction(actor=current_actor(), traceparent=traceparent())


def counting() -> AbstractContextManager[Transaction]:
    """For the counters of what is tried: what becomes of the try has the row."""
    return unaudited()


def audit_refusal() -> None:
    """Tell that what the request tried was not granted, before the answer leaves."""
    tell_refusal(unaudited(), current_actor())


def audit_act(resource: UUID | None) -> None:
    """For what another service is about to do for whoever asks: its row stands here."""
    about(None if resource is None else str(resource))
    with transaction():
        pass  # the row is all that changes here


def audit_view(shows: tuple[str, ...]) -> None:
    """Tell what was opened, in a transaction of its own, before the answer leaves."""
    tell_view(unaudited(), current_actor(), shows)


def reading() -> AbstractContextManager[Session]:
    """One consistent look at the service's database."""
    return platform().database.reading()
