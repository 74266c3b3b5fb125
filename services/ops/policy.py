"""What each role may do in operations: look, and have things tried again; nobody else may look."""

from shared.auth.policy import Policy

OPS = frozenset({"ops"})

POLICY = Policy(
    {
        # domain.md §10.3 "Events, lag, dead letters": ops R, U; auditor R
        "flow.read": OPS | {"auditor"},
        "flow.retry": OPS,
    }
)
