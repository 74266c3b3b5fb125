"""Everything that can be asked of mediation."""

from services.mediation.queries.actions import OpenAction, open_actions
from services.mediation.queries.cases import Case, Listed, Rooms, case, listed, rooms
from services.mediation.queries.decisions import Explained, explained
from services.mediation.queries.dossiers import DossierView, Party
from services.mediation.queries.lists import COUNTED, Filters, counts, mediations
from services.mediation.queries.state import routing_state
from services.mediation.queries.timeline import Entry, timeline
from shared.messaging.replica import Named

__all__ = [
    "COUNTED",
    "Case",
    "DossierView",
    "Entry",
    "Explained",
    "Filters",
    "Listed",
    "Named",
    "OpenAction",
    "Party",
    "Rooms",
    "case",
    "counts",
    "explained",
    "listed",
    "mediations",
    "open_actions",
    "rooms",
    "routing_state",
    "timeline",
]
