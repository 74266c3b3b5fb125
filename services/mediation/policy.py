"""What each role may do with mediations, by what they are to the case; all else is denied.

Where the words of roles come from, and why a row is as strict as it is: docs/adr/0017.
"""

from shared.auth.policy import FULL, Policy, by
from shared.auth.relations import Relation

READ = "mediation.read"
ACCEPT = "mediation.accept"
SCHEDULE_SESSION = "mediation.schedule_session"
ANSWER_SESSION = "mediation.answer_session"
RECORD_SESSION = "mediation.record_session"
CONCLUDE = "mediation.conclude"
HAND_TO_POLICE = "mediation.hand_to_police"
RECUSE = "mediation.recuse"
OPEN = "mediation.open"
BREAK_GLASS = "mediation.break_glass"
REVIEW = "opening.review"
ROOMS = "room.read"
AUDIT = "audit.read"
HOLDINGS = "holdings.read"

MASKED, JOINED, GLASS, NAMED = "masked", "joined", "glass", "named"

NAME, CHILD, STORY, NOTES = "name", "child", "story", "notes"
PARTICULARS, WHEREABOUTS, PHONE = "particulars", "whereabouts", "phone"
"""What is told of people, apart from codes; see ``SHOWN``."""

SHOWN = {
    MASKED: frozenset[str](),
    JOINED: frozenset({NAME, STORY, NOTES}),
    GLASS: frozenset({NAME, STORY, NOTES, CHILD}),
    NAMED: frozenset({NAME, STORY, NOTES, CHILD, PARTICULARS, WHEREABOUTS}),
    FULL: frozenset({NAME, STORY, NOTES, CHILD, PARTICULARS, WHEREABOUTS, PHONE}),
}
"""What each mask leaves, from the narrowest to the widest. A prosecutor in the room knows no child
by name, for nobody has assigned them the case; who breaks the glass does not learn where people
are; and a telephone number is shown to nobody who has not said why.
"""

_HOLDER, _OFFERED, _COMMITTEE = Relation.HOLDER, Relation.OFFERED, Relation.COMMITTEE
_AREA, _ROOM, _OPENED = Relation.AREA, Relation.ROOM, Relation.OPENED

POLICY = Policy(
    {
        READ: {
            "mediator": by(_HOLDER, mask=NAMED, opened=FULL) + by(_OFFERED, mask=MASKED),
            "pmc_director": by(_HOLDER, mask=NAMED, opened=FULL)
            + by(_COMMITTEE, mask=MASKED, opened=FULL)
            + by(_OPENED, mask=GLASS),
            "judicial_office": by(_AREA, mask=MASKED) + by(_OPENED, mask=GLASS),
            "liaison": by(_AREA, mask=MASKED),
            "prosecutor": by(_ROOM, mask=JOINED),
        },
        ACCEPT: {"mediator": by(_HOLDER, _OFFERED), "pmc_director": by(_COMMITTEE)},
        # A director acts only where no mediator does: whoever mediates answers for it.
        SCHEDULE_SESSION: {"mediator": by(_HOLDER), "pmc_director": by(_HOLDER)},
        ANSWER_SESSION: {"prosecutor": by(_ROOM)},
        RECORD_SESSION: {"mediator": by(_HOLDER), "pmc_director": by(_HOLDER)},
        CONCLUDE: {"mediator": by(_HOLDER), "pmc_director": by(_HOLDER, _OFFERED)},
        HAND_TO_POLICE: {"pmc_director": by(_COMMITTEE)},
        RECUSE: {"pmc_director": by(_COMMITTEE)},
        OPEN: {"mediator": by(_HOLDER), "pmc_director": by(_HOLDER, _COMMITTEE)},
        BREAK_GLASS: {
            "pmc_director": by(_AREA, step_up=True),
            "judicial_office": by(_AREA, step_up=True),
        },
        REVIEW: {"pmc_director": by(_COMMITTEE), "judicial_office": by(_AREA)},
        # Who saw a case; not what is in it.
        AUDIT: {"pmc_director": by(_COMMITTEE), "auditor": by(Relation.ANY)},
        HOLDINGS: frozenset({"service:directory"}),
        ROOMS: {
            "mediator": by(_HOLDER),
            "pmc_director": by(_COMMITTEE),
            "judicial_office": by(_AREA),
            "liaison": by(_AREA),
            "prosecutor": by(_ROOM),
            "room_coordinator": by(_AREA),
        },
    },
    masks=tuple(SHOWN),
)


def concluding(outcome: str) -> str:
    """The action that ends a mediation so: a safety hold is the director's to end."""
    return HAND_TO_POLICE if outcome == "handed_to_police" else CONCLUDE
