"""Where one can go from every page, by role: one list for all services.

A service's own policy decides who may read a page; this only spares people links that would
refuse them.
"""

from shared.auth.policy import ANYONE
from shared.web.platform import Link

OFFICE = frozenset({"mediator", "pmc_director", "judicial_office", "liaison", "grid_worker"})
COMMITTEE = OFFICE - {"grid_worker"} | {"prosecutor"}
LEADS = frozenset(
    {
        "referral_officer",
        "proc_intake",
        "prosecutor",
        "chief_prosecutor",
        "liaison",
        "pmc_director",
        "auditor",
    }
)
AGENCY = frozenset({"agency_handler", "agency_lead"})
OPERATORS = frozenset({"ops", "auditor"})

NAVIGATION = (
    Link(page="mediations", path="/mediation/mediations", roles=COMMITTEE),
    Link(page="leads", path="/referral/leads", roles=LEADS),
    Link(page="orders", path="/referral/orders", roles=AGENCY | {"referral_officer"}),
    Link(page="flows", path="/ops/flows", roles=OPERATORS),
    Link(page="dead_letters", path="/ops/dead-letters", roles=OPERATORS),
    Link(page="registered_disputes", path="/intake/disputes", roles=OFFICE),
    Link(page="new_dispute", path="/intake/disputes/new", roles=ANYONE),
    Link(page="new_lead", path="/intake/leads/new", roles=ANYONE),
    Link(page="receipts", path="/intake/receipts", roles=ANYONE),
)
