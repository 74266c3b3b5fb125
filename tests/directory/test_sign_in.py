"""Signing in with an account, and what becomes of the session."""

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from services.directory.handlers import set_locked, sweep
from services.directory.handlers.sessions import IDLE, LIFETIME
from services.directory.handlers.throttle import PER_LOGIN
from services.directory.models import Member, attempts, sessions
from shared.auth.actor import NEWCOMER
from shared.auth.door import COOKIE, SECURE_COOKIE
from tests.directory.people import PASSWORD, UNKNOWN, Person, shown
from tests.directory.site import Site

WRONG = "The login, the password or the code is not right."
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    "role, home",
    [
        ("mediator", "/mediation/"),
        ("judicial_office", "/mediation/"),
        ("prosecutor", "/referral/"),
        ("agency_handler", "/referral/"),
        ("ops", "/ops/flows"),
        ("org_admin", "/directory/"),
        ("grid_worker", "/intake/"),
    ],
)
def test_signing_in_leads_to_where_the_role_has_its_work(fresh: Site, role: str, home: str) -> None:
    response = Person.of(fresh, role).sign_in()

    assert response.status_code == 303
    assert response.location == home


def test_it_leads_to_where_one_wanted_to_go(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")

    assert person.sign_in(next="/intake/disputes").location == "/intake/disputes"


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example/", "/\\evil"])
def test_but_never_to_another_site(fresh: Site, elsewhere: str) -> None:
    person = Person.of(fresh, "mediator")

    assert person.sign_in(next=elsewhere).location == "/mediation/"


def test_a_session_is_who_signed_in(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")
    person.sign_in()

    actor = person.holders().of_session(person.token)

    assert actor is not None
    assert (actor.id, actor.roles) == (person.member_id, fresh.member("mediator").roles)
    assert actor.authenticated_at is not None
    assert not actor.second_factor


def test_the_cookie_is_for_this_host_and_no_script(fresh: Site) -> None:
    response = Person.of(fresh, "mediator").sign_in()

    [line] = [each for each in response.headers.getlist("Set-Cookie") if COOKIE in each]
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=28800"):
        assert part in line
    assert "Secure" not in line
    assert "Domain" not in line


def test_over_tls_the_cookie_is_bound_to_it(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")
    data = {"login": person.login, "password": person.password}

    response = person.client.post(
        "/sign-in", data=data, headers=person.headers(), base_url="https://localhost"
    )

    [line] = [each for each in response.headers.getlist("Set-Cookie") if COOKIE in each]
    assert line.startswith(SECURE_COOKIE)
    assert "Secure" in line


def test_the_database_cannot_be_used_to_sign_in(fresh: Site) -> None:
    """Neither the token of a session nor a password stands in it."""
    person = Person.of(fresh, "mediator")
    person.sign_in()

    with fresh.database.looking() as connection:
        dump = "\n".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]

    assert person.token not in dump
    assert PASSWORD not in dump


def test_every_wrong_answer_is_the_same(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")
    locked = Person.of(fresh, "pmc_director")
    with fresh.database.transaction() as tx:
        set_locked(tx, locked.account().id, locked=True)
    guarded = Person.of(fresh, "ops")
    guarded.set_up_second_factor()

    answers = [
        person.sign_in(password="wrong"),
        locked.sign_in(),
        guarded.sign_in(),
        guarded.sign_in(code="000000"),
        person.post("/sign-in", login=UNKNOWN, password="wrong"),
    ]

    for answer in answers:
        assert answer.status_code == 401
        assert WRONG in answer.text
        assert "Set-Cookie" not in answer.headers
    pages = {
        shown(answer).replace(login, "X")
        for answer, login in zip(
            answers,
            [person.login, locked.login, guarded.login, guarded.login, UNKNOWN],
            strict=True,
        )
    }
    assert len(pages) == 1


def test_after_some_wrong_passwords_one_must_wait(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")
    for _ in range(PER_LOGIN):
        assert person.sign_in(password="wrong").status_code == 401

    refused = person.sign_in()
    assert refused.status_code == 429
    assert 25 <= int(refused.headers["Retry-After"]) <= 30

    fresh.clock.advance(minutes=1)
    assert person.sign_in().status_code == 303


def test_the_wait_grows_with_every_further_failure(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")
    for _ in range(PER_LOGIN):
        person.sign_in(password="wrong")
    fresh.clock.advance(minutes=1)
    assert person.sign_in(password="wrong").status_code == 401

    fresh.clock.advance(seconds=40)
    assert person.sign_in().status_code == 429
    fresh.clock.advance(seconds=40)
    assert person.sign_in().status_code == 303


def test_who_has_no_account_must_wait_all_the_same(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")
    answers = [
        person.post("/sign-in", login=UNKNOWN, password="x").status_code
        for _ in range(PER_LOGIN + 1)
    ]

    assert answers == [401] * PER_LOGIN + [429]


def test_a_proxy_on_this_machine_says_from_where_somebody_tries(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")
    for told in ("192.0.2.1", "192.0.2.2", "192.0.2.9, 192.0.2.2"):
        headers = person.headers() | {"X-Forwarded-For": told}
        data = {"login": person.login, "password": "wrong"}
        assert person.client.post("/sign-in", data=data, headers=headers).status_code == 401

    with fresh.database.reading() as session:
        counted = session.scalars(select(attempts.c.failures)).all()
    assert sorted(counted) == [1, 2, 3]  # one address, the other, the login


def test_tries_are_kept_as_fingerprints_only(fresh: Site) -> None:
    Person.of(fresh, "mediator").sign_in(password="wrong")

    with fresh.database.looking() as connection:
        keys = [row.key for row in connection.execute(attempts.select())]

    assert len(keys) == 2
    assert all(len(key) == 64 for key in keys)


def test_a_right_password_forgets_the_wrong_ones(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")
    for _ in range(PER_LOGIN - 1):
        person.sign_in(password="wrong")
    person.sign_in()

    assert [person.sign_in(password="wrong").status_code for _ in range(PER_LOGIN)] == [401] * 5


def test_signing_out_ends_the_session_on_the_server(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")
    person.sign_in()
    held = person.token

    response = person.post("/sign-out")

    assert response.status_code == 303
    assert "storage" in response.headers["Clear-Site-Data"]
    assert person.holders().of_session(held) is None


def test_a_session_ends_when_nobody_uses_it(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")
    person.sign_in()

    fresh.clock.by += IDLE - MINUTE
    assert person.signed_in
    fresh.clock.by += IDLE - MINUTE
    assert person.signed_in
    fresh.clock.by += IDLE
    assert not person.signed_in


def test_a_session_ends_after_a_working_day_however_much_it_is_used(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")
    person.sign_in()
    for _ in range(int(LIFETIME / (IDLE / 2)) - 1):
        fresh.clock.by += IDLE / 2
        assert person.signed_in

    fresh.clock.by += IDLE / 2
    assert not person.signed_in


def test_a_session_has_the_roles_of_now(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")
    person.sign_in()
    with fresh.database.transaction() as tx:
        tx.get(Member, person.member_id).roles = ("liaison",)

    actor = person.holders().of_session(person.token)

    assert actor is not None
    assert actor.roles == {"liaison"}


def test_who_has_left_is_out_at_once(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")
    person.sign_in()
    with fresh.database.transaction() as tx:
        tx.get(Member, person.member_id).active = False

    assert not person.signed_in
    assert person.sign_in().status_code == 401


def test_locking_an_account_ends_its_sessions(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")
    person.sign_in()
    with fresh.database.transaction() as tx:
        set_locked(tx, person.account().id, locked=True)

    assert not person.signed_in


def test_a_given_password_opens_nothing_but_the_page_to_change_it(fresh: Site) -> None:
    person = Person.of(fresh, "mediator", initial=True)

    response = person.sign_in(next="/mediation/mediations")

    assert response.location == "/directory/account/password"
    actor = person.holders().of_session(person.token)
    assert actor is not None
    assert actor.roles == {NEWCOMER}
    elsewhere = person.get("/account")
    assert elsewhere.status_code == 403
    assert "Choose a password of your own first" in elsewhere.text
    assert "Your role does not allow this" not in elsewhere.text
    assert "Must choose a password" in elsewhere.text
    assert person.get("/account/password").status_code == 200


def test_with_a_password_of_ones_own_everything_opens(fresh: Site) -> None:
    person = Person.of(fresh, "mediator", initial=True)
    person.sign_in()

    response = person.post(
        "/account/password", password=person.password, new_password=PASSWORD, again=PASSWORD
    )

    assert response.location == "/mediation/"
    assert person.get("/account").status_code == 200
    assert person.sign_in(password=PASSWORD).status_code == 303


def test_the_second_factor_is_asked_for_once_it_is_set_up(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")
    person.set_up_second_factor()
    fresh.clock.advance(minutes=2)

    assert person.sign_in().status_code == 401
    assert person.sign_in(code=pyotp.TOTP(person.seed).at(fresh.clock())).status_code == 303
    actor = person.holders().of_session(person.token)
    assert actor is not None
    assert actor.second_factor


def test_a_code_is_good_for_one_use(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")
    person.set_up_second_factor()
    fresh.clock.advance(minutes=2)
    code = pyotp.TOTP(person.seed).at(fresh.clock())
    person.sign_in(code=code)

    assert person.sign_in(code=code).status_code == 401


def test_a_recovery_code_stands_in_for_it_once_however_it_is_typed(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")
    person.set_up_second_factor()
    typed = person.codes[0].upper().replace("-", " ").replace("0", "O")

    assert person.sign_in(code=typed).status_code == 303
    assert person.sign_in(code=typed).status_code == 401
    assert person.sign_in(code=person.codes[1]).status_code == 303


def test_signing_in_again_ends_the_former_session_of_the_browser(fresh: Site) -> None:
    """Whoever had a copy of its token has nothing any more; other browsers go on."""
    person, other = Person.of(fresh, "mediator"), Person.of(fresh, "ops")
    person.sign_in()
    first = person.token
    elsewhere = person.in_another_browser()
    person.sign_in()
    second = person.token
    other.client = person.client
    other.sign_in()

    assert person.holders().of_session(first) is None
    assert person.holders().of_session(second) is None
    assert other.signed_in
    assert elsewhere.signed_in


def test_a_refused_sign_in_ends_no_session(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")
    person.sign_in()
    person.sign_in(password="wrong")

    assert person.signed_in


def test_each_sign_in_is_another_token(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")
    person.sign_in()
    first = person.token
    person.client.delete_cookie(COOKIE)
    person.sign_in()

    assert person.token != first


def test_a_token_that_somebody_put_into_the_browser_is_never_taken_over(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")
    person.client.set_cookie(COOKIE, "chosen-by-somebody-else")
    person.sign_in()

    assert person.token != "chosen-by-somebody-else"
    assert person.holders().of_session("chosen-by-somebody-else") is None


def test_what_is_over_is_swept_away(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")
    person.sign_in(password="wrong")
    person.sign_in()
    fresh.clock.advance(hours=9)

    with fresh.database.transaction() as tx:
        sweep(tx)

    with fresh.database.looking() as connection:
        assert connection.execute(sessions.select()).all() == []
        assert connection.execute(attempts.select()).all() == []


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"login": "x"},
        {"login": "x", "password": "y" * 10_000},
        {"login": "x" * 500, "password": "y"},
        {"login": "x", "password": "y", "role": "ops"},
    ],
)
def test_a_form_that_cannot_be_is_shown_again(site: Site, form: dict[str, str]) -> None:
    response = site.client.post("/sign-in", data=form, headers={"Accept-Language": "en"})

    assert response.status_code == 422
    assert "Please put these right" in response.text
