"""What waits for somebody when they come in: by role, the longest first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.referral.lifecycle import LeadState, OrderState
from services.referral.models import Lead, Order
from services.referral.queries.leads import Condition, LeadFilters, Listed, counts, leads
from services.referral.queries.orders import OrderFilters, OrderListed, order_counts, orders
from services.referral.relations import OPENABLE
from shared.auth.actor import Viewer
from shared.db.scope import is_theirs

MOST = 12
"""More rows than that are a list, and there is one."""
FEW = 5

Turns = Iterator[Sequence[Condition]]

WAITING: Mapping[str, Sequence[LeadState]] = {
    "referral_officer": (
        LeadState.REDIRECTED_TO_AGENCY,
        LeadState.AGENCY_HANDLING,
        LeadState.TRANSFERRED,
    ),
    "proc_intake": (LeadState.UNDER_EVALUATION,),
    "chief_prosecutor": (LeadState.TRANSFERRED, LeadState.UNDER_EVALUATION),
    "prosecutor": (LeadState.RETURNED,),
}
"""In which states a lead of theirs waits for somebody else."""

OWN: Sequence[LeadState] = (
    LeadState.SCREENING,
    LeadState.RETURNED,
    LeadState.AGENCY_REPLIED,
    LeadState.FEEDBACK_DUE,
)
"""In which states a lead waits for the referral officer."""


@dataclass(frozen=True, kw_only=True)
class LeadsHome:
    """``turns`` wait for who asks, ``others`` for somebody else. ``objected``: of which of them the
    agency said last that it is not the one.
    """

    turns: Sequence[Listed]
    others: Sequence[Listed]
    objected: frozenset[object]
    counts: Mapping[str, int]
    to_review: int

    @property
    def urgent(self) -> int:
        return sum(row.urgent for row in self.turns)


@dataclass(frozen=True, kw_only=True)
class OrdersHome:
    """``fresh`` are to be taken on, ``taken`` to be answered."""

    fresh: Sequence[OrderListed]
    taken: Sequence[OrderListed]
    counts: Mapping[str, int]


def has_home(viewer: Viewer) -> bool:
    """Whether leads wait for anybody in this role, and not only what became of them is seen."""
    return bool(viewer.actor.roles & WAITING.keys())


def leads_home(session: Session, viewer: Viewer) -> LeadsHome:
    """Within the reach of the lists."""
    first = LeadFilters(longest_first=True, limit=MOST)
    turns = leads(session, viewer, replace(first, either=tuple(_turns(viewer))))
    others = leads(session, viewer, replace(first, either=tuple(_others(viewer))))
    known = {row.lead_id for row in turns}
    return LeadsHome(
        turns=turns,
        others=[row for row in others if row.lead_id not in known][:FEW],
        objected=_objected(session, turns),
        counts=counts(session, viewer, LeadFilters()),
        to_review=OPENABLE.waiting(session, viewer),
    )


def orders_home(session: Session, viewer: Viewer) -> OrdersHome:
    fresh = OrderFilters(state=OrderState.OPENED, limit=MOST)
    return OrdersHome(
        fresh=orders(session, viewer, fresh),
        taken=orders(session, viewer, replace(fresh, state=OrderState.ACKNOWLEDGED)),
        counts=order_counts(session, viewer),
    )


def _turns(viewer: Viewer) -> Turns:
    actor = viewer.actor
    if "referral_officer" in actor.roles:
        yield from ([Lead.state == state] for state in OWN)
    if actor.roles & {"prosecutor", "proc_intake"}:
        mine = Lead.member_id == actor.id
        yield [Lead.state == LeadState.TRANSFERRED, mine]
        yield [Lead.state == LeadState.UNDER_EVALUATION, mine]
    if "proc_intake" in actor.roles:
        theirs = is_theirs(Lead.organisation_id, actor.organisation_id)
        yield [Lead.state == LeadState.TRANSFERRED, theirs]


def _others(viewer: Viewer) -> Turns:
    for role in sorted(viewer.actor.roles & WAITING.keys()):
        for state in WAITING[role]:
            yield [Lead.state == state]


def _objected(session: Session, rows: Sequence[Listed]) -> frozenset[object]:
    screened = [row.lead_id for row in rows if row.state == LeadState.SCREENING]
    if not screened:
        return frozenset()
    query = select(Order.lead_id).where(
        Order.lead_id.in_(screened), Order.state == OrderState.OBJECTED
    )
    return frozenset(session.scalars(query))
