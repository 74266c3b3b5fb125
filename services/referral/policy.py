"""What each role may do in referral, by what they are to the lead, order or review; all else is
denied.

Where the words of roles come from, and why a row is as strict as it is: docs/adr/0017.
"""

from shared.auth.policy import FULL, Policy, by
from shared.auth.relations import Relation

READ = "lead.read"
OPEN = "lead.open"
BREAK_GLASS = "lead.break_glass"
OPENINGS = "opening.review"
AUDIT = "audit.read"

CODES, DISPATCH, GLASS = "codes", "dispatch", "glass"

TEXT, WORDS, NOTE, MOMENT = "text", "words", "note", "moment"
"""What was reported, what is written to and by an agency, what is written to the procuratorate, and
the very moments, which could be compared with when somebody was seen to report.
"""

SHOWN = {
    CODES: frozenset({MOMENT}),
    DISPATCH: frozenset({WORDS}),
    GLASS: frozenset({MOMENT, TEXT}),
    FULL: frozenset({MOMENT, WORDS, TEXT, NOTE}),
}
"""What each mask leaves, from the narrowest to the widest."""

_HOLDER, _AREA, _AGENCY = Relation.HOLDER, Relation.AREA, Relation.AGENCY
_PROCURATORATE, _OPENED = Relation.PROCURATORATE, Relation.OPENED

_OFFICER = {"referral_officer": by(_AREA)}
_AGENCIES = {
    "agency_handler": by(_AGENCY, mask=DISPATCH),
    "agency_lead": by(_AGENCY, mask=DISPATCH),
}
_PROSECUTOR = {"prosecutor": by(_HOLDER)}
_INTAKE = {"proc_intake": by(_PROCURATORATE)}
_CHIEF = {"chief_prosecutor": by(_PROCURATORATE)}
_ONLOOKERS = dict.fromkeys(("liaison", "pmc_director", "police_liaison"), by(_AREA, mask=CODES))
"""They see what became of the leads of their area, not what was written."""

POLICY = Policy(
    {
        READ: {
            **_OFFICER,
            **_PROSECUTOR,
            "proc_intake": by(_PROCURATORATE) + by(_OPENED, mask=GLASS),
            "chief_prosecutor": by(_PROCURATORATE, mask=CODES, opened=FULL)
            + by(_OPENED, mask=GLASS),
            **_ONLOOKERS,
        },
        "front.read": frozenset(
            {*_OFFICER, *_AGENCIES, *_PROSECUTOR, *_INTAKE, *_CHIEF, *_ONLOOKERS}
        ),
        "lead.order": _OFFICER,
        "lead.transfer": _OFFICER,
        "lead.dismiss": _OFFICER,
        "lead.close": {**_OFFICER, **_INTAKE},
        OPEN: _CHIEF,
        # At another procuratorate, or with an agency, of the area that they answer for.
        BREAK_GLASS: dict.fromkeys(("proc_intake", "chief_prosecutor"), by(_AREA, step_up=True)),
        OPENINGS: {**_OFFICER, **_CHIEF},
        # Who saw a lead; not what is in it.
        AUDIT: {"pmc_director": by(_AREA), "auditor": by(Relation.ANY)},
        "holdings.read": frozenset({"service:directory"}),
        "order.read": {**_AGENCIES, **_OFFICER, **_PROSECUTOR, **_INTAKE, **_CHIEF},
        "order.acknowledge": _AGENCIES,
        "order.object": _AGENCIES,
        "order.reply": _AGENCIES,
        "order.close": _OFFICER,
        "review.read": {**_OFFICER, **_PROSECUTOR, **_INTAKE, **_CHIEF},
        "review.acknowledge": {**_INTAKE, **_PROSECUTOR},
        "review.return": {**_PROSECUTOR, **_INTAKE, **_CHIEF},
        # The intake officer of an upper procuratorate enters its decisions: it has them by name.
        "review.close": {**_PROSECUTOR, **_CHIEF, "proc_intake": by(_HOLDER)},
    },
    masks=tuple(SHOWN),
)


def roles_for(action: str) -> tuple[str, ...]:
    """The roles that may, for telling people who could."""
    return tuple(sorted(POLICY.roles[action]))
