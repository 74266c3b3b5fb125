"""Everything that can be asked of mediation."""

from services.mediation.queries.actions import (
    OpenAction,
    open_actions,
)
from services.mediation.queries.cases import (
    Case,
    Listed,
    Rooms,
    audited,
    case,
    check_audit,
    listed,
    records,
    rooms,
)
from services.mediation.queries.decisions import (
    Explained,
    explained,
)
from services.mediation.queries.dossiers import (
    DossierView,
    Party,
)
from services.mediation.queries.holdings import (
    holdings,
)
from services.mediation.queries.home import Home, home, open_cases
from services.mediation.queries.lists import (
    COUNTED,
    Filters,
    counts,
    mediations,
    numbered,
)
from services.mediation.queries.schedule import (
    MOST,
    WEEK,
    Booked,
    Day,
    Week,
    coming,
    next_of,
    times_of,
    week,
    without_time,
)
from services.mediation.queries.state import (
    routing_state,
)
from services.mediation.queries.timeline import (
    Entry,
    timeline,
)
from shared.messaging.replica import (
    Named,
)

__all__ = [
    "COUNTED",
    "MOST",
    "WEEK",
    "Booked",
    "Case",
    "Day",
    "DossierView",
    "Entry",
    "Explained",
    "Filters",
    "Home",
    "Listed",
    "Named",
    "OpenAction",
    "Party",
    "Rooms",
    "Week",
    "audited",
    "case",
    "check_audit",
    "coming",
    "counts",
    "explained",
    "holdings",
    "home",
    "listed",
    "mediations",
    "next_of",
    "numbered",
    "open_actions",
    "open_cases",
    "records",
    "rooms",
    "routing_state",
    "timeline",
    "times_of",
    "week",
    "without_time",
]
