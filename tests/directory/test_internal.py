"""What the gateway asks about each request."""

import pytest

from shared.auth.actor import ANONYMOUS, LAPSED
from shared.auth.door import COOKIE, HEADER, REFUSED
from tests.directory.site import Site

ACTOR = "/internal/v1/actor"


def test_a_bearer_token_is_exchanged_for_one_of_the_service_asked_for(site: Site) -> None:
    mediator = site.member("mediator")

    response = site.client.get(
        ACTOR,
        headers={
            "Authorization": f"Bearer {site.token('mediator')}",
            "X-Original-URI": "/mediation/mediations?state=assigned",
        },
    )

    assert response.status_code == 204
    assert site.arrives(response.headers[HEADER], "mediation") == mediator


def test_a_cookie_of_no_session_makes_nobody_of_them_who_was_somebody(site: Site) -> None:
    site.client.set_cookie(COOKIE, site.token("ops"))

    response = site.client.get(ACTOR, headers={"X-Original-URI": "/ops/flows"})

    assert site.arrives(response.headers[HEADER], "ops") == LAPSED


def test_without_either_it_is_nobody(site: Site) -> None:
    response = site.client.get(ACTOR, headers={"X-Original-URI": "/intake/"})

    assert response.status_code == 204
    assert site.arrives(response.headers[HEADER], "intake") == ANONYMOUS


@pytest.mark.parametrize("authorization", ["Bearer forged", "Basic bTpw"])
def test_a_credential_that_is_not_accepted_makes_the_service_refuse(
    site: Site, authorization: str
) -> None:
    response = site.client.get(
        ACTOR, headers={"Authorization": authorization, "X-Original-URI": "/intake/"}
    )

    assert response.status_code == 204
    assert response.headers[HEADER] == REFUSED


@pytest.mark.parametrize("path", ["/", "/favicon.ico", "/etc/passwd", None])
def test_a_path_of_no_service_gets_no_token(site: Site, path: str | None) -> None:
    headers = {} if path is None else {"X-Original-URI": path}

    response = site.client.get(ACTOR, headers=headers)

    assert response.status_code == 204
    assert HEADER not in response.headers
