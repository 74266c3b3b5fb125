"""What a role may do: one table per service, deny by default.

Relations to the case (assigned, own organisation, recused) join the decision with the sign-in and
rights issue; until then a row is: action -> roles that may.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.auth.actor import Actor
from shared.errors import Forbidden, Unauthenticated

ANYONE = frozenset({"*"})
"""The roles of an action that needs no sign-in."""


@dataclass(frozen=True)
class Policy:
    """The decisions of one service."""

    roles: Mapping[str, frozenset[str]]

    def allows(self, actor: Actor, action: str) -> bool:
        """False for an action that is not in the table."""
        allowed = self.roles.get(action, frozenset())
        return allowed == ANYONE or bool(allowed & actor.roles)

    def check(self, actor: Actor, action: str) -> None:
        """Raises Unauthenticated or Forbidden."""
        if self.allows(actor, action):
            return
        if not actor.signed_in:
            raise Unauthenticated("Please sign in.")
        raise Forbidden("Your role does not allow this.")
