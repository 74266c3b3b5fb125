"""A record of the log as an event."""

from collections.abc import Callable

from shared.db import Delivered
from shared.events import Undecodable, decode
from shared.events.codec import parse
from shared.messaging.log import StoredRecord


def read(record: StoredRecord, wants: Callable[[str], bool] = lambda _type: True) -> Delivered:
    """The event in a record; raises Undecodable. An event that nobody ``wants``, by its type, is
    not decoded: only its envelope is read.
    """
    try:
        key = None if record.key is None else record.key.decode()
    except UnicodeDecodeError as error:
        raise Undecodable("the key is not text") from error
    envelope = parse(key, record.value, record.headers)
    return Delivered(
        envelope=envelope,
        event=decode(envelope.type, envelope.data) if wants(envelope.type) else None,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        appended_at=record.appended_at,
    )
