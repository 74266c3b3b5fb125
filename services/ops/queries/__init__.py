"""Everything that can be asked of operations."""

from services.ops.queries.activity import Activity, activity
from services.ops.queries.failures import Failure, Group, failures, groups
from services.ops.queries.flows import Filters, Flow, Hop, Stage, find, hops_of, listed
from services.ops.queries.lags import ServiceLag, lags
from services.ops.queries.ledger import Reconciliation, reconcile
from services.ops.queries.looks import Look, forget_looks, recent_look
from services.ops.queries.sentences import Health, health, service_name, span, stands

__all__ = [
    "Activity",
    "Failure",
    "Filters",
    "Flow",
    "Group",
    "Health",
    "Hop",
    "Look",
    "Reconciliation",
    "ServiceLag",
    "Stage",
    "activity",
    "failures",
    "find",
    "forget_looks",
    "groups",
    "health",
    "hops_of",
    "lags",
    "listed",
    "recent_look",
    "reconcile",
    "service_name",
    "span",
    "stands",
]
