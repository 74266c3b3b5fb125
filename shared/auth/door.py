"""The door: exchanges what a person or a script holds for a token that one service accepts.

The gateway asks it about every request; in one process a middleware does. What it gives out is good
for one service and for a minute; who it speaks for was looked up at this very request, so that a
session that has ended opens nothing any more.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Protocol

from shared.auth.actor import ANONYMOUS, LAPSED, Actor
from shared.auth.keys import Keyring
from shared.auth.tokens import ACTOR_LIFETIME, PEOPLE, Signer, signer
from shared.clock import Clock
from shared.errors import Unauthenticated

COOKIE = "hemu_session"
SECURE_COOKIE = "__Host-hemu_session"
"""Where there is TLS: a browser takes it from, and sends it to, this very host only."""

HEADER = "Hemu-Actor"
"""In which header a request carries the actor token; one that the client sent is dropped."""

ISSUER = PEOPLE
"""Who signs for people: where their accounts are."""

BY_ITSELF = "HX-Request"
"""The header of a request that nobody made: a page that is open brings itself up to date. It only
takes something away from who sends it.
"""

REFUSED = "refused"
"""Stands for a credential that was not accepted: no token, so that the service refuses it too, and
answers in its own words."""

REUSE_SECONDS = ACTOR_LIFETIME.total_seconds() / 2
BEARER = "bearer"


class Holders(Protocol):
    """Who holds a credential, as of now."""

    def of_session(self, token: str, *, by_itself: bool = False) -> Actor | None:
        """None when the session has ended, or never was. A request that a page makes by itself
        does not count as use of the session.
        """

    def of_api_token(self, token: str) -> Actor:
        """Raises Unauthenticated."""


class Door:
    """Safe for threads. The same actor and audience get the same token for half its life, so that
    most requests cost no signature.
    """

    def __init__(self, holders: Holders, signer: Signer, clock: Clock) -> None:
        self._holders = holders
        self._signer = signer
        self._clock = clock
        self._signed = lru_cache(maxsize=4096)(self._sign)

    def actor_token(
        self, bearer: str | None, cookie: str | None, audience: str, *, by_itself: bool = False
    ) -> str:
        """A token for the service; without a credential, for nobody in particular.

        A bearer token counts before a cookie. Raises Unauthenticated for a bearer token that is
        forged or has expired; with such a cookie one is nobody, and known to have been somebody:
        a browser cannot help sending it.
        """
        return self._signed(self._actor(bearer, cookie, by_itself), audience, self._period())

    def exchange(
        self,
        authorization: str | None,
        cookie: str | None,
        audience: str,
        *,
        by_itself: bool = False,
    ) -> str:
        """As ``actor_token``, from an ``Authorization`` header; REFUSED instead of raising."""
        try:
            bearer = bearer_token(authorization)
            return self.actor_token(bearer, cookie, audience, by_itself=by_itself)
        except Unauthenticated:
            return REFUSED

    def _actor(self, bearer: str | None, cookie: str | None, by_itself: bool) -> Actor:  # noqa: FBT001
        if bearer:
            return self._holders.of_api_token(bearer)
        if not cookie:
            return ANONYMOUS
        return self._holders.of_session(cookie, by_itself=by_itself) or LAPSED

    def _period(self) -> int:
        return int(self._clock().timestamp() // REUSE_SECONDS)

    def _sign(self, actor: Actor, audience: str, _period: int) -> str:
        return self._signer.sign(actor, audience=audience)


def door(keys: Keyring, holders: Holders, clock: Clock) -> Door:
    """The door of this installation; only where the directory's signing key is."""
    return Door(holders, signer(keys, ISSUER, clock), clock)


def session_cookie(cookies: Mapping[str, str], *, secure: bool) -> str | None:
    """What a browser holds. Over TLS only the cookie counts that nobody but this host can set."""
    return cookies.get(SECURE_COOKIE if secure else COOKIE)


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
