"""What people do with their own account, and administrators with those of others."""

import re

import pytest

from services.directory.handlers.api_tokens import MOST_PER_MEMBER
from services.directory.models import Organisation
from shared.auth.actor import Actor
from shared.errors import Unauthenticated
from tests.directory.people import PASSWORD, Person, secrets_in
from tests.directory.site import Site

NEW = "seven other words to keep in mind"


def test_the_page_says_where_one_is_signed_in(mediator: Person) -> None:
    response = mediator.get("/account")

    assert mediator.login in response.text
    assert "this one" in response.text
    assert "Only your password protects this account" in response.text


def test_who_is_not_signed_in_has_no_account_page(fresh: Site) -> None:
    person = Person.of(fresh, "mediator")

    assert person.get("/account").status_code == 401


def test_an_api_token_is_no_way_to_the_account(fresh: Site) -> None:
    """What a script holds must not make itself more."""
    response = fresh.client.get("/account", headers=fresh.headers("mediator"))

    assert response.status_code == 401


def test_changing_the_password_ends_the_other_sessions(mediator: Person) -> None:
    first = mediator.token
    mediator.sign_in()

    response = mediator.post("/account/password", password=PASSWORD, new_password=NEW, again=NEW)

    assert response.status_code == 303
    assert mediator.signed_in
    assert mediator.holders().of_session(first) is None
    assert mediator.sign_in(password=PASSWORD).status_code == 401
    assert mediator.sign_in(password=NEW).status_code == 303


@pytest.mark.parametrize(
    "new, said",
    [
        ("short", "12 to 128 characters"),
        ("passwordpassword", "easy to guess"),
        ("123456789012", "easy to guess"),
        ("hemuhemuhemu", "easy to guess"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(mediator: Person, new: str, said: str) -> None:
    response = mediator.post("/account/password", password=PASSWORD, new_password=new, again=new)

    assert response.status_code == 422
    assert said in response.text
    assert mediator.sign_in().status_code == 303


@pytest.mark.parametrize(
    "new", ["三个字 加 四个字 就很长了", "ärger über 40 € für öl ", " leading and trailing "]
)
def test_any_characters_may_be_in_a_password(mediator: Person, new: str) -> None:
    mediator.post("/account/password", password=PASSWORD, new_password=new, again=new)

    assert mediator.sign_in(password=new).status_code == 303
    assert mediator.sign_in(password=new.strip() + "x").status_code == 401


def test_the_password_so_far_is_asked_for_and_counts_as_a_try(mediator: Person) -> None:
    change = {"new_password": NEW, "again": NEW}
    answers = [mediator.post("/account/password", password="wrong", **change) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [422] * 6
    assert "This is not your password." in answers[0].text
    assert "Too many tries" in answers[-1].text


def test_two_different_new_passwords_are_refused(mediator: Person) -> None:
    response = mediator.post(
        "/account/password", password=PASSWORD, new_password=NEW, again=NEW + "x"
    )

    assert response.status_code == 422
    assert "not the same" in response.text


def test_one_signs_out_everywhere_else(mediator: Person) -> None:
    first = mediator.token
    mediator.sign_in()

    mediator.post("/account/sessions/end")

    assert mediator.signed_in
    assert mediator.holders().of_session(first) is None


def test_nobody_ends_the_session_of_another(fresh: Site, mediator: Person) -> None:
    other = Person.of(fresh, "ops")
    other.sign_in()
    found = other.holders().find_session(other.token)
    assert found is not None

    mediator.post(f"/account/sessions/{found.session_id}/end")

    assert other.signed_in


def test_a_token_is_shown_once_and_acts_as_its_member(mediator: Person) -> None:
    response = mediator.post("/account/tokens", name="monthly report", days="3")

    assert response.status_code == 201
    [token] = secrets_in(response.text)
    assert token not in mediator.get("/account").text
    actor = mediator.holders().of_api_token(token)
    assert (actor.id, actor.roles) == (mediator.member_id, frozenset({"mediator"}))
    assert actor.authenticated_at is None


def test_a_token_expires_and_can_be_ended(mediator: Person) -> None:
    tokens = [
        secrets_in(mediator.post("/account/tokens", name=name, days=days).text)[0]
        for name, days in (("short", "1"), ("long", "300"))
    ]
    [short_id, long_id] = re.findall(
        r"/account/tokens/([0-9a-f-]{36})/", mediator.get("/account").text
    )

    mediator.post(f"/account/tokens/{long_id}/revoke")
    with pytest.raises(Unauthenticated):
        mediator.holders().of_api_token(tokens[1])

    assert short_id != long_id
    mediator.site.clock.advance(days=1)
    with pytest.raises(Unauthenticated):
        mediator.holders().of_api_token(tokens[0])


@pytest.mark.parametrize("days", ["0", "367", "-1", "1.5", "x", ""])
def test_a_token_lives_for_a_year_at_most(mediator: Person, days: str) -> None:
    assert mediator.post("/account/tokens", name="x", days=days).status_code in {201, 422}
    shown = mediator.get("/account").text
    assert ("until" in shown) == (days == "")


def test_nobody_has_ever_so_many_tokens(mediator: Person) -> None:
    for number in range(MOST_PER_MEMBER):
        mediator.post("/account/tokens", name=str(number), days="1")

    response = mediator.post("/account/tokens", name="one more", days="1")

    assert response.status_code == 422
    assert "End one first" in response.text


class TestAdministrators:
    """Of the district, or of a place within it."""

    @pytest.fixture
    def headers(self, fresh: Site) -> dict[str, str]:
        return self.administrator(fresh, "o-001")

    @staticmethod
    def administrator(site: Site, organisation_id: str) -> dict[str, str]:
        actor = Actor(id="m-admin", roles=frozenset({"org_admin"}), organisation_id=organisation_id)
        return {"Hemu-Actor": site.sign(actor, "directory"), "Accept-Language": "en"}

    def test_give_a_member_an_account(self, fresh: Site, headers: dict[str, str]) -> None:
        member = fresh.member("mediator").id

        response = fresh.client.post(
            f"/members/{member}/account", data={"login": "New.One"}, headers=headers
        )

        assert response.status_code == 201
        [password] = secrets_in(response.text)
        person = Person(fresh, fresh.client.application.test_client(), "new.one", member, password)
        assert person.sign_in().location == "/directory/account/password"

    def test_give_a_new_password_for_a_forgotten_one(
        self, fresh: Site, headers: dict[str, str], mediator: Person
    ) -> None:
        response = fresh.client.post(
            f"/members/{mediator.member_id}/account/password", headers=headers
        )

        [password] = secrets_in(response.text)
        assert not mediator.signed_in
        assert mediator.sign_in().status_code == 401
        assert mediator.sign_in(password=password).status_code == 303

    def test_lock_and_unlock(self, fresh: Site, headers: dict[str, str], mediator: Person) -> None:
        place = f"/members/{mediator.member_id}/account"
        fresh.client.post(f"{place}/lock", headers=headers)
        assert not mediator.signed_in
        assert mediator.sign_in().status_code == 401

        fresh.client.post(f"{place}/unlock", headers=headers)
        assert mediator.sign_in().status_code == 303

    def test_help_who_tried_too_often(
        self, fresh: Site, headers: dict[str, str], mediator: Person
    ) -> None:
        for _ in range(6):
            mediator.sign_in(password="wrong")
        assert mediator.sign_in().status_code == 429

        fresh.client.post(f"/members/{mediator.member_id}/account/unlock", headers=headers)

        assert mediator.sign_in().status_code == 303

    def test_help_who_lost_the_second_factor(
        self, fresh: Site, headers: dict[str, str], mediator: Person
    ) -> None:
        mediator.set_up_second_factor()

        fresh.client.post(
            f"/members/{mediator.member_id}/account/second-factor/drop", headers=headers
        )

        assert mediator.sign_in().status_code == 303

    def test_a_login_is_taken_once(self, fresh: Site, headers: dict[str, str]) -> None:
        first, second = fresh.member("mediator").id, fresh.member("ops").id
        fresh.client.post(f"/members/{first}/account", data={"login": "same"}, headers=headers)

        response = fresh.client.post(
            f"/members/{second}/account", data={"login": "SAME"}, headers=headers
        )

        assert response.status_code == 422
        assert "This login is taken" in response.text

    @pytest.mark.parametrize("login", ["调解员", "аdmin", "two words", "a@b", "x", "a\nb"])
    def test_a_login_is_plain_letters_and_digits(
        self, fresh: Site, headers: dict[str, str], login: str
    ) -> None:
        """Nobody is to be taken for somebody else."""
        member = fresh.member("mediator").id

        response = fresh.client.post(
            f"/members/{member}/account", data={"login": login}, headers=headers
        )

        assert response.status_code == 422

    @pytest.mark.parametrize("action", ["", "/password", "/lock", "/unlock", "/second-factor/drop"])
    def test_of_another_place_do_not_even_learn_of_the_member(
        self, fresh: Site, mediator: Person, action: str
    ) -> None:
        with fresh.database.reading() as session:
            elsewhere = session.get(Organisation, "o-003")
            assert elsewhere is not None
        headers = self.administrator(fresh, "o-003")

        response = fresh.client.post(
            f"/members/{mediator.member_id}/account{action}",
            data={"login": "theirs"} if not action else {},
            headers=headers,
        )

        assert response.status_code == 404
        assert mediator.signed_in

    def test_nobody_else_may(self, fresh: Site, mediator: Person) -> None:
        response = fresh.client.post(
            f"/members/{mediator.member_id}/account/lock", headers=fresh.headers("pmc_director")
        )

        assert response.status_code == 403
