"""What each role may do in the directory."""

from shared.auth.actor import NEWCOMER, Actor
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

ADMINISTRATOR = frozenset({"org_admin"})
AUDITOR = frozenset({"auditor"})

POLICY = Policy(
    {
        "directory.read": EVERY_ROLE,
        "organisation.look": ADMINISTRATOR | AUDITOR,
        "organisation.open": ADMINISTRATOR,
        "organisation.change": ADMINISTRATOR,
        "organisation.close": ADMINISTRATOR,
        "member.look": ADMINISTRATOR | AUDITOR,
        "member.invite": ADMINISTRATOR,
        "member.change": ADMINISTRATOR,
        "member.set_leave": ADMINISTRATOR,
        "member.hand_over": ADMINISTRATOR,
        "member.deactivate": ADMINISTRATOR,
        "rota.look": ADMINISTRATOR | AUDITOR,
        "rota.change": ADMINISTRATOR,
        "table.import": ADMINISTRATOR,
        "table.export": ADMINISTRATOR | AUDITOR,
        "conflict.declare": EVERY_ROLE,
        "conflict.read": ADMINISTRATOR,
        "styleguide.read": ANYONE,
        "home.open": ANYONE,
        "session.open": ANYONE,
        "session.close": ANYONE,
        # One's own: whoever has signed in.
        "account.read": EVERY_ROLE,
        "session.step_up": EVERY_ROLE,
        "session.act_as": EVERY_ROLE,
        "session.end": EVERY_ROLE,
        "factor.enrol": EVERY_ROLE,
        "factor.replace": EVERY_ROLE,
        "factor.confirm": EVERY_ROLE,
        "factor.drop": EVERY_ROLE,
        "provider.link": EVERY_ROLE,
        "provider.unlink": EVERY_ROLE,
        "token.issue": EVERY_ROLE,
        "token.revoke": EVERY_ROLE,
        "password.change": EVERY_ROLE | {NEWCOMER},
        # domain reference, 10.2, org_admin: users of own organisation
        "account.look": ADMINISTRATOR,
        "account.open": ADMINISTRATOR,
        "account.renew": ADMINISTRATOR,
        "account.lock": ADMINISTRATOR,
        "account.unlock": ADMINISTRATOR,
        "account.drop_factor": ADMINISTRATOR,
        "actor.exchange": ANYONE,
    }
)
"""An administrator reaches the own organisation and all below it, the auditor everything. Everybody
declares conflicts of their own, and reads those; the administrator reads those of the members.
"""


def everywhere(actor: Actor) -> bool:
    """Whether the actor looks at the whole directory, not just at one organisation and below."""
    return bool(actor.roles & AUDITOR)
