"""The language between services: event classes as plain data, and their form on the wire."""

from shared.events.base import CASES, DIRECTORY, TOPICS, DisputeEvent, Event, LeadEvent
from shared.events.envelope import Envelope, Undecodable, decode, encode
from shared.events.registry import EVENT_CLASSES, PUBLISHERS

__all__ = [
    "CASES",
    "DIRECTORY",
    "EVENT_CLASSES",
    "PUBLISHERS",
    "TOPICS",
    "DisputeEvent",
    "Envelope",
    "Event",
    "LeadEvent",
    "Undecodable",
    "decode",
    "encode",
]
