"""What routing needs, fetched once for a batch of new disputes."""

from collections.abc import Sequence

from sqlalchemy import select

from services.mediation.models import RoutingState, workloads
from shared.db import Transaction
from shared.events.intake import DisputeRegistered
from shared.messaging.replica import directory

_LOADS = select(workloads.c.member_id, workloads.c.open).where(workloads.c.open > 0)


def routing_state(tx: Transaction, events: Sequence[DisputeRegistered]) -> RoutingState:
    """Two statements, however many disputes there are."""
    snapshot = directory(tx)
    return RoutingState(
        revision=snapshot.revision,
        roster=snapshot.roster,
        loads={row.member_id: row.open for row in tx.execute(_LOADS)},
        left=len(events),
    )
