"""Behind a real server: a client that sends too much gets to read the answer."""

import http.client
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.auth.keys import Keyring
from shared.auth.tokens import signer
from tests.eventually import eventually
from tests.web.conftest import MEDIATOR, SteppingClock

MEGABYTE = 1024 * 1024
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
PROBLEM = "application/problem+json"
PAGE = "text/html; charset=utf-8"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def token(served: Path, port: int) -> str:
    return signer(Keyring(served / "keys"), "directory", SteppingClock()).sign(
        MEDIATOR, audience="notes"
    )


@pytest.fixture(scope="module")
def port(served: Path) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    application = f"tests.web.served:make({str(served)!r}, 'sqlite:///{served / 'notes.sqlite'}')"
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{number}"),
            *(
                "--worker-class",
                "shared.web.worker.Worker",
                "--threads",
                "4",
                "--log-level",
                "error",
                "--no-control-socket",
                application,
            ),
        ],
        cwd=Path.cwd(),
    ) as server:
        try:
            eventually(lambda: _lives(number))
            yield number
        finally:
            server.terminate()


def _lives(port: int) -> bool:
    try:
        return ask(port, "GET", "/health/live")[0] == 200
    except OSError:
        return False


def ask(port: int, method: str, path: str, body: object = None, **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(
            method,
            path,
            body=body,  # type: ignore[arg-type]
            headers={name.replace("_", "-"): text for name, text in headers.items()},
        )
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"]
    finally:
        connection.close()


@pytest.mark.parametrize("size", [1, 10, 30])
def test_a_body_of_megabytes_is_refused_and_the_answer_read(
    port: int, token: str, size: int
) -> None:
    body = b"x" * (size * MEGABYTE)

    nowhere = ask(port, "POST", "/nothing", body)
    anonymous = ask(port, "POST", "/api/v1/notes", body, Content_Type=JSON)
    large = ask(port, "POST", "/api/v1/notes", body, Content_Type=JSON, Hemu_Actor=token)
    form = ask(port, "POST", "/notes/new", body, Content_Type=FORM, Hemu_Actor=token)

    assert nowhere == (404, PAGE)
    assert anonymous == (401, PROBLEM)
    assert large == (413, PROBLEM)
    assert form == (413, PAGE)


def test_a_body_of_unknown_length_is_refused_too(port: int, token: str) -> None:
    chunks = iter([b"x" * MEGABYTE] * 5)

    answer = ask(port, "POST", "/api/v1/notes", chunks, Content_Type=JSON, Hemu_Actor=token)

    assert answer == (413, PROBLEM)


def test_a_small_body_of_unknown_length_is_read(port: int, token: str) -> None:
    chunks = iter([b'{"text"', b': "a"}'])

    answer = ask(port, "POST", "/api/v1/notes", chunks, Content_Type=JSON, Hemu_Actor=token)

    assert answer == (201, JSON)
