"""Everything the mediation service can be told to do, or does when it hears of an event."""

from services.mediation.handlers.routing import route_dispute
from services.mediation.handlers.steps import (
    Accept,
    Conclude,
    RecordSession,
    Seen,
    accept,
    conclude,
    record_session,
)

__all__ = [
    "Accept",
    "Conclude",
    "RecordSession",
    "Seen",
    "accept",
    "conclude",
    "record_session",
    "route_dispute",
]
