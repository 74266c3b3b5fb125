"""What each role may do with mediations; a role that is not named may do nothing."""

from dataclasses import dataclass

from shared.auth.actor import Actor
from shared.auth.policy import Policy

ACCEPT = "mediation.accept"
RECORD_SESSION = "mediation.record_session"
CONCLUDE = "mediation.conclude"
HAND_TO_POLICE = "mediation.hand_to_police"

THE_COMMITTEE = frozenset({"mediator", "pmc_director"})
READERS = THE_COMMITTEE | {"judicial_office", "liaison", "prosecutor"}

POLICY = Policy(
    {
        "mediation.read": READERS,
        "mediation.read_all": READERS - {"prosecutor"},
        ACCEPT: THE_COMMITTEE,
        RECORD_SESSION: THE_COMMITTEE,
        CONCLUDE: THE_COMMITTEE,
        HAND_TO_POLICE: frozenset({"pmc_director"}),
        "dossier.read": THE_COMMITTEE,
        "narrative.read": THE_COMMITTEE | {"prosecutor"},
        "notes.read": THE_COMMITTEE | {"prosecutor"},
        "room.read": READERS | {"room_coordinator"},
    }
)
"""Who may read a mediation but lacks ``mediation.read_all`` sees only those that have a room; who
lacks ``dossier.read`` sees the parties masked, who lacks ``narrative.read`` not what they tell.
"""


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What somebody may see: ``every`` case or only those with a room; the parties' ``names`` or
    masks; the ``story`` they tell; the ``notes`` of sessions.
    """

    every: bool
    names: bool
    story: bool
    notes: bool


def sight(actor: Actor) -> Sight:
    return Sight(
        every=POLICY.allows(actor, "mediation.read_all"),
        names=POLICY.allows(actor, "dossier.read"),
        story=POLICY.allows(actor, "narrative.read"),
        notes=POLICY.allows(actor, "notes.read"),
    )


def concluding(outcome: str) -> str:
    """The action that ends a mediation so: a safety hold is the director's to end."""
    return HAND_TO_POLICE if outcome == "handed_to_police" else CONCLUDE
