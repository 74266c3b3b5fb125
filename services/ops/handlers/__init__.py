"""What operations does: notes every event, and has others try again."""

from services.ops.handlers.hops import record_hop
from services.ops.handlers.retries import Retry, try_again

__all__ = ["Retry", "record_hop", "try_again"]
