"""The door: what is held outside is exchanged for a token that one service accepts."""

from datetime import timedelta

import pytest

from shared.auth.actor import ANONYMOUS, Actor
from shared.auth.door import Door, audience_of, bearer_token, door
from shared.auth.keys import Keyring
from shared.auth.tokens import DOOR, signer, verifier
from shared.errors import Unauthenticated
from tests.auth.conftest import MovableClock

MEDIATOR = Actor(id="m-0007", roles=frozenset({"mediator"}), areas=("350599001001",))
DIRECTOR = Actor(id="m-0001", roles=frozenset({"pmc_director"}))
TWELVE_HOURS = timedelta(hours=12)


@pytest.fixture
def entrance(keys: Keyring, clock: MovableClock) -> Door:
    return door(keys, clock)


def credential(keys: Keyring, clock: MovableClock, actor: Actor, *, audience: str = DOOR) -> str:
    return signer(keys, "directory", clock).sign(actor, audience=audience, lifetime=TWELVE_HOURS)


def arrives(keys: Keyring, clock: MovableClock, token: str, audience: str = "mediation") -> Actor:
    return verifier(keys, audience, ("directory",), clock).verify(token)


def test_whoever_holds_nothing_is_nobody(
    entrance: Door, keys: Keyring, clock: MovableClock
) -> None:
    token = entrance.actor_token(None, None, "mediation")

    assert arrives(keys, clock, token) == ANONYMOUS


@pytest.mark.parametrize("as_cookie", [True, False])
def test_a_session_or_a_bearer_token_says_who_asks(
    entrance: Door, keys: Keyring, clock: MovableClock, *, as_cookie: bool
) -> None:
    held = credential(keys, clock, MEDIATOR)

    token = entrance.actor_token(
        None if as_cookie else held, held if as_cookie else None, "mediation"
    )

    assert arrives(keys, clock, token) == MEDIATOR


def test_a_bearer_token_counts_before_a_cookie(
    entrance: Door, keys: Keyring, clock: MovableClock
) -> None:
    token = entrance.actor_token(
        credential(keys, clock, DIRECTOR), credential(keys, clock, MEDIATOR), "mediation"
    )

    assert arrives(keys, clock, token) == DIRECTOR


def test_what_it_gives_out_is_good_for_one_service(
    entrance: Door, keys: Keyring, clock: MovableClock
) -> None:
    token = entrance.actor_token(credential(keys, clock, MEDIATOR), None, "mediation")

    for elsewhere in ("intake", DOOR):
        with pytest.raises(Unauthenticated):
            arrives(keys, clock, token, elsewhere)


def test_what_a_service_accepts_is_nothing_at_the_door(
    entrance: Door, keys: Keyring, clock: MovableClock
) -> None:
    for audience in ("mediation", "directory", "hemu-sign-in"):
        with pytest.raises(Unauthenticated):
            entrance.actor_token(
                credential(keys, clock, MEDIATOR, audience=audience), None, "mediation"
            )


def test_a_service_is_no_guest(entrance: Door, keys: Keyring, clock: MovableClock) -> None:
    held = signer(keys, "intake", clock).sign(
        Actor(id="service:intake", roles=frozenset({"service:intake"})), audience=DOOR
    )

    with pytest.raises(Unauthenticated):
        entrance.actor_token(held, None, "mediation")


def test_a_forged_or_expired_bearer_token_is_refused(
    entrance: Door, keys: Keyring, clock: MovableClock
) -> None:
    held = credential(keys, clock, MEDIATOR)
    entrance.actor_token(held, None, "mediation")
    clock.advance(hours=13)

    for bearer in (held, "forged"):
        with pytest.raises(Unauthenticated):
            entrance.actor_token(bearer, None, "mediation")


@pytest.mark.parametrize("audience", ["directory", "intake"])
def test_an_old_cookie_keeps_nobody_from_what_is_open_to_all(
    entrance: Door, keys: Keyring, clock: MovableClock, audience: str
) -> None:
    held = credential(keys, clock, MEDIATOR)
    clock.advance(hours=13)

    for cookie in (held, "forged"):
        token = entrance.actor_token(None, cookie, audience)
        assert arrives(keys, clock, token, audience) == ANONYMOUS


def test_the_same_credential_gets_the_same_token_for_half_a_minute(
    entrance: Door, keys: Keyring, clock: MovableClock
) -> None:
    held = credential(keys, clock, MEDIATOR)
    first = entrance.actor_token(held, None, "mediation")

    clock.advance(seconds=29)
    assert entrance.actor_token(held, None, "mediation") == first
    assert entrance.actor_token(held, None, "intake") != first

    clock.advance(seconds=2)
    assert entrance.actor_token(held, None, "mediation") != first


def test_every_token_lives_for_half_a_minute_yet(
    entrance: Door, keys: Keyring, clock: MovableClock
) -> None:
    held = credential(keys, clock, MEDIATOR)
    for _second in range(90):
        token = entrance.actor_token(held, None, "mediation")
        clock.advance(seconds=29)

        assert arrives(keys, clock, token) == MEDIATOR

        clock.advance(seconds=-28)


@pytest.mark.parametrize("header", ["Bearer abc", "bearer abc", " Bearer   abc "])
def test_a_bearer_token_is_found_in_its_header(header: str) -> None:
    assert bearer_token(header) == "abc"


@pytest.mark.parametrize("header", [None, ""])
def test_without_a_header_there_is_no_bearer_token(header: str | None) -> None:
    assert bearer_token(header) is None


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "abc"])
def test_another_scheme_is_refused(header: str) -> None:
    with pytest.raises(Unauthenticated):
        bearer_token(header)


@pytest.mark.parametrize(
    "path, audience",
    [
        ("/mediation/mediations", "mediation"),
        ("/intake?x=/ops/", "intake"),
        ("//ops/flows", "ops"),
        ("/", ""),
        ("", ""),
    ],
)
def test_the_first_segment_of_a_path_names_the_service(path: str, audience: str) -> None:
    assert audience_of(path) == audience
