"""What can be done now, and by whom: also for those who may not, so that they know who may."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.referral.lifecycle import (
    DISMISSALS,
    MILESTONES,
    OBJECTIONS,
    REPLIES,
    RESULTS,
    LeadState,
    OrderState,
    ReviewState,
)
from services.referral.policy import POLICY, roles_for
from services.referral.queries.files import LeadFile
from services.referral.queries.orders import OrderView
from services.referral.queries.reviews import ReviewView
from shared.auth.actor import Actor

RETURNED = "returned"
DECIDING = tuple(outcome for outcome in MILESTONES if outcome != RETURNED)


@dataclass(frozen=True, kw_only=True)
class Action:
    """``name`` is the form's; it changes ``id``, seen in ``version``. ``choices`` are the codes
    to choose from.
    """

    name: str
    id: UUID
    version: int
    allowed: bool
    roles: Sequence[str]
    choices: tuple[str, ...] = ()


_ORDER = ("order", "lead.order", ())
_TRANSFER = ("transfer", "lead.transfer", ())
_ON_LEAD: Mapping[str, Sequence[tuple[str, str, tuple[str, ...]]]] = {
    LeadState.SCREENING: (_ORDER, _TRANSFER, ("close", "lead.dismiss", DISMISSALS)),
    LeadState.REDIRECTED_TO_AGENCY: (_ORDER, _TRANSFER),
    LeadState.AGENCY_HANDLING: (_TRANSFER,),
    LeadState.AGENCY_REPLIED: (_TRANSFER,),
    LeadState.RETURNED: (_TRANSFER,),
    LeadState.FEEDBACK_DUE: (("close", "lead.close", ()),),
}
"""By the state of the lead, the most usual first: name, action of the policy, choices."""


def lead_actions(by: Actor, found: LeadFile) -> Sequence[Action]:
    """What is done with the order that was answered, or the review, comes first."""
    on_lead = [
        Action(
            name=name,
            id=found.lead_id,
            version=found.version,
            allowed=POLICY.decide(by, action, found.found.relations).allow,
            roles=roles_for(action),
            choices=choices,
        )
        for name, action, choices in _ON_LEAD.get(found.state, ())
    ]
    return (*_judging(by, found), *_on_review(by, found), *on_lead)


def order_actions(by: Actor, found: OrderView) -> Sequence[Action]:
    """What the agency can do. The officer acts on the lead's own page."""
    match found.state:
        case OrderState.OPENED:
            return (
                _on_order(by, found, "acknowledge", "order.acknowledge"),
                _on_order(by, found, "object", "order.object", choices=OBJECTIONS),
            )
        case OrderState.ACKNOWLEDGED:
            return (_on_order(by, found, "reply", "order.reply", choices=REPLIES),)
        case _:
            return ()


def _on_order(
    by: Actor, found: OrderView, name: str, action: str, *, choices: tuple[str, ...] = ()
) -> Action:
    return Action(
        name=name,
        id=found.order_id,
        version=found.version,
        allowed=POLICY.decide(by, action, found.relations).allow,
        roles=roles_for(action),
        choices=choices,
    )


def _judging(by: Actor, found: LeadFile) -> Sequence[Action]:
    replied = [order for order in found.orders if order.state == OrderState.REPLIED]
    return [
        _on_order(by, order, "judge", "order.close", choices=tuple(RESULTS)) for order in replied
    ]


def _on_review(by: Actor, found: LeadFile) -> Sequence[Action]:
    open_ones = [review for review in found.reviews if review.state != ReviewState.CLOSED]
    return [_on_one_review(by, found, review) for review in open_ones]


def _on_one_review(by: Actor, found: LeadFile, review: ReviewView) -> Action:
    name, action = "receive", "review.acknowledge"
    choices: tuple[str, ...] = ()
    useful = True
    if review.state == ReviewState.ACKNOWLEDGED:
        decides = POLICY.decide(by, "review.close", review.relations).allow
        name, action = "decide", "review.return"
        choices = _milestones(found.reviews, decides=decides)
        useful = bool(choices)
    return Action(
        name=name,
        id=review.review_id,
        version=review.version,
        allowed=useful and POLICY.decide(by, action, review.relations).allow,
        roles=roles_for(action),
        choices=choices,
    )


def returned_at(found: LeadFile) -> datetime | None:
    """When it was returned, while that keeps somebody from doing it again."""
    if found.state != LeadState.UNDER_EVALUATION:
        return None
    return next((each.closed_at for each in found.reviews if each.outcome == RETURNED), None)


def _milestones(reviews: Sequence[ReviewView], *, decides: bool) -> tuple[str, ...]:
    """A lead can be returned once; the intake officer can do nothing else."""
    returned = any(review.outcome == RETURNED for review in reviews)
    return (*(DECIDING if decides else ()), *(() if returned else (RETURNED,)))
