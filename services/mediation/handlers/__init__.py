"""Everything the mediation service can be told to do, or does when it hears of an event."""

from services.mediation.handlers.handing import (
    hand_over,
)
from services.mediation.handlers.recusing import (
    Recuse,
    recuse,
)
from services.mediation.handlers.routing import (
    route_dispute,
)
from services.mediation.handlers.scheduling import (
    AnswerSession,
    ScheduleSession,
    answer_session,
    schedule_session,
)
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
    "AnswerSession",
    "Conclude",
    "RecordSession",
    "Recuse",
    "ScheduleSession",
    "Seen",
    "accept",
    "answer_session",
    "conclude",
    "hand_over",
    "record_session",
    "recuse",
    "route_dispute",
    "schedule_session",
]
