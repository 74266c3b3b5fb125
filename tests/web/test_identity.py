"""Who asks is proved on every request; the policy decides, and denies by default."""

import base64
import dataclasses

import pytest
from flask import Blueprint

from shared.auth.actor import Actor, service_actor
from shared.auth.door import HEADER as ACTOR
from shared.auth.policy import Policy
from shared.web.answer import Answer
from shared.web.app import Unguarded, create_app
from shared.web.operation import operation
from tests.web.conftest import MEDIATOR, Site
from tests.web.notes.service import SERVICE

NOTES = "/api/v1/notes"


def test_without_a_token_one_is_nobody(site: Site) -> None:
    answer = site.client().get(NOTES)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert site.client().get("/").status_code == 200


def test_a_role_that_may_is_let_in(site: Site) -> None:
    assert site.client().get(NOTES, headers=site.prosecutor).status_code == 200


def test_a_role_that_may_not_is_403(site: Site) -> None:
    headers = site.headers(Actor(id="x", roles=frozenset({"agency"})))

    assert site.client().get(NOTES, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "token",
    [
        "",
        "refused",
        "a.b.c",
        "é",
        "x" * 5_000,
        base64.urlsafe_b64encode(b"[" * 2_000).decode() + ".e30.e30",
        base64.urlsafe_b64encode(b'{"alg":"none","kid":"directory"}').decode() + ".e30.",
        base64.urlsafe_b64encode(b'{"alg":"EdDSA","kid":["x"]}').decode() + ".e30.e30",
    ],
)
def test_a_forged_token_is_401_even_where_anybody_may_look(site: Site, token: str) -> None:
    assert site.client().get("/", headers={ACTOR: token}).status_code == 401


def test_a_token_for_another_service_is_401(site: Site) -> None:
    headers = site.headers(MEDIATOR, audience="intake")

    assert site.client().get(NOTES, headers=headers).status_code == 401


def test_an_expired_token_is_401(site: Site) -> None:
    headers = site.mediator
    assert site.client().get(NOTES, headers=headers).status_code == 200

    site.clock.move(seconds=120)

    assert site.client().get(NOTES, headers=headers).status_code == 401


def test_a_changed_token_is_401(site: Site) -> None:
    header, claims, signature = site.prosecutor[ACTOR].split(".")
    body = base64.urlsafe_b64decode(claims + "==").replace(b"prosecutor", b"mediator")
    forged = base64.urlsafe_b64encode(body).decode().rstrip("=")

    answer = site.client().get(NOTES, headers={ACTOR: f"{header}.{forged}.{signature}"})

    assert answer.status_code == 401


def test_a_service_reads_internal_addresses_only(site: Site) -> None:
    inside = site.client().get("/internal/v1/notes", headers=site.mediation)
    outside = site.client().get(NOTES, headers=site.mediation)

    assert (inside.status_code, outside.status_code) == (200, 403)


def test_a_person_does_not_read_internal_addresses(site: Site) -> None:
    assert site.client().get("/internal/v1/notes", headers=site.mediator).status_code == 403


def test_a_service_has_no_role_but_its_own_whatever_it_claims(site: Site) -> None:
    greedy = Actor(id="service:mediation", roles=frozenset({"service:referral"}))
    headers = site.headers(greedy, issuer="mediation")

    assert site.client().get("/internal/v1/notes", headers=headers).status_code == 200
    assert "service:referral" not in service_actor("mediation").roles


def test_an_application_with_an_unguarded_route_does_not_start(site: Site) -> None:
    blueprint = Blueprint("more", __name__)
    blueprint.add_url_rule("/open", "open", lambda: "hello")
    service = dataclasses.replace(SERVICE, blueprints=(blueprint,))

    with pytest.raises(Unguarded, match="/open"):
        create_app(service, site.platform)


def test_an_application_with_an_action_unknown_to_the_policy_does_not_start(site: Site) -> None:
    service = dataclasses.replace(SERVICE, policy=Policy({}))

    with pytest.raises(Unguarded, match="note"):
        create_app(service, site.platform)


def test_a_view_must_return_an_answer(site: Site) -> None:
    blueprint = Blueprint("more", __name__)
    blueprint.add_url_rule("/api/v1/wrong", view_func=operation("note.front")(lambda: "text"))
    app = create_app(dataclasses.replace(SERVICE, blueprints=(blueprint,)), site.platform)

    assert app.test_client().get("/api/v1/wrong").status_code == 500


def test_an_answer_without_a_schema_is_written_as_it_is(site: Site) -> None:
    blueprint = Blueprint("more", __name__)
    view = operation("note.front")(lambda: Answer({"a": [1, None]}, location="/x"))
    blueprint.add_url_rule("/api/v1/plain", "plain", view)
    app = create_app(dataclasses.replace(SERVICE, blueprints=(blueprint,)), site.platform)

    answer = app.test_client().get("/api/v1/plain")

    assert answer.get_json() == {"a": [1, None]}
    assert answer.headers["Location"] == "/x"


@pytest.mark.parametrize(
    "headers, status",
    [
        ({}, 201),
        ({"Origin": "http://localhost"}, 201),
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        ({"Sec-Fetch-Site": "none"}, 201),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
        ({"Origin": "http://", "Host": ""}, 403),
    ],
)
def test_a_change_from_another_site_is_403(
    site: Site, headers: dict[str, str], status: int
) -> None:
    answer = site.client().post(NOTES, json={"text": "a"}, headers={**site.mediator, **headers})

    assert answer.status_code == status


def test_a_link_from_another_site_works(site: Site) -> None:
    headers = {**site.mediator, "Sec-Fetch-Site": "cross-site"}

    assert site.client().get(NOTES, headers=headers).status_code == 200
