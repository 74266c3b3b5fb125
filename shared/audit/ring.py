"""Who holds whose seals: each service those of the one before it, in a ring."""

from shared.settings import SERVICES

CHECKPOINTS = "/internal/v1/checkpoints"
"""Where a witness takes them."""


def witness_of(service: str) -> str:
    """Whose database holds the seals of the service."""
    return SERVICES[(SERVICES.index(service) + 1) % len(SERVICES)]


def witnessed_by(service: str) -> str:
    """Whose seals the service holds."""
    return SERVICES[SERVICES.index(service) - 1]
