"""What an application has at hand: made once per process and service, by whoever runs it."""

from dataclasses import dataclass

from shared.auth.actor import Actor
from shared.auth.keys import Keyring
from shared.auth.policy import ANYONE
from shared.auth.tokens import Verifier
from shared.clock import Clock
from shared.db.database import Database
from shared.messaging.log import EventLog
from shared.service import InternalReader
from shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Link:
    """A page that every page leads to, for these roles; ``page`` names it in ``shared.words``.
    ``numbers``: how those begin that a finder looks up. ``also``: further pages that lie under it,
    with all below them. ``counted``: at ``path/count`` it tells how much is open there.
    """

    page: str
    path: str
    roles: frozenset[str]
    icon: str = ""
    numbers: str = ""
    also: tuple[str, ...] = ()
    counted: bool = False

    def leads(self, actor: Actor) -> bool:
        """Whether it is for this one."""
        return self.roles == ANYONE or bool(self.roles & actor.roles)

    def above(self, path: str) -> bool:
        """Whether the page at this path lies under it."""
        return path in self.also or path.startswith(
            tuple(f"{each}/" for each in (self.path, *self.also))
        )


@dataclass(frozen=True, kw_only=True)
class Platform:
    """``verifier`` accepts tokens whose audience is this service; ``sealed`` is the second database
    of a service that has one; ``log`` is for the service that watches the others. ``finders`` are
    the addresses that look a number up; the first that is for one's role is used.
    """

    settings: Settings
    database: Database
    sealed: Database | None = None
    log: EventLog | None = None
    verifier: Verifier
    keys: Keyring
    internal: InternalReader
    clock: Clock
    navigation: tuple[Link, ...] = ()
    finders: tuple[Link, ...] = ()
