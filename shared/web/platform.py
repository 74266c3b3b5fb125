"""What an application has at hand: made once per process and service, by whoever runs it."""

from dataclasses import dataclass

from shared.auth.keys import Keyring
from shared.auth.tokens import Verifier
from shared.clock import Clock
from shared.db.database import Database
from shared.messaging.log import EventLog
from shared.service import InternalReader
from shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Link:
    """A page that every page leads to, for these roles; ``page`` names it in ``shared.words``."""

    page: str
    path: str
    roles: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Platform:
    """``verifier`` accepts tokens whose audience is this service; ``sealed`` is the second database
    of a service that has one; ``log`` is for the service that watches the others.
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
