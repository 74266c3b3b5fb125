"""What each role may do in referral (domain reference, 10.3); a role that is not named may nothing.

Which leads, orders and reviews a role reaches stands beside the tables (``models.leads_of``).
"""

from shared.auth.actor import Actor
from shared.auth.policy import Policy

OFFICER = frozenset({"referral_officer"})
AGENCY = frozenset({"agency_handler", "agency_lead"})
PROSECUTOR = frozenset({"prosecutor"})
INTAKE = frozenset({"proc_intake"})
CHIEF = frozenset({"chief_prosecutor"})
PROCURATORATE = PROSECUTOR | INTAKE | CHIEF
ONLOOKERS = frozenset({"liaison", "pmc_director", "police_liaison"})
"""They see what became of the leads of their area, not what was written."""
AUDITOR = frozenset({"auditor"})

BY_AREA = OFFICER | ONLOOKERS | AUDITOR
"""They reach the leads of their areas."""
BY_ASSIGNMENT = PROSECUTOR
"""They reach the leads that were given to them by name."""
BY_PROCURATORATE = INTAKE | CHIEF
"""They reach the leads that were sent to their procuratorate."""

POLICY = Policy(
    {
        "front.read": AGENCY | OFFICER | PROCURATORATE | ONLOOKERS | AUDITOR,
        "lead.read": OFFICER | PROCURATORATE | ONLOOKERS | AUDITOR,
        "lead.read_text": OFFICER | PROCURATORATE,
        "lead.order": OFFICER,
        "lead.transfer": OFFICER,
        "lead.dismiss": OFFICER,
        "lead.close": OFFICER | INTAKE,
        "order.read": AGENCY | OFFICER | PROCURATORATE | AUDITOR,
        "order.read_words": AGENCY | OFFICER | PROCURATORATE,
        "order.acknowledge": AGENCY,
        "order.object": AGENCY,
        "order.reply": AGENCY,
        "order.close": OFFICER,
        "review.read": OFFICER | PROCURATORATE | AUDITOR,
        "review.read_note": OFFICER | PROCURATORATE,
        "review.acknowledge": INTAKE | PROSECUTOR,
        "review.return": PROCURATORATE,
        "review.close": PROSECUTOR | CHIEF,
    }
)


def roles_for(action: str) -> tuple[str, ...]:
    """The roles that may, for telling people who could."""
    return tuple(sorted(POLICY.roles[action]))


def sees_as_agency(actor: Actor) -> bool:
    """Whether an order is all that the actor may know of the lead behind it."""
    return not POLICY.allows(actor, "lead.read")
