"""The door: exchanges what a person or a script holds for a token that one service accepts.

The gateway asks it about every request; in one process a middleware does. What it gives out is good
for one service and for a minute.
"""

from datetime import timedelta
from functools import lru_cache

from shared.auth.actor import ANONYMOUS, Actor
from shared.auth.keys import Keyring
from shared.auth.tokens import ACTOR_LIFETIME, DOOR, Signer, Verifier, signer, verifier
from shared.clock import Clock
from shared.errors import Unauthenticated

COOKIE = "hemu_session"
HEADER = "Hemu-Actor"
"""In which header a request carries the actor token; one that the client sent is dropped."""

ISSUER = "directory"
"""Who signs for people: where their accounts are."""

REFUSED = "refused"
"""Stands for a credential that was not accepted: no token, so that the service refuses it too, and
answers in its own words."""

SIGN_IN = "hemu-sign-in"
"""The audience of a sign-in link: it opens a session, and does nothing else."""

SESSION_LIFETIME = timedelta(hours=12)
REUSE_SECONDS = ACTOR_LIFETIME.total_seconds() / 2
BEARER = "bearer"


class Door:
    """Safe for threads. The same actor and audience get the same token for half its life, so that
    most requests cost no signature.
    """

    def __init__(self, verifier: Verifier, signer: Signer, clock: Clock) -> None:
        """``verifier`` accepts what is held at the door (audience ``hemu``)."""
        self._verifier = verifier
        self._signer = signer
        self._clock = clock
        self._signed = lru_cache(maxsize=4096)(self._sign)

    def actor_token(self, bearer: str | None, cookie: str | None, audience: str) -> str:
        """A token for the service; without a credential, for nobody in particular.

        A bearer token counts before a cookie. Raises Unauthenticated for a bearer token that is
        forged or has expired; such a cookie counts as none, for a browser cannot help sending it.
        """
        return self._signed(self._actor(bearer, cookie), audience, self._period())

    def exchange(self, authorization: str | None, cookie: str | None, audience: str) -> str:
        """As ``actor_token``, from an ``Authorization`` header; REFUSED instead of raising."""
        try:
            return self.actor_token(bearer_token(authorization), cookie, audience)
        except Unauthenticated:
            return REFUSED

    def _actor(self, bearer: str | None, cookie: str | None) -> Actor:
        if bearer:
            return self._verifier.verify(bearer)
        if not cookie:
            return ANONYMOUS
        try:
            return self._verifier.verify(cookie)
        except Unauthenticated:
            return ANONYMOUS  # what needs a sign-in asks for one; what does not must stay open

    def _period(self) -> int:
        return int(self._clock().timestamp() // REUSE_SECONDS)

    def _sign(self, actor: Actor, audience: str, _period: int) -> str:
        return self._signer.sign(actor, audience=audience)


def door(keys: Keyring, clock: Clock) -> Door:
    """The door of this installation; only where the directory's signing key is."""
    return Door(verifier(keys, DOOR, (ISSUER,), clock), signer(keys, ISSUER, clock), clock)


def bearer_token(authorization: str | None) -> str | None:
    """The token of an ``Authorization: Bearer`` header; None without the header.

    Raises Unauthenticated for another scheme: a credential that is not understood must not turn
    its sender into nobody.
    """
    if not authorization:
        return None
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != BEARER or not token.strip():
        raise Unauthenticated("Only bearer tokens are understood here.")
    return token.strip()


def audience_of(path: str) -> str:
    """The service that a path belongs to: its first segment."""
    return path.partition("?")[0].lstrip("/").partition("/")[0]
