"""Signed tokens: short-lived proofs of who is asking, for one audience (JWT, Ed25519).

What a person or a script holds (session cookie, bearer token) is shown at the door only, which
exchanges it for one of these: its audience is one service, and it lives for a minute.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.auth.actor import Actor
from shared.auth.keys import Keyring
from shared.clock import Clock
from shared.errors import Unauthenticated

PEOPLE = "directory"
"""Who signs for people; every other issuer is a service, and speaks for itself."""

ALGORITHM = "EdDSA"
ACTOR_LIFETIME = timedelta(seconds=60)
LEEWAY = timedelta(seconds=5)
BROKEN = (jwt.PyJWTError, KeyError, TypeError, ValueError, AttributeError, RecursionError)
"""What comes of a token that is not one of ours; the last, of one that is nested too deeply."""
REQUIRED = ("iss", "aud", "sub", "iat", "exp")


class Signer:
    """Signs in the name of one issuer."""

    def __init__(self, issuer: str, key: Ed25519PrivateKey, clock: Clock) -> None:
        self._issuer = issuer
        self._key = key
        self._clock = clock

    def sign(self, actor: Actor, *, audience: str, lifetime: timedelta = ACTOR_LIFETIME) -> str:
        now = self._clock()
        claims = {
            "iss": self._issuer,
            "aud": audience,
            "sub": actor.id,
            "roles": sorted(actor.roles),
            "areas": list(actor.areas),
            "org": actor.organisation_id,
            "auth_time": _seconds(actor.authenticated_at),
            "mfa": actor.second_factor,
            "lapsed": actor.lapsed,
            "iat": now,
            "exp": now + lifetime,
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"kid": self._issuer})


class Verifier:
    """Accepts tokens for one audience from the issuers it knows.

    A verified token is remembered, so that one that comes again costs no signature check; expiry
    is checked every time.
    """

    def __init__(
        self, audience: str, issuers: Mapping[str, Ed25519PublicKey], clock: Clock
    ) -> None:
        self._audience = audience
        self._issuers = dict(issuers)
        self._clock = clock
        self._checked = lru_cache(maxsize=4096)(self._check)

    def verify(self, token: str) -> Actor:
        """Who the token speaks for; raises Unauthenticated, without saying which check failed."""
        actor, issued, expires = self._checked(token)
        now = self._clock().timestamp()
        slack = LEEWAY.total_seconds()
        if now >= expires + slack or now < issued - slack:
            raise Unauthenticated("The sign-in has expired or is not valid. Please sign in again.")
        return actor

    def _check(self, token: str) -> tuple[Actor, float, float]:
        try:
            issuer = jwt.get_unverified_header(token)["kid"]
            claims = jwt.decode(
                token,
                self._issuers[issuer],
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=issuer,
                options={
                    "require": list(REQUIRED),
                    "verify_exp": False,
                    "verify_iat": False,
                },
            )
            actor = _actor(issuer, claims)
            return actor, float(claims["iat"]), float(claims["exp"])
        except BROKEN as error:
            raise Unauthenticated(
                "The sign-in has expired or is not valid. Please sign in again."
            ) from error


def _actor(issuer: str, claims: Mapping[str, object]) -> Actor:
    roles, areas, organisation = claims["roles"], claims["areas"], claims["org"]
    if not (isinstance(roles, list) and isinstance(areas, list)):
        raise TypeError("roles and areas are lists")
    proved = claims.get("auth_time")
    if not (proved is None or isinstance(proved, int)):
        raise TypeError("auth_time is a number of seconds")
    subject = str(claims["sub"])
    of_people = issuer == PEOPLE and not subject.startswith("service:")
    if not of_people and subject != f"service:{issuer}":
        raise ValueError("a service speaks for itself only, and nobody else for it")
    return Actor(
        id=subject,
        roles=frozenset(str(role) for role in roles),
        areas=tuple(str(area) for area in areas),
        organisation_id=None if organisation is None else str(organisation),
        authenticated_at=None if proved is None else datetime.fromtimestamp(proved, UTC),
        second_factor=claims.get("mfa") is True,
        lapsed=claims.get("lapsed") is True,
    )


def _seconds(instant: datetime | None) -> int | None:
    return None if instant is None else int(instant.timestamp())


def signer(keys: Keyring, issuer: str, clock: Clock) -> Signer:
    return Signer(issuer, keys.signing(issuer), clock)


def verifier(keys: Keyring, audience: str, issuers: tuple[str, ...], clock: Clock) -> Verifier:
    return Verifier(audience, {name: keys.verifying(name) for name in issuers}, clock)
