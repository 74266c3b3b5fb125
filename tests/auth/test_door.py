"""The door: what is held outside is exchanged for a token that one service accepts."""

import pytest

from shared.auth.actor import ANONYMOUS, LAPSED, Actor
from shared.auth.door import (
    COOKIE,
    SECURE_COOKIE,
    Door,
    audience_of,
    bearer_token,
    door,
    session_cookie,
)
from shared.auth.keys import Keyring
from shared.auth.tokens import signer, verifier
from shared.errors import Unauthenticated
from tests.auth.conftest import MovableClock

MEDIATOR = Actor(id="m-0007", roles=frozenset({"mediator"}), areas=("350599001001",))
DIRECTOR = Actor(id="m-0001", roles=frozenset({"pmc_director"}))
SESSION, TOKEN = "session", "token"


class Register:
    """Who holds what; a session and a token each, until they are taken away."""

    def __init__(self) -> None:
        self.sessions = {SESSION: MEDIATOR}
        self.tokens = {TOKEN: DIRECTOR}

    def of_session(self, token: str, *, by_itself: bool = False) -> Actor | None:
        return self.sessions.get(token)

    def of_api_token(self, token: str) -> Actor:
        if token not in self.tokens:
            raise Unauthenticated("Not here.")
        return self.tokens[token]


@pytest.fixture
def register() -> Register:
    return Register()


@pytest.fixture
def entrance(keys: Keyring, register: Register, clock: MovableClock) -> Door:
    return door(keys, register, clock)


def arrives(keys: Keyring, clock: MovableClock, token: str, audience: str = "mediation") -> Actor:
    return verifier(keys, audience, ("directory",), clock).verify(token)


def test_whoever_holds_nothing_is_nobody(
    entrance: Door, keys: Keyring, clock: MovableClock
) -> None:
    token = entrance.actor_token(None, None, "mediation")

    assert arrives(keys, clock, token) == ANONYMOUS


@pytest.mark.parametrize(
    "bearer, cookie, who", [(TOKEN, None, DIRECTOR), (None, SESSION, MEDIATOR)]
)
def test_a_session_or_a_bearer_token_says_who_asks(
    entrance: Door,
    keys: Keyring,
    clock: MovableClock,
    bearer: str | None,
    cookie: str | None,
    who: Actor,
) -> None:
    token = entrance.actor_token(bearer, cookie, "mediation")

    assert arrives(keys, clock, token) == who


def test_a_bearer_token_counts_before_a_cookie(
    entrance: Door, keys: Keyring, clock: MovableClock
) -> None:
    token = entrance.actor_token(TOKEN, SESSION, "mediation")

    assert arrives(keys, clock, token) == DIRECTOR


def test_what_it_gives_out_is_good_for_one_service(
    entrance: Door, keys: Keyring, clock: MovableClock
) -> None:
    token = entrance.actor_token(TOKEN, None, "mediation")

    with pytest.raises(Unauthenticated):
        arrives(keys, clock, token, "intake")


def test_what_a_service_accepts_is_nothing_at_the_door(
    entrance: Door, keys: Keyring, clock: MovableClock
) -> None:
    held = signer(keys, "directory", clock).sign(MEDIATOR, audience="mediation")

    with pytest.raises(Unauthenticated):
        entrance.actor_token(held, None, "mediation")


def test_a_session_is_no_bearer_token_and_a_token_no_session(
    entrance: Door, keys: Keyring, clock: MovableClock
) -> None:
    with pytest.raises(Unauthenticated):
        entrance.actor_token(SESSION, None, "mediation")

    token = entrance.actor_token(None, TOKEN, "mediation")
    assert arrives(keys, clock, token) == LAPSED


def test_what_was_taken_away_opens_nothing_at_the_next_request(
    entrance: Door, register: Register, keys: Keyring, clock: MovableClock
) -> None:
    entrance.actor_token(TOKEN, None, "mediation")
    entrance.actor_token(None, SESSION, "mediation")
    register.sessions.clear()
    register.tokens.clear()

    with pytest.raises(Unauthenticated):
        entrance.actor_token(TOKEN, None, "mediation")
    assert arrives(keys, clock, entrance.actor_token(None, SESSION, "mediation")) == LAPSED


@pytest.mark.parametrize("audience", ["directory", "intake"])
def test_an_old_cookie_keeps_nobody_from_what_is_open_to_all(
    entrance: Door, keys: Keyring, clock: MovableClock, audience: str
) -> None:
    token = entrance.actor_token(None, "forged", audience)

    assert not arrives(keys, clock, token, audience).signed_in


def test_the_same_credential_gets_the_same_token_for_half_a_minute(
    entrance: Door, clock: MovableClock
) -> None:
    first = entrance.actor_token(TOKEN, None, "mediation")

    clock.advance(seconds=29)
    assert entrance.actor_token(TOKEN, None, "mediation") == first
    assert entrance.actor_token(TOKEN, None, "intake") != first

    clock.advance(seconds=2)
    assert entrance.actor_token(TOKEN, None, "mediation") != first


def test_who_gets_another_role_gets_another_token_at_once(
    entrance: Door, register: Register, keys: Keyring, clock: MovableClock
) -> None:
    entrance.actor_token(TOKEN, None, "mediation")
    register.tokens[TOKEN] = MEDIATOR

    assert arrives(keys, clock, entrance.actor_token(TOKEN, None, "mediation")) == MEDIATOR


def test_every_token_lives_for_half_a_minute_yet(
    entrance: Door, keys: Keyring, clock: MovableClock
) -> None:
    for _second in range(90):
        token = entrance.actor_token(None, SESSION, "mediation")
        clock.advance(seconds=29)

        assert arrives(keys, clock, token) == MEDIATOR

        clock.advance(seconds=-28)


def test_over_tls_only_the_cookie_counts_that_no_other_host_can_set() -> None:
    cookies = {COOKIE: "plain", SECURE_COOKIE: "safe"}

    assert session_cookie(cookies, secure=True) == "safe"
    assert session_cookie(cookies, secure=False) == "plain"
    assert session_cookie({COOKIE: "plain"}, secure=True) is None


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
