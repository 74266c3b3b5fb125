"""An event as JSON, and its envelope: all that is known about one event on its way.

Readers are tolerant: an unknown field is passed over, an unknown type is not decoded at all.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from shared.events.base import Event
from shared.events.registry import EVENT_CLASSES

MAX_BYTES = 200_000
"""No event is larger, so none can be refused by a log (Kafka's limit here is 1 MiB)."""

_DECODERS = {name: msgspec.json.Decoder(found) for name, found in EVENT_CLASSES.items()}
_ENCODER = msgspec.json.Encoder()


class Undecodable(Exception):
    """A record that is not an event of ours; trying again would not help."""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """One event on its way, with its CloudEvents attributes.

    ``sequence`` counts the events of one ``source`` on one ``subject``, from 1, without a gap.
    ``correlation_id`` is the id of the first event on the subject.
    """

    id: UUID
    source: str
    type: str
    time: datetime
    subject: str
    sequence: int
    correlation_id: UUID
    causation_id: UUID | None
    actor: str
    traceparent: str | None
    data: bytes

    def event(self) -> Event | None:
        """The event itself, or None when this release does not know the type."""
        return decode(self.type, self.data)


def encode(event: Event) -> bytes:
    """The event as JSON; reads it back, so that nothing leaves which a reader would refuse."""
    data = _ENCODER.encode(event)
    if len(data) > MAX_BYTES:
        raise ValueError(f"{event.event_type}: {len(data)} bytes are too many for an event")
    decode(event.event_type, data)
    return data


def decode(event_type: str, data: bytes) -> Event | None:
    """The event, or None for an unknown type; raises Undecodable."""
    decoder = _DECODERS.get(event_type)
    if decoder is None:
        return None
    try:
        return decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Undecodable(f"{event_type}: {error}") from error
