"""A second factor: set up, replaced and taken away by who has proved to be its owner."""

import pyotp
import pytest

from tests.directory.people import PASSWORD, Person, secrets_in


def test_a_second_factor_counts_once_a_code_of_it_was_shown(mediator: Person) -> None:
    page = mediator.post("/account/second-factor", password=PASSWORD)
    [spelt] = secrets_in(page.text)
    seed = spelt.replace(" ", "")

    assert mediator.sign_in().status_code == 303

    wrong = mediator.post("/account/second-factor/confirm", code="000000")
    assert wrong.status_code == 422
    right = mediator.post(
        "/account/second-factor/confirm", code=pyotp.TOTP(seed).at(mediator.site.clock())
    )
    assert len(secrets_in(right.text)) == 10
    assert mediator.sign_in().status_code == 401


def test_a_session_alone_sets_up_no_second_factor(mediator: Person) -> None:
    """Who found a browser signed in would be asked for nothing any more."""
    for password in ("", "wrong"):
        refused = mediator.post("/account/second-factor", password=password)
        assert refused.status_code == 422
        assert secrets_in(refused.text) == []

    assert mediator.account().pending_seed is None
    assert secrets_in(mediator.get("/account/second-factor").text) == []


def test_a_session_alone_replaces_no_second_factor(mediator: Person) -> None:
    mediator.set_up_second_factor()
    seed = mediator.account().seed

    answers = [
        mediator.post("/account/second-factor"),
        mediator.post("/account/second-factor", password=PASSWORD),
        mediator.post("/account/second-factor/replace"),
        mediator.post("/account/second-factor/replace", code="000000"),
        mediator.post("/account/second-factor/confirm", code="000000"),
    ]

    assert [answer.status_code for answer in answers] == [422] * 5
    assert [secrets_in(answer.text) for answer in answers] == [[]] * 5
    assert (mediator.account().seed, mediator.account().pending_seed) == (seed, None)


@pytest.mark.parametrize("kind", ["code", "recovery code"])
def test_a_second_factor_is_replaced_with_a_code_of_the_old_one(
    mediator: Person, kind: str
) -> None:
    mediator.set_up_second_factor()
    mediator.site.clock.advance(minutes=2)
    code = mediator.codes[0] if kind == "recovery code" else mediator.code()

    page = mediator.post("/account/second-factor/replace", code=code)
    mediator.seed = secrets_in(page.text)[0].replace(" ", "")
    old = mediator.codes[1]
    right = mediator.post("/account/second-factor/confirm", code=mediator.code())

    assert len(secrets_in(right.text)) == 10
    assert mediator.post("/step-up", code=old).status_code == 422
    mediator.site.clock.advance(minutes=2)
    assert mediator.post("/step-up", code=mediator.code()).status_code == 303


def test_what_goes_into_the_app_is_shown_once_to_who_proved_themselves(mediator: Person) -> None:
    shown = mediator.post("/account/second-factor", password=PASSWORD)
    again = mediator.get("/account/second-factor")
    wrong = mediator.post("/account/second-factor/confirm", code="000000")

    assert len(secrets_in(shown.text)) == 1
    assert secrets_in(again.text) == secrets_in(wrong.text) == []
    assert "data:image" not in again.text + wrong.text
    assert 'name="code"' in wrong.text


def test_a_new_second_factor_ends_the_other_sessions(mediator: Person) -> None:
    elsewhere = mediator.in_another_browser()
    page = mediator.post("/account/second-factor", password=PASSWORD)
    mediator.seed = secrets_in(page.text)[0].replace(" ", "")
    assert elsewhere.signed_in

    mediator.post("/account/second-factor/confirm", code=mediator.code())

    assert mediator.signed_in
    assert not elsewhere.signed_in


def test_a_second_factor_is_taken_away_with_a_code_of_it(mediator: Person) -> None:
    mediator.set_up_second_factor()

    assert mediator.post("/account/second-factor/drop", code="000000").status_code == 422
    assert mediator.post("/account/second-factor/drop", code=mediator.codes[0]).status_code == 303
    assert mediator.sign_in().status_code == 303


def test_stepping_up_makes_the_session_a_fresh_one_with_another_token(mediator: Person) -> None:
    mediator.set_up_second_factor()
    before = mediator.token
    mediator.site.clock.advance(minutes=10)

    response = mediator.post("/step-up", code=mediator.codes[0], next="/mediation/mediations")

    assert response.location == "/mediation/mediations"
    assert mediator.holders().of_session(before) is None
    actor = mediator.holders().of_session(mediator.token)
    assert actor is not None
    assert actor.second_factor
    assert actor.authenticated_at is not None
    assert (mediator.site.clock() - actor.authenticated_at).total_seconds() < 60


def test_without_a_second_factor_nobody_steps_up(mediator: Person) -> None:
    assert "Set up a second factor" in mediator.get("/step-up").text
    assert mediator.post("/step-up", code="000000").status_code == 422
