"""Which event classes there are, and who publishes them; collected from modules it names."""

from collections.abc import Iterator, Mapping
from types import ModuleType

from shared.events import directory, intake, mediation, referral
from shared.events.base import Event

PUBLISHERS: Mapping[str, ModuleType] = {
    "directory": directory,
    "intake": intake,
    "mediation": mediation,
    "referral": referral,
}


def _classes() -> Iterator[type[Event]]:
    for module in PUBLISHERS.values():
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Event) and "event_type" in vars(value):
                yield value


EVENT_CLASSES: Mapping[str, type[Event]] = {found.event_type: found for found in _classes()}
