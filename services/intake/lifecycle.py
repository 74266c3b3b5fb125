"""The states into which other services bring a case, and what a receipt tells of them.

Intake decides none of them. Whoever finds a receipt must learn nothing from it: not what kind of
matter it is, not where it went.
"""

from collections.abc import Mapping
from enum import StrEnum

REGISTERED = "registered"
ASK_AGAIN = "ask_again"


class Status(StrEnum):
    """What a receipt tells."""

    RECEIVED = "received"
    QUESTION = "question"
    UNDER_WAY = "under_way"
    ANSWERED = "answered"


WORDS: Mapping[Status, Mapping[str, str]] = {
    Status.RECEIVED: {
        "zh": "已收到并登记，正在确定由谁办理。",
        "en": "Received and registered. It is being decided who takes it up.",
    },
    Status.QUESTION: {
        "zh": "还有一些情况需要您补充，请到登记的社区说明。",
        "en": "Something needs to be asked. Please go to the community where you registered.",
    },
    Status.UNDER_WAY: {
        "zh": "已有人负责，正在办理。",
        "en": "Somebody is responsible for it and at work.",
    },
    Status.ANSWERED: {
        "zh": "已有结果，请到登记的社区了解。",
        "en": "There is a result. Please ask in the community where you registered.",
    },
}

_RECEIVED = frozenset({"received", "registered", "triage", "screening"})
_ANSWERED = frozenset(
    {
        "agency_replied",
        "archived",
        "closed",
        "concluded",
        "feedback_due",
        "follow_up",
        "jurisdiction_transferred",
        "merged",
        "not_accepted",
        "not_filed",
        "performed",
        "terminated",
    }
)


def status(state: str, route: str | None) -> Status:
    if state in _ANSWERED:
        return Status.ANSWERED
    if route == ASK_AGAIN:
        return Status.QUESTION
    return Status.RECEIVED if route is None and state in _RECEIVED else Status.UNDER_WAY
