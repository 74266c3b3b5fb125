"""Who holds a credential, looked up in the directory's database at each request."""

from contextlib import suppress

from services.directory.handlers import touch
from services.directory.handlers.sessions import IDLE, LIFETIME, TOUCH_AFTER
from services.directory.queries import SessionHolder, holder_of_session, holder_of_token
from shared.auth.actor import Actor
from shared.clock import Clock
from shared.db import Database
from shared.errors import Unauthenticated, Unavailable


class StoredHolders:
    """The holders whom the door asks about. Whatever is ended there opens nothing from the next
    request on, in every process.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def of_session(self, token: str, *, by_itself: bool = False) -> Actor | None:
        found = self.find_session(token)
        if found is None:
            return None
        if not by_itself and self._clock() - found.seen_at >= TOUCH_AFTER:
            self._touch(found)
        return found.actor

    def find_session(self, token: str) -> SessionHolder | None:
        """With what only the directory needs to know; it does not count as seen."""
        now = self._clock()
        with self._database.looking() as connection:
            return holder_of_session(
                connection, token, seen_after=now - IDLE, opened_after=now - LIFETIME
            )

    def of_api_token(self, token: str) -> Actor:
        with self._database.looking() as connection:
            found = holder_of_token(connection, token, now=self._clock())
        if found is None:
            raise Unauthenticated("The sign-in has expired or is not valid. Please sign in again.")
        return found

    def _touch(self, found: SessionHolder) -> None:
        with suppress(Unavailable), self._database.transaction(actor=found.actor) as tx:
            touch(tx, found.session_id)
