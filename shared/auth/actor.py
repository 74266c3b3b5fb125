"""Who is asking: a person in a role, another service, or nobody in particular."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Actor:
    """``id`` is opaque (a member id, ``service:mediation``, or ``anonymous``), never a name.
    ``areas`` are where the roles count.
    """

    id: str
    roles: frozenset[str]
    areas: tuple[str, ...] = ()
    organisation_id: str | None = None

    @property
    def signed_in(self) -> bool:
        return self.id != ANONYMOUS_ID

    @property
    def main_role(self) -> str:
        """The one role that stands for the actor where no id may be told (events of leads)."""
        return min(self.roles, default=ANONYMOUS_ID)


ANONYMOUS_ID = "anonymous"
ANONYMOUS = Actor(id=ANONYMOUS_ID, roles=frozenset())


def service_actor(service: str) -> Actor:
    """The identity under which a service acts by itself, or reads another's internal API."""
    return Actor(id=f"service:{service}", roles=frozenset({f"service:{service}"}))
