"""What a service does when it hears of an event: pairs of an event class and a handler."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, overload

from shared.db.transaction import Transaction
from shared.events import TOPICS, Event

E = TypeVar("E", bound=Event)
S = TypeVar("S")


class NotYet(Exception):
    """What the handler needs has not arrived here; the event waits, and so do those behind it in
    its partition. Not an error, and never a reason to park.
    """


@dataclass(frozen=True, kw_only=True)
class Reaction:
    """``event_class`` None means every event. ``prefetch`` is called once per batch with the
    events of the class; what it returns is the handler's third argument.
    """

    event_class: type[Event] | None
    handler: Callable[..., None]
    prefetch: Callable[[Transaction, Sequence[Any]], object] | None = None

    @property
    def topics(self) -> tuple[str, ...]:
        return TOPICS if self.event_class is None else (self.event_class.topic,)


@overload
def on(event_class: type[E], handler: Callable[[Transaction, E], None]) -> Reaction: ...
@overload
def on(
    event_class: type[E],
    handler: Callable[[Transaction, E, S], None],
    *,
    prefetch: Callable[[Transaction, Sequence[E]], S],
) -> Reaction: ...
def on(
    event_class: type[Event],
    handler: Callable[..., None],
    *,
    prefetch: Callable[[Transaction, Sequence[Any]], object] | None = None,
) -> Reaction:
    """React to one class of event; a handler of another class is a type error."""
    return Reaction(event_class=event_class, handler=handler, prefetch=prefetch)


def on_every(handler: Callable[[Transaction], None]) -> Reaction:
    """React to every event, also of types this release does not know; the handler finds it as
    ``tx.cause``.
    """
    return Reaction(event_class=None, handler=handler)
