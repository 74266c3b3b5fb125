"""Where one can go from every page, by role: one list for all services.

A service's own policy decides who may read a page; this only spares people links that would
refuse them.
"""

from shared.auth.policy import ANYONE
from shared.web.platform import Link

OFFICE = frozenset({"mediator", "pmc_director", "judicial_office", "liaison", "grid_worker"})
COMMITTEE = OFFICE - {"grid_worker"} | {"prosecutor"}
ROOMS = COMMITTEE | {"room_coordinator"}
LEADS = frozenset(
    {
        "referral_officer",
        "proc_intake",
        "prosecutor",
        "chief_prosecutor",
        "liaison",
        "pmc_director",
        "police_liaison",
    }
)
AGENCY = frozenset({"agency_handler", "agency_lead"})
OPERATORS = frozenset({"ops", "auditor"})
AUDITORS = frozenset({"auditor"})
ADMINISTRATORS = frozenset({"org_admin", "auditor"})

REGISTRAR = OFFICE - COMMITTEE
LEADS_HOME = LEADS - {"liaison", "pmc_director"} | AGENCY

NAVIGATION = (
    Link(page="home", path="/mediation/", roles=COMMITTEE - {"prosecutor"}, icon="house"),
    Link(page="home", path="/referral/", roles=LEADS_HOME, icon="house"),
    Link(page="home", path="/directory/", roles=ADMINISTRATORS, icon="house"),
    Link(
        page="mediations",
        path="/mediation/mediations",
        roles=COMMITTEE,
        icon="people",
        counted=True,
    ),
    Link(page="rooms", path="/mediation/rooms", roles=ROOMS, icon="calendar3"),
    Link(page="leads", path="/referral/leads", roles=LEADS, icon="megaphone", counted=True),
    Link(
        page="orders",
        path="/referral/orders",
        roles=AGENCY | {"referral_officer"},
        icon="inbox",
        counted=True,
    ),
    Link(
        page="organisations",
        path="/directory/organisations",
        roles=ADMINISTRATORS,
        icon="building",
        also=("/directory/members", "/directory/rota", "/directory/import"),
    ),
    Link(page="mediation_audit", path="/mediation/audit", roles=AUDITORS, icon="eye"),
    Link(page="lead_audit", path="/referral/audit", roles=AUDITORS, icon="eye"),
    Link(page="flows", path="/ops/flows", roles=OPERATORS, icon="diagram-3"),
    Link(
        page="dead_letters",
        path="/ops/dead-letters",
        roles=OPERATORS,
        icon="exclamation-circle",
        counted=True,
    ),
    Link(page="registered_disputes", path="/intake/disputes", roles=OFFICE, icon="journal-text"),
    Link(page="new_dispute", path="/intake/disputes/new", roles=ANYONE, icon="plus-lg"),
    Link(page="new_lead", path="/intake/leads/new", roles=ANYONE, icon="megaphone"),
    Link(page="receipts", path="/intake/receipts", roles=ANYONE, icon="receipt"),
)

FINDERS = (
    Link(page="mediations", path="/mediation/find", roles=COMMITTEE, numbers="JF"),
    Link(page="leads", path="/referral/find", roles=LEADS | AGENCY, numbers="XS"),
    Link(page="flows", path="/ops/find", roles=OPERATORS),
    Link(page="registered_disputes", path="/intake/find", roles=REGISTRAR, numbers="JF"),
)
"""Where a number is looked up. The first that is for one's role is asked; it passes on what is of
another kind.
"""
