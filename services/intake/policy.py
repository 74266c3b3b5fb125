"""What each role may do in intake; a role that is not named may do nothing.

Relations to a case come with the rights issue. Until then ``*.read_all`` tells two kinds of reader
apart: who lacks it sees only what they filed themselves, or hold.
"""

from shared.auth.actor import Actor
from shared.auth.policy import ANYONE, Policy

DISPUTE_READERS = frozenset(
    {"mediator", "pmc_director", "judicial_office", "liaison", "grid_worker"}
)
LEAD_READERS = frozenset(
    {"referral_officer", "proc_intake", "chief_prosecutor", "liaison", "pmc_director"}
)
OWN = frozenset({"resident", "volunteer"})

POLICY = Policy(
    {
        # The way in; says nothing about any case.
        "front.read": ANYONE,
        # domain.md §10.3 "Dispute basic": C; security.md §3.2 case.create: party "any"
        "dispute.file": ANYONE,
        # domain.md §5.7 (anonymous, with a query code); security.md §3.2 lead.submit: all "any"
        "lead.file": ANYONE,
        # domain.md §10.3 "Lead": resident "R o (status)", §10.4.5 (feedback by query code)
        "receipt.look_up": ANYONE,
        # domain.md §10.3 "Dispute basic": R of these; resident and volunteer their own, prosecutor
        # those joined
        "dispute.read": DISPUTE_READERS | OWN | {"prosecutor"},
        # the same row; masked where the matrix says m, and until dossiers are asked for elsewhere
        "dispute.read_all": DISPUTE_READERS,
        # domain.md §10.3 "Lead (facts)": R or r of these; prosecutor those assigned. Who took a
        # report (grid worker, mediator: C) keeps no later view (§10.4.3).
        "lead.read": LEAD_READERS | OWN | {"prosecutor"},
        # the same row
        "lead.read_all": LEAD_READERS,
        # design.md §2: mediation needs the parties and texts, copied once
        "dossier.read": frozenset({"service:mediation"}),
        # domain.md §10.3 "Lead (facts)": referral R, U; never the informant
        "lead_texts.read": frozenset({"service:referral"}),
    }
)


def sees_all_disputes(actor: Actor) -> bool:
    return POLICY.allows(actor, "dispute.read_all")


def sees_all_leads(actor: Actor) -> bool:
    return POLICY.allows(actor, "lead.read_all")
