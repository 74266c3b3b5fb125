"""Envelopes as records of a log: CloudEvents 1.0 in both modes of its Kafka binding.

We publish in binary mode: the value is the JSON of the event's own fields, and everything about
the event stands in the headers. Others may write in structured mode, where one JSON object in the
value holds all of it; exports are written so as well.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from shared.events.envelope import Envelope, Undecodable

Headers = tuple[tuple[str, bytes], ...]

CONTENT_TYPE = "application/json"
STRUCTURED = "application/cloudevents+json"
MAX_SEQUENCE = 10**12 - 1
"""As many as its twelve digits can say."""


def _word(longest: int) -> Meta:
    """What fits the columns it is kept in, and is no control character."""
    return Meta(pattern=r"^[^\x00-\x1f\x7f]*\Z", max_length=longest)


class _CloudEvent(msgspec.Struct, omit_defaults=True):
    """The names of CloudEvents' JSON format. What is null is not there."""

    specversion: Literal["1.0"]
    id: UUID
    source: Annotated[str, _word(40)]
    type: Annotated[str, Meta(pattern=r"^[a-z_]+\.[a-z_]+\.[a-z_]+\.v[0-9]+\Z", max_length=120)]
    time: Annotated[datetime, Meta(tz=True)]
    subject: Annotated[str, _word(64)]
    sequence: str | int
    correlationid: UUID
    causationid: UUID | None = None
    actor: Annotated[str, _word(80)] | None = None
    traceparent: Annotated[str, _word(55)] | None = None
    datacontenttype: str | None = None
    data: msgspec.Raw | UnsetType = UNSET
    data_base64: bytes | None = None


ID_HEADER = "ce_id"

_STRUCTURED = msgspec.json.Decoder(_CloudEvent)
_ATTRIBUTES = {
    f"ce_{name}": name
    for name in _CloudEvent.__struct_fields__
    if name not in {"datacontenttype", "data", "data_base64", "traceparent"}
} | {"content-type": "datacontenttype", "traceparent": "traceparent"}


def headers(envelope: Envelope) -> Headers:
    """The attributes as Kafka headers, in a fixed order."""
    found: dict[str, str | None] = {
        "ce_specversion": "1.0",
        ID_HEADER: str(envelope.id),
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


def structured(envelope: Envelope) -> bytes:
    """The whole event as one JSON object, for whoever takes it without its headers."""
    written = _CloudEvent(
        specversion="1.0",
        id=envelope.id,
        source=envelope.source,
        type=envelope.type,
        time=envelope.time,
        subject=envelope.subject,
        sequence=f"{envelope.sequence:012d}",
        correlationid=envelope.correlation_id,
        causationid=envelope.causation_id,
        actor=envelope.actor or None,
        traceparent=envelope.traceparent,
    )
    try:
        msgspec.json.decode(envelope.data)
    except (msgspec.DecodeError, UnicodeDecodeError):  # of a type this release does not know
        written.data_base64 = envelope.data
    else:
        written.datacontenttype, written.data = CONTENT_TYPE, msgspec.Raw(envelope.data)
    return msgspec.json.encode(written)


def parse(key: str | None, value: bytes | None, given: Iterable[tuple[str, bytes]]) -> Envelope:
    """The envelope of a record read from the log, in either mode; raises Undecodable with the
    reason.
    """
    try:
        texts = {_ATTRIBUTES[name]: raw.decode() for name, raw in given if name in _ATTRIBUTES}
        content_type = texts.get("datacontenttype", CONTENT_TYPE)
        if content_type != CONTENT_TYPE and _is_structured(content_type):
            envelope = _unpack(value or b"", texts.get("traceparent"))
        elif "specversion" in texts:
            envelope = _envelope(msgspec.convert(texts, _CloudEvent), value or b"")
        else:
            raise Undecodable("header 'ce_specversion' is missing")
    except (ValueError, AttributeError) as error:  # of msgspec, too; and of a header that is null
        raise Undecodable(f"an attribute cannot be read: {error}") from error
    if envelope.subject != key:
        raise Undecodable("the key is not the subject")
    return envelope


def _is_structured(content_type: str) -> bool:
    """As the Kafka binding tells the modes apart; raises ValueError for formats but JSON, and for
    batches, which it does not have.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type.startswith("application/cloudevents") and media_type != STRUCTURED:
        raise ValueError(f"content-type is not {STRUCTURED}")
    return media_type == STRUCTURED


def _unpack(value: bytes, traceparent: str | None) -> Envelope:
    """A hop's own trace, in the header, is nearer than the one the event began in."""
    found = _STRUCTURED.decode(value)
    if found.data is not UNSET and found.data_base64 is not None:
        raise ValueError("data stands there twice")
    found.traceparent = traceparent or found.traceparent
    data = found.data_base64 or b"" if found.data is UNSET else bytes(found.data)
    return _envelope(found, data)


def _envelope(found: _CloudEvent, data: bytes) -> Envelope:
    sequence = int(found.sequence)
    if not 0 < sequence <= MAX_SEQUENCE:
        raise ValueError(f"sequence is not from 1 to {MAX_SEQUENCE}")
    return Envelope(
        id=found.id,
        source=found.source,
        type=found.type,
        time=found.time,
        subject=found.subject,
        sequence=sequence,
        correlation_id=found.correlationid,
        causation_id=found.causationid,
        actor=found.actor or "",
        traceparent=found.traceparent,
        data=data,
    )
