"""W3C trace context: which request, in whichever process, an effect belongs to."""

import re
import secrets

_PARENT = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})"
)


def new_traceparent() -> str:
    """The beginning of a trace of its own."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


def continued(parent: str | None) -> str:
    """Our own step in the caller's trace; a new trace when there is none or it cannot be read."""
    found = _PARENT.fullmatch(parent or "")
    if found is None:
        return new_traceparent()
    return f"00-{found[1]}-{secrets.token_hex(8)}-{found[2]}"


def trace_id(traceparent: str) -> str:
    """The part that all steps of one trace share; empty when it cannot be read."""
    found = _PARENT.fullmatch(traceparent)
    return found[1] if found else ""
