"""Who is asking: a person in a role, another service, or nobody in particular."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Actor:
    """``id`` is opaque (a member id, ``service:mediation``, or ``anonymous``), never a name.
    ``areas`` are where the roles count.

    ``authenticated_at`` is when somebody last proved who they are in the session that is used, and
    ``second_factor`` whether with more than a password; a script's token proves neither. Who is
    ``lapsed`` shows a session that has ended.
    """

    id: str
    roles: frozenset[str]
    areas: tuple[str, ...] = ()
    organisation_id: str | None = None
    authenticated_at: datetime | None = None
    second_factor: bool = False
    lapsed: bool = False

    @property
    def signed_in(self) -> bool:
        return self.id != ANONYMOUS_ID

    @property
    def main_role(self) -> str:
        """The one role that stands for the actor where no id may be told (events of leads)."""
        return min(self.roles, default=ANONYMOUS_ID)


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Who asks, and at which moment: what somebody may see can end by itself."""

    actor: Actor
    now: datetime


ANONYMOUS_ID = "anonymous"
ANONYMOUS = Actor(id=ANONYMOUS_ID, roles=frozenset())
LAPSED = Actor(id=ANONYMOUS_ID, roles=frozenset(), lapsed=True)

NEWCOMER = "newcomer"
"""The only role of who has not chosen a password of their own yet."""


def service_actor(service: str) -> Actor:
    """The identity under which a service acts by itself, or reads another's internal API."""
    return Actor(id=f"service:{service}", roles=frozenset({f"service:{service}"}))
