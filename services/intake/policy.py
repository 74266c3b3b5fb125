"""What each role may do in intake, by what they are to a registration; all else is denied.

Where the words of roles come from, and why a row is as strict as it is: docs/adr/0017.
"""

from shared.auth.policy import ANYONE, FULL, Policy, by
from shared.auth.relations import Relation

READ_DISPUTE = "dispute.read"
READ_LEAD = "lead.read"
AUDIT_DISPUTE = "dispute.audit"
AUDIT_LEAD = "lead.audit"

MASKED = "masked"
"""Codes, and of people what tells two apart. Residents see all of what they filed; whoever works on
a case has its words there, not here.
"""

_OWN = by(Relation.OWN)
_REGISTERED = by(Relation.OWN, mask=MASKED)
_AREA = by(Relation.AREA, mask=MASKED)

POLICY = Policy(
    {
        # The way in; says nothing about any case.
        "front.read": ANYONE,
        "dispute.file": ANYONE,
        # Anonymous, if somebody wants to be: a receipt tells what came of it.
        "lead.file": ANYONE,
        "receipt.look_up": ANYONE,
        READ_DISPUTE: {
            "resident": _OWN,
            "volunteer": _OWN,
            "mediator": by(Relation.HOLDER, mask=MASKED) + _REGISTERED,
            "pmc_director": by(Relation.COMMITTEE, mask=MASKED) + _REGISTERED,
            "judicial_office": _AREA,
            "liaison": _AREA + _REGISTERED,
            "grid_worker": _AREA + _REGISTERED,
            "prosecutor": by(Relation.ROOM, mask=MASKED),
        },
        # Who took a report, as a grid worker or a mediator does, keeps no later view of it.
        READ_LEAD: {
            "resident": _OWN,
            "volunteer": _OWN,
            "referral_officer": _AREA,
            "liaison": _AREA,
            "pmc_director": _AREA,
            "prosecutor": by(Relation.HOLDER, mask=MASKED),
            "proc_intake": by(Relation.PROCURATORATE, mask=MASKED),
            "chief_prosecutor": by(Relation.PROCURATORATE, mask=MASKED),
        },
        # Who saw a registration; not what is in it.
        AUDIT_DISPUTE: {"pmc_director": by(Relation.COMMITTEE), "auditor": by(Relation.ANY)},
        AUDIT_LEAD: {"pmc_director": by(Relation.AREA), "auditor": by(Relation.ANY)},
        # Copied once: the parties and texts of a dispute; the text of a lead, never the informant.
        "dossier.read": frozenset({"service:mediation"}),
        "lead_texts.read": frozenset({"service:referral"}),
    },
    masks=(MASKED, FULL),
)
