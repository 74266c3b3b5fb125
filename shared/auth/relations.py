"""How somebody can stand to a case. Which of these let them do what is in each service's policy."""

from enum import StrEnum


class Relation(StrEnum):
    ANY = "any"
    """Whoever they are to it, or where no case is concerned."""
    OWN = "own"
    """Has filed it."""
    HOLDER = "holder"
    """Has it to act, by name."""
    OFFERED = "offered"
    """It waits in their organisation for somebody to take it up."""
    COMMITTEE = "committee"
    """Their committee has it."""
    AREA = "area"
    """It lies in one of their areas."""
    ROOM = "room"
    """They are the prosecutor of its open room."""
    ROOM_ENDED = "room_ended"
    """They were, and the room is closed."""
    AGENCY = "agency"
    """It was sent to their agency."""
    PROCURATORATE = "procuratorate"
    """It was sent to their procuratorate."""
    OPENED = "opened"
    """They have said why they must see more of it, and the time for that is not over."""
    RECUSED = "recused"
    """They are to have nothing to do with it."""


DENIALS = frozenset({Relation.RECUSED, Relation.ROOM_ENDED})
"""These deny everything, whatever else somebody is to the case."""
