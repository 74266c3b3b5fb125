"""What the audit hears of a request: what it does, and which particulars it shows.

Nobody has to remember it: a change is told in the transaction of the request, and a view that
opens what is sealed is told before its answer leaves, or the answer is an error.
"""

import re
from contextlib import AbstractContextManager

from flask import g, request

from shared.audit.rows import Doing, write_change, write_refusal, write_view
from shared.auth.actor import Actor
from shared.auth.sealing import Sealer
from shared.db import Transaction

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}")


class Undeclared(Exception):
    """A view opens sealed particulars, or changes something, without saying what it does."""


class Watched(Sealer):
    """A sealer of particulars: who opens a box shows what is in it."""

    def open(self, sealed: bytes, *, about: str) -> bytes:
        doing().opened = True
        return super().open(sealed, about=about)


def begin(action: str, *, filters: str | None = None) -> Doing:
    """The request does this; whatever it changes or shows is told under this action."""
    found = Doing(
        action=action, resource=_resource(), request_id=g.get("request_id"), filters=filters
    )
    g.doing = found
    return found


def doing() -> Doing:
    """Raises Undeclared outside of a view that names its action."""
    found = g.get("doing")
    if not isinstance(found, Doing):
        raise Undeclared("only a view that names its action may change or show anything")
    return found


def shown(*fields: str, masked: bool = False) -> None:
    """Which of the particulars that the view declares are shown; all of them if it does not say."""
    now = doing()
    now.fields = fields
    now.mask = "masked" if masked else None


def about(resource: str | None) -> None:
    """The id of the record that the request is about, where neither its address nor an event says
    so; None for no one record. It must exist: what somebody has typed may be anything.
    """
    doing().resource = resource


def acts(action: str) -> None:
    """What the request does after all, where one address serves two things."""
    doing().action = action


def looked_at(resource: str) -> None:
    """A look that leaves a row, though nothing sealed was opened for it."""
    now = doing()
    now.resource, now.opened = resource, True


def withhold() -> None:
    """Who asks must not be told: the look at a lead of one's own says who has filed it."""
    doing().withheld = True


def tell_change(tx: Transaction, actor: Actor) -> None:
    """The row of a change; an answer that is only given again changes nothing."""
    if not g.get("replayed"):
        write_change(tx, doing(), actor)


def tell_view(
    transaction: AbstractContextManager[Transaction], actor: Actor, shows: tuple[str, ...]
) -> None:
    """The row of a view, durable when this returns. Raises Undeclared where ``shows`` is empty."""
    now = doing()
    if not now.opened:
        return
    if not shows:
        raise Undeclared(f"{now.action}: the view must say what it shows")
    now.fields = now.fields or shows
    with transaction as tx:
        write_view(tx, now, actor)


def tell_refusal(transaction: AbstractContextManager[Transaction], actor: Actor) -> None:
    """The row of what was tried and not granted, durable when this returns."""
    with transaction as tx:
        write_refusal(tx, doing(), actor)


def _resource() -> str | None:
    """The first id of the address. A row is only written of what exists, so it is one."""
    values = (request.view_args or {}).values()
    return next((str(value) for value in values if _ID.fullmatch(str(value))), None)
