"""Signing in at an OpenID provider: authorization code with PKCE, state and nonce.

The provider says who somebody is, never what they may: roles are the directory's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from secrets import token_urlsafe
from typing import Any, Self
from urllib.parse import urlencode

import httpx
import msgspec
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from shared.errors import Unauthenticated, Unavailable
from shared.readable import readable
from shared.settings import Settings

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
"""Signatures that are believed; never a shared secret, never none."""
SECONDS = 10.0
LEEWAY = 60
SECOND_FACTORS = frozenset({"mfa", "otp", "hwk", "swk", "sc"})
"""Values of ``amr`` (RFC 8176) that say more than a password."""
BACK = "/directory/sign-in/openid/back"


@readable
class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """What the browser keeps, sealed, while it is at the provider. ``links`` is the account that is
    to be linked, by who is signed in to it.
    """

    state: str
    nonce: str
    verifier: str
    next: str = ""
    links: str = ""


@dataclass(frozen=True, kw_only=True)
class Known:
    """Whom the provider has recognised; ``strong``: it says that it asked for a second factor."""

    issuer: str
    subject: str
    strong: bool


class Provider:
    """One per process. Everything it says is fetched when it is first needed."""

    def __init__(self, settings: Settings, client: httpx.Client) -> None:
        self._issuer = settings.openid_issuer
        self._id = settings.openid_client
        self._secret = settings.openid_secret()
        self._back = settings.public_url.rstrip("/") + BACK
        self._client = client

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """None where there is none."""
        return cls(settings, httpx.Client(timeout=SECONDS)) if settings.openid_issuer else None

    def begin(self, *, next_: str = "", links: str = "") -> tuple[str, Begun]:
        """Where to send the browser. Raises Unavailable."""
        begun = Begun(
            state=token_urlsafe(32),
            nonce=token_urlsafe(32),
            verifier=token_urlsafe(48),
            next=next_,
            links=links,
        )
        query = {
            "response_type": "code",
            "client_id": self._id,
            "redirect_uri": self._back,
            "scope": "openid",
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": create_s256_code_challenge(begun.verifier),
            "code_challenge_method": "S256",
        }
        return f"{self._says['authorization_endpoint']}?{urlencode(query)}", begun

    def finish(self, answer: Mapping[str, str], begun: Begun) -> Known:
        """Raises Unauthenticated for anything that is not as it must be, or Unavailable."""
        if answer.get("state") != begun.state or not answer.get("code"):
            raise _refused()
        if answer.get("iss", self._issuer) != self._issuer:
            raise _refused()  # RFC 9207: the answer of another provider
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": self._back,
            "code_verifier": begun.verifier,
        }
        response = self._ask("POST", self._says["token_endpoint"], data=form)
        token = response.json() if response.is_success else {}
        return self._known(token, begun.nonce)

    def _known(self, token: Mapping[str, Any], nonce: str) -> Known:
        try:
            found = jwt.decode(
                str(token.get("id_token")),
                key=KeySet.import_key_set(self._keys),
                registry=JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False),
            )
            claims = CodeIDToken(
                found.claims,
                found.header,
                {
                    "iss": {"essential": True, "value": self._issuer},
                    "aud": {"essential": True, "value": self._id},
                },
                {
                    "nonce": nonce,
                    "client_id": self._id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(leeway=LEEWAY)
        except (JoseError, ValueError) as error:
            raise _refused() from error
        methods = claims.get("amr")
        return Known(
            issuer=self._issuer,
            subject=str(claims["sub"]),
            strong=isinstance(methods, list) and bool(SECOND_FACTORS & {*map(str, methods)}),
        )

    @cached_property
    def _says(self) -> Mapping[str, str]:
        """Its discovery document. Raises Unavailable, also when it speaks for somebody else."""
        place = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        found: Mapping[str, str] = self._ask("GET", place).raise_for_status().json()
        if found.get("issuer") != self._issuer:
            raise Unavailable("The sign-in provider does not work at the moment.")
        return found

    @property
    def _keys(self) -> Any:
        """As they are now: a provider changes them without asking."""
        return self._ask("GET", self._says["jwks_uri"]).raise_for_status().json()

    def _ask(self, method: str, place: str, **options: Any) -> httpx.Response:
        credentials = (self._id, self._secret) if method == "POST" else None
        try:
            return self._client.request(method, place, auth=credentials, **options)
        except httpx.HTTPError as error:
            raise Unavailable("The sign-in provider does not work at the moment.") from error


def _refused() -> Unauthenticated:
    return Unauthenticated("The sign-in at the provider did not succeed. Please try again.")
