"""The lives of a lead, an order and a review: their states, and the moves between them.

The numbers are the rows of the lead's table of transitions (domain reference, 6.4). A move without
a row is a decision of this platform. What the procuratorate does after filing is still to come.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from shared.errors import IllegalTransition


class LeadState(StrEnum):
    SCREENING = "screening"
    REDIRECTED_TO_AGENCY = "redirected_to_agency"
    AGENCY_HANDLING = "agency_handling"
    AGENCY_REPLIED = "agency_replied"
    TRANSFERRED = "transferred"
    RETURNED = "returned"
    UNDER_EVALUATION = "under_evaluation"
    JURISDICTION_TRANSFERRED = "jurisdiction_transferred"
    NOT_FILED = "not_filed"
    FILED = "filed"
    FEEDBACK_DUE = "feedback_due"
    CLOSED = "closed"


class OrderState(StrEnum):
    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    OBJECTED = "objected"
    REPLIED = "replied"
    CLOSED = "closed"


class ReviewState(StrEnum):
    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


LEAD, REVIEW = "lead", "review"
"""What a member can have here, as the directory calls it when it is handed over."""

State = TypeVar("State", bound=StrEnum)
Moves = Mapping[State, frozenset[State]]

MOVES: Moves[LeadState] = {
    LeadState.SCREENING: frozenset(
        {
            LeadState.REDIRECTED_TO_AGENCY,  # 4
            LeadState.TRANSFERRED,  # 9
            LeadState.CLOSED,  # it is no public-interest matter, or cannot be checked
        }
    ),
    LeadState.REDIRECTED_TO_AGENCY: frozenset(
        {
            LeadState.AGENCY_HANDLING,  # 5
            LeadState.SCREENING,  # 5, the agency objects
            LeadState.REDIRECTED_TO_AGENCY,  # 5, the officer turns to another agency
            LeadState.TRANSFERRED,  # 8, nobody has even taken it on
        }
    ),
    LeadState.AGENCY_HANDLING: frozenset(
        {
            LeadState.AGENCY_REPLIED,  # 6
            LeadState.TRANSFERRED,  # 8
        }
    ),
    LeadState.AGENCY_REPLIED: frozenset(
        {
            LeadState.FEEDBACK_DUE,  # 7 and 26, put right
            LeadState.TRANSFERRED,  # 7, not put right
            LeadState.SCREENING,  # not put right, and the officer has still to decide who is next
        }
    ),
    LeadState.TRANSFERRED: frozenset({LeadState.UNDER_EVALUATION}),  # 10
    LeadState.RETURNED: frozenset({LeadState.TRANSFERRED}),  # 11
    LeadState.UNDER_EVALUATION: frozenset(
        {
            LeadState.RETURNED,  # 11
            LeadState.JURISDICTION_TRANSFERRED,  # 12
            LeadState.NOT_FILED,  # 14
            LeadState.FILED,  # 14
        }
    ),
    LeadState.JURISDICTION_TRANSFERRED: frozenset({LeadState.FEEDBACK_DUE}),  # 26
    LeadState.NOT_FILED: frozenset({LeadState.FEEDBACK_DUE}),  # 26
    LeadState.FILED: frozenset(),
    LeadState.FEEDBACK_DUE: frozenset({LeadState.CLOSED}),  # 27
    LeadState.CLOSED: frozenset(),
}

ORDER_MOVES: Moves[OrderState] = {
    OrderState.OPENED: frozenset(
        {
            OrderState.ACKNOWLEDGED,
            OrderState.OBJECTED,
            OrderState.CLOSED,  # the lead went elsewhere before the agency took it on
        }
    ),
    OrderState.ACKNOWLEDGED: frozenset({OrderState.REPLIED, OrderState.CLOSED}),
    OrderState.OBJECTED: frozenset({OrderState.CLOSED}),
    OrderState.REPLIED: frozenset({OrderState.CLOSED}),
    OrderState.CLOSED: frozenset(),
}

REVIEW_MOVES: Moves[ReviewState] = {
    ReviewState.OPENED: frozenset({ReviewState.ACKNOWLEDGED}),
    ReviewState.ACKNOWLEDGED: frozenset({ReviewState.CLOSED}),
    ReviewState.CLOSED: frozenset(),
}

DISMISSALS = ("not_public_interest", "insufficient_facts")
"""Why a referral officer may end a lead that nobody else has had."""

MILESTONES: Mapping[str, LeadState] = {
    "filed": LeadState.FILED,
    "not_filed": LeadState.NOT_FILED,
    "returned": LeadState.RETURNED,
    "jurisdiction_transferred": LeadState.JURISDICTION_TRANSFERRED,
}
"""What the procuratorate may decide, and what becomes of the lead."""

RESULTS: Mapping[str, LeadState] = {
    "fixed": LeadState.FEEDBACK_DUE,
    "not_fixed": LeadState.SCREENING,
}
"""What the officer may find when an agency has replied, and what becomes of the lead."""

OBJECTIONS = ("not_our_duty", "other_agency", "insufficient_facts", "outside_area")
REPLIES = ("fixed", "partly_fixed", "not_fixed", "no_violation")


KINDS: Mapping[type[StrEnum], str] = {
    LeadState: "lead_state",
    OrderState: "order_state",
    ReviewState: "review_state",
}
"""How ``shared.words`` calls the states of each."""


def check_move(moves: Moves[State], current: State, wanted: State) -> None:
    """Raises IllegalTransition."""
    if wanted not in moves[current]:
        raise IllegalTransition(current, wanted, kind=KINDS[type(current)])
