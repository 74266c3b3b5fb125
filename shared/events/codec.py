"""Events and their envelopes as bytes: CloudEvents 1.0 in Kafka's binary mode.

The value is the JSON of the event's own fields; everything about the event stands in the headers.
Readers are tolerant: an unknown field is passed over, an unknown type is not decoded at all.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import msgspec

from shared.events.base import Event
from shared.events.registry import EVENT_CLASSES

Headers = tuple[tuple[str, bytes], ...]

CONTENT_TYPE = "application/json"
MAX_BYTES = 200_000
"""No event is larger, so none can be refused by a log (Kafka's limit here is 1 MiB)."""

_DECODERS = {name: msgspec.json.Decoder(found) for name, found in EVENT_CLASSES.items()}
_ENCODER = msgspec.json.Encoder()
_TYPE = re.compile(r"[a-z_]+\.[a-z_]+\.[a-z_]+\.v[0-9]+")


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


def headers(envelope: Envelope) -> Headers:
    """The attributes as Kafka headers, in a fixed order."""
    found: dict[str, str | None] = {
        "ce_specversion": "1.0",
        "ce_id": str(envelope.id),
        "ce_source": envelope.source,
        "ce_type": envelope.type,
        "ce_time": envelope.time.isoformat(),
        "ce_subject": envelope.subject,
        "ce_sequence": f"{envelope.sequence:012d}",
        "ce_correlationid": str(envelope.correlation_id),
        "ce_causationid": str(envelope.causation_id) if envelope.causation_id else None,
        "ce_actor": envelope.actor,
        "content-type": CONTENT_TYPE,
        "traceparent": envelope.traceparent,
    }
    return tuple((name, value.encode()) for name, value in found.items() if value is not None)


def parse(key: str | None, value: bytes | None, given: Iterable[tuple[str, bytes]]) -> Envelope:
    """The envelope of a record read from the log; raises Undecodable with the reason."""
    try:
        texts = {name: raw.decode() for name, raw in given}
        envelope = _envelope(texts, value if value is not None else b"")
    except KeyError as error:
        raise Undecodable(f"header {error} is missing") from error
    except (ValueError, AttributeError) as error:
        raise Undecodable(f"a header cannot be read: {error}") from error
    if envelope.subject != key:
        raise Undecodable("the key is not the subject")
    return envelope


def _envelope(texts: Mapping[str, str], data: bytes) -> Envelope:
    if texts["ce_specversion"] != "1.0" or not _TYPE.fullmatch(texts["ce_type"]):
        raise ValueError("not a CloudEvents 1.0 event of ours")
    causation = texts.get("ce_causationid")
    time = datetime.fromisoformat(texts["ce_time"])
    if time.tzinfo is None:
        raise ValueError("ce_time has no offset")
    return Envelope(
        id=UUID(texts["ce_id"]),
        source=texts["ce_source"],
        type=texts["ce_type"],
        time=time,
        subject=texts["ce_subject"],
        sequence=int(texts["ce_sequence"]),
        correlation_id=UUID(texts["ce_correlationid"]),
        causation_id=UUID(causation) if causation else None,
        actor=texts.get("ce_actor", ""),
        traceparent=texts.get("traceparent"),
        data=data,
    )
