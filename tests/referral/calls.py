"""Requests to the JSON API, as the people of the demo district."""

from typing import Any

from werkzeug.test import TestResponse

from tests.referral.site import Site

API = "/api/v1"


def get(site: Site, path: str, who: str = "officer") -> Any:
    response = site.client().get(API + path, headers=site.headers(who))
    assert response.status_code == 200, response.text
    return response.json


def told(response: TestResponse) -> Any:
    assert response.json is not None, response.text
    return response.json


def status(site: Site, path: str, who: str) -> int:
    return site.client().get(API + path, headers=site.headers(who)).status_code


def post(
    site: Site,
    path: str,
    body: object = None,
    *,
    who: str = "officer",
    version: int | None = 1,
    **headers: str,
) -> TestResponse:
    if version is not None:
        headers["If_Match"] = f'"{version}"'
    return site.client().post(API + path, json=body, headers=site.headers(who, **headers))
