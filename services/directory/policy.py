"""What each role may do in the directory."""

from shared.auth.policy import ANYONE, Policy

EVERY_ROLE = frozenset(
    {
        "agency_handler",
        "agency_lead",
        "auditor",
        "chief_prosecutor",
        "child_protection",
        "conference_secretary",
        "grid_worker",
        "judicial_office",
        "liaison",
        "mediator",
        "ops",
        "org_admin",
        "pmc_director",
        "police_liaison",
        "proc_intake",
        "prosecutor",
        "referral_officer",
        "resident",
        "room_coordinator",
        "volunteer",
    }
)

POLICY = Policy(
    {
        "directory.read": EVERY_ROLE,
        "session.open": ANYONE,
        "session.close": ANYONE,
        "actor.exchange": ANYONE,
    }
)
