"""Everything that can be asked of referral."""

from services.referral.queries.actions import (
    Action,
    lead_actions,
    order_actions,
    returned_at,
)
from services.referral.queries.decisions import (
    Explained,
    explained,
)
from services.referral.queries.files import (
    LeadFile,
    Openers,
    agencies_for,
    audited,
    lead_file,
    records,
    records_of,
)
from services.referral.queries.holdings import (
    holdings,
)
from services.referral.queries.home import (
    LeadsHome,
    OrdersHome,
    has_home,
    leads_home,
    orders_home,
)
from services.referral.queries.leads import (
    COUNTED,
    LeadFilters,
    Listed,
    counts,
    lead,
    leads,
    listed_lead,
    numbered,
)
from services.referral.queries.orders import (
    OrderFilters,
    OrderListed,
    OrderView,
    numbered_order,
    order,
    order_counts,
    orders,
)
from services.referral.queries.reviews import (
    ReviewView,
    review,
)
from services.referral.queries.state import (
    routing_state,
)
from services.referral.queries.texts import (
    TextView,
)
from services.referral.queries.timeline import (
    Entry,
    timeline,
)
from shared.messaging.replica import (
    Named,
)

__all__ = [
    "COUNTED",
    "Action",
    "Entry",
    "Explained",
    "LeadFile",
    "LeadFilters",
    "LeadsHome",
    "Listed",
    "Named",
    "Openers",
    "OrderFilters",
    "OrderListed",
    "OrderView",
    "OrdersHome",
    "ReviewView",
    "TextView",
    "agencies_for",
    "audited",
    "counts",
    "explained",
    "has_home",
    "holdings",
    "lead",
    "lead_actions",
    "lead_file",
    "leads",
    "leads_home",
    "listed_lead",
    "numbered",
    "numbered_order",
    "order",
    "order_actions",
    "order_counts",
    "orders",
    "orders_home",
    "records",
    "records_of",
    "returned_at",
    "review",
    "routing_state",
    "timeline",
]
