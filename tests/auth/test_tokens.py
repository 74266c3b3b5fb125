"""A token is believed by one audience, from a known issuer, for a short time."""

from collections.abc import Mapping
from datetime import timedelta

import jwt
import pytest

from shared.auth.actor import Actor, service_actor
from shared.auth.keys import Keyring
from shared.auth.tokens import Verifier, signer, verifier
from shared.errors import Unauthenticated
from tests.auth.conftest import NOW, MovableClock

ACTOR = Actor(
    id="m-0007",
    roles=frozenset({"mediator", "liaison"}),
    areas=("350599001001",),
    organisation_id="o-021",
    authenticated_at=NOW,
    second_factor=True,
)
CLAIMS = {
    "iss": "directory",
    "aud": "mediation",
    "sub": "m-0007",
    "roles": ["mediator"],
    "areas": [],
    "org": None,
    "iat": NOW,
    "exp": NOW + timedelta(minutes=1),
}


@pytest.fixture
def mediation(keys: Keyring, clock: MovableClock) -> Verifier:
    return verifier(keys, "mediation", ("directory", "intake"), clock)


def forge(
    keys: Keyring, changed: Mapping[str, object] = CLAIMS, *, issuer: str = "directory"
) -> str:
    """A token with anything in it, signed with the true key of the issuer."""
    claims = {name: value for name, value in {**CLAIMS, **changed}.items() if value != "left out"}
    return jwt.encode(claims, keys.signing(issuer), algorithm="EdDSA", headers={"kid": issuer})


def test_a_token_tells_who_asks(keys: Keyring, clock: MovableClock, mediation: Verifier) -> None:
    token = signer(keys, "directory", clock).sign(ACTOR, audience="mediation")

    assert mediation.verify(token) == ACTOR


def test_a_service_speaks_for_itself(
    keys: Keyring, clock: MovableClock, mediation: Verifier
) -> None:
    token = signer(keys, "intake", clock).sign(service_actor("intake"), audience="mediation")

    assert mediation.verify(token) == service_actor("intake")


@pytest.mark.parametrize("who", [ACTOR, service_actor("referral"), service_actor("directory")])
def test_a_service_cannot_speak_for_another_or_for_a_person(
    keys: Keyring, clock: MovableClock, mediation: Verifier, who: Actor
) -> None:
    token = signer(keys, "intake", clock).sign(who, audience="mediation")

    with pytest.raises(Unauthenticated):
        mediation.verify(token)


def test_who_signs_for_people_speaks_for_no_other_service(
    keys: Keyring, mediation: Verifier
) -> None:
    with pytest.raises(Unauthenticated):
        mediation.verify(forge(keys, {"sub": "service:intake", "roles": ["service:intake"]}))


def test_a_token_for_another_service_is_refused(
    keys: Keyring, clock: MovableClock, mediation: Verifier
) -> None:
    token = signer(keys, "directory", clock).sign(ACTOR, audience="intake")

    with pytest.raises(Unauthenticated):
        mediation.verify(token)


def test_an_issuer_that_is_not_known_here_is_refused(
    keys: Keyring, clock: MovableClock, mediation: Verifier
) -> None:
    token = signer(keys, "mediation", clock).sign(service_actor("mediation"), audience="mediation")

    with pytest.raises(Unauthenticated):
        mediation.verify(token)


def test_an_issuer_cannot_pass_for_another(keys: Keyring, mediation: Verifier) -> None:
    by_intake = jwt.encode(
        CLAIMS, keys.signing("intake"), algorithm="EdDSA", headers={"kid": "directory"}
    )

    for token in (by_intake, forge(keys, issuer="intake")):
        with pytest.raises(Unauthenticated):
            mediation.verify(token)


def test_a_token_is_good_for_a_minute_and_also_when_it_comes_again(
    keys: Keyring, clock: MovableClock, mediation: Verifier
) -> None:
    token = signer(keys, "directory", clock).sign(ACTOR, audience="mediation")
    mediation.verify(token)

    clock.advance(seconds=59)
    assert mediation.verify(token) == ACTOR

    clock.advance(seconds=10)
    with pytest.raises(Unauthenticated):
        mediation.verify(token)


def test_a_token_from_the_future_is_refused(
    keys: Keyring, clock: MovableClock, mediation: Verifier
) -> None:
    token = signer(keys, "directory", clock).sign(ACTOR, audience="mediation")
    clock.advance(minutes=-2)

    with pytest.raises(Unauthenticated):
        mediation.verify(token)


def test_a_token_without_a_signature_is_refused(mediation: Verifier) -> None:
    token = jwt.encode(CLAIMS, "", algorithm="none", headers={"kid": "directory"})

    with pytest.raises(Unauthenticated):
        mediation.verify(token)


@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
def test_a_public_key_is_no_shared_secret(keys: Keyring, mediation: Verifier) -> None:
    public = keys.verifying("directory").public_bytes_raw()
    token = jwt.encode(CLAIMS, public, algorithm="HS256", headers={"kid": "directory"})

    with pytest.raises(Unauthenticated):
        mediation.verify(token)


def test_a_changed_token_is_refused(keys: Keyring, mediation: Verifier) -> None:
    head, body, signature = forge(keys).split(".")
    other_body = forge(keys, {"sub": "m-0008"}).split(".")[1]

    for token in (
        f"{head}.{other_body}.{signature}",
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{head}.{body}.",
    ):
        with pytest.raises(Unauthenticated):
            mediation.verify(token)


@pytest.mark.parametrize("missing", CLAIMS)
def test_a_token_that_lacks_a_claim_is_refused(
    keys: Keyring, mediation: Verifier, missing: str
) -> None:
    with pytest.raises(Unauthenticated):
        mediation.verify(forge(keys, {missing: "left out"}))


@pytest.mark.parametrize(
    "claim, value", [("roles", "ops"), ("areas", "350599"), ("exp", "soon"), ("iat", None)]
)
def test_a_claim_of_the_wrong_type_is_refused(
    keys: Keyring, mediation: Verifier, claim: str, value: object
) -> None:
    with pytest.raises(Unauthenticated):
        mediation.verify(forge(keys, {claim: value}))


@pytest.mark.parametrize("garbage", ["", "a", "a.b.c", "....", "\x00", "张三", "e30.e30.e30"])
def test_what_is_no_token_is_refused(mediation: Verifier, garbage: str) -> None:
    with pytest.raises(Unauthenticated):
        mediation.verify(garbage)


def test_the_reason_is_not_told(keys: Keyring, mediation: Verifier) -> None:
    texts = set()
    for token in (
        "garbage",
        forge(keys, {"aud": "intake"}),
        forge(keys, {"exp": NOW - timedelta(days=1)}),
    ):
        with pytest.raises(Unauthenticated) as caught:
            mediation.verify(token)
        texts.add(caught.value.text)

    assert len(texts) == 1
