"""A change says which version it was decided on; a look can be repeated for nothing."""

import pytest

from tests.web.conftest import Site


def amend(site: Site, path: str, **headers: str) -> int:
    answer = site.client().post(
        f"{path}/amend",
        json={"text": "changed"},
        headers={
            **site.mediator,
            **{name.replace("_", "-"): text for name, text in headers.items()},
        },
    )
    return answer.status_code


@pytest.fixture
def note(site: Site) -> str:
    return site.write().headers["Location"]


def test_the_etag_is_the_version(site: Site, note: str) -> None:
    assert site.client().get(note, headers=site.mediator).headers["ETag"] == '"1"'


@pytest.mark.parametrize("etag", ['"1"', 'W/"1"', "1"])
def test_a_change_of_the_version_seen_is_made(site: Site, note: str, etag: str) -> None:
    assert amend(site, note, If_Match=etag) == 200
    assert site.client().get(note, headers=site.mediator).headers["ETag"] == '"2"'


def test_a_change_of_another_version_is_412(site: Site, note: str) -> None:
    assert amend(site, note, If_Match='"1"') == 200
    assert amend(site, note, If_Match='"1"') == 412


def test_a_change_without_a_version_is_428(site: Site, note: str) -> None:
    assert amend(site, note) == 428


@pytest.mark.parametrize("etag", ["*", '"abc"', '"1", "2"', '"', "-1", "１", '"' + "9" * 30 + '"'])
def test_an_etag_that_was_not_given_out_here_is_400(site: Site, note: str, etag: str) -> None:
    answer = site.client().post(
        f"{note}/amend",
        json={"text": "changed"},
        headers={**site.mediator, "If-Match": etag.encode().decode("latin-1")},
    )

    assert answer.status_code == 400


def test_a_look_at_an_unchanged_version_is_304(site: Site, note: str) -> None:
    same = site.client().get(note, headers={**site.mediator, "If-None-Match": '"1"'})
    other = site.client().get(note, headers={**site.mediator, "If-None-Match": '"0"'})

    assert (same.status_code, same.data) == (304, b"")
    assert other.status_code == 200
