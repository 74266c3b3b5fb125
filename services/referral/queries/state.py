"""What routing needs, fetched once for a batch of new leads."""

from collections.abc import Sequence

from services.referral.models import RoutingState
from shared.db import Transaction
from shared.events.intake import LeadRegistered
from shared.messaging.replica import directory


def routing_state(tx: Transaction, _events: Sequence[LeadRegistered]) -> RoutingState:
    known = directory(tx)
    return RoutingState(revision=known.revision, roster=known.roster)
