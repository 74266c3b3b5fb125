"""Whatever is sent, the answer is never a 500, and errors are always problems or pages."""

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

from tests.web.conftest import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

FAST = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["\x00", "\ud800", "a" * 300, "é", "\u202e", "1e999", "%ff", "{}", "%00"]),
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-(2**70), 2**70) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["name", "needs", "x"]) | st.text(max_size=5), inner)
    ),
    max_leaves=12,
)
BODIES = st.dictionaries(
    st.sampled_from(
        ["text", "area", "kind", "amount", "since", "people", "urgent", "pages", "secret"]
    )
    | st.text(max_size=8),
    VALUES,
    max_size=8,
)
LATIN = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\x00"), max_size=60)
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "Hemu-Actor",
            "If-Match",
            "If-None-Match",
            "Idempotency-Key",
            "Accept-Language",
            "Accept-Encoding",
            "Cookie",
            "Content-Type",
            "Host",
            "Origin",
            "Sec-Fetch-Site",
            "traceparent",
            "X-Request-ID",
            "Range",
            "Authorization",
        ]
    ),
    LATIN,
    max_size=6,
)


def check(answer: TestResponse) -> None:
    check_answer(answer.status_code, answer.content_type or "")


def check_answer(status: int, content_type: str) -> None:
    assert status < 500
    if status >= 400:
        assert content_type.startswith(("application/problem+json", "text/html"))


def send(site: Site, environ: "WSGIEnvironment") -> None:
    """Straight to the application: the test client cannot say everything a socket can."""
    _, status, headers = run_wsgi_app(site.app, environ)
    check_answer(int(status.split()[0]), headers.get("Content-Type", ""))


@FAST
@given(body=BODIES)
def test_any_json(site: Site, body: dict[str, Any]) -> None:
    raw = json.dumps(body).encode()

    check(
        site.client().post(
            "/api/v1/notes", data=raw, content_type="application/json", headers=site.mediator
        )
    )


@FAST
@given(raw=st.binary(max_size=200))
def test_any_bytes(site: Site, raw: bytes) -> None:
    for path, kind in (
        ("/api/v1/notes", "application/json"),
        ("/notes/new", "application/x-www-form-urlencoded"),
    ):
        check(site.client().post(path, data=raw, content_type=kind, headers=site.mediator))


@FAST
@given(
    pairs=st.lists(
        st.tuples(
            st.sampled_from(["text", "people.0.name", "people.0", "people", "a[]", "..", "0.0"])
            | st.text(max_size=12),
            TEXTS,
        ),
        max_size=8,
    )
)
def test_any_form(site: Site, pairs: list[tuple[str, str]]) -> None:
    body = "&".join(
        f"{quote(name, errors='surrogatepass')}={quote(text, errors='surrogatepass')}"
        for name, text in pairs
    )

    check(
        site.client().post(
            "/notes/new",
            data=body,
            content_type="application/x-www-form-urlencoded",
            headers=site.mediator,
        )
    )


@FAST
@given(
    path=st.binary(max_size=40),
    query=st.binary(max_size=60),
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "X"]),
)
def test_any_address(site: Site, path: bytes, query: bytes, method: str) -> None:
    for prefix in ("/", "/api/v1/notes", "/api/v1/notes/", "/static/x/", "/language"):
        environ = EnvironBuilder(method=method, headers=list(site.mediator.items())).get_environ()
        environ["PATH_INFO"] = prefix + path.decode("latin-1")
        environ["QUERY_STRING"] = query.decode("latin-1")

        send(site, environ)


@FAST
@given(headers=HEADERS)
def test_any_headers(site: Site, headers: dict[str, str]) -> None:
    note = site.write().headers["Location"]
    for method, path in (
        ("GET", "/"),
        ("GET", note),
        ("POST", f"{note}/amend"),
        ("POST", "/api/v1/notes"),
    ):
        environ = EnvironBuilder(
            path,
            method=method,
            json={"text": "a"} if method == "POST" else None,
            headers=list(site.mediator.items()),
        ).get_environ()
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            environ["CONTENT_TYPE" if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value

        send(site, environ)
