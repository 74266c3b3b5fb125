"""The gateway lets nobody in by an internal path or with an actor token of their own making."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from services.commands.cluster.files import BLANK
from shared.settings import SERVICES
from tests.architecture.tree import ROOT
from tests.deployment.tools import tool
from tests.servers.process import ServerProcess, free_port

EXCHANGE = "/directory/internal/v1/actor"
FORGED = "Bearer forged"
NO_TOKEN = "none"

pytestmark = pytest.mark.slow


class Upstream(BaseHTTPRequestHandler):
    """Every service at once: says what it got. As the directory, it exchanges credentials."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == EXCHANGE:
            self._exchange()
        else:
            self._say(200)

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        self._say(200, body=self.rfile.read(length))

    def _exchange(self) -> None:
        if self.headers.get("Authorization") == FORGED:
            self._answer(401)
        else:
            whom = self.headers.get("Authorization", "nobody")
            audience = self.headers["X-Original-URI"]
            self._answer(204, actor=f"{whom} for {audience}")

    def _say(self, status: int, body: bytes = b"") -> None:
        self._answer(
            status,
            {
                "Got-Path": self.path,
                "Got-Actor": self.headers.get("Hemu-Actor", NO_TOKEN),
                "Got-Address": self.headers.get("X-Forwarded-For", ""),
                "Got-Host": self.headers.get("Host", ""),
                "Got-Body": body.decode(),
            },
        )

    def _answer(
        self, status: int, headers: dict[str, str] | None = None, actor: str | None = None
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if actor is not None:
            self.send_header("Hemu-Actor", actor)
        if status != 204:
            self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 – the library's name
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def upstream() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def serving(folder: Path, address: str, upstreams: dict[str, int]) -> ServerProcess:
    """nginx with our own configuration, filled in for this test."""
    blanks = {"GATEWAY_LISTEN": address, "GATEWAY_FOLDER": str(folder)}
    blanks |= {f"{name.upper()}_ADDRESS": f"127.0.0.1:{port}" for name, port in upstreams.items()}
    text = (ROOT / "deploy" / "nginx.conf.template").read_text()
    text = BLANK.sub(lambda found: blanks[found[1]], text)
    text = text.replace("/dev/stdout", str(folder / "access.log"))
    configuration = folder / "nginx.conf"
    configuration.write_text(f"daemon off;\nmaster_process off;\n{text}")
    return ServerProcess(
        [tool("nginx"), "-e", "stderr", "-p", str(folder), "-c", str(configuration)],
        output=folder / "nginx.out",
    )


def answers(address: str) -> bool:
    try:
        return httpx.get(f"http://{address}/nothing").status_code == 404
    except httpx.TransportError:
        return False


def client_of(folder: Path, upstreams: dict[str, int]) -> Iterator[httpx.Client]:
    address = f"127.0.0.1:{free_port()}"
    gateway = serving(folder, address, upstreams)
    assert gateway.start(lambda: answers(address), seconds=10), gateway.last_words()
    with httpx.Client(base_url=f"http://{address}") as client:
        yield client
    gateway.stop()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, upstream: int) -> Iterator[httpx.Client]:
    yield from client_of(tmp_path_factory.mktemp("gateway"), dict.fromkeys(SERVICES, upstream))


@pytest.fixture
def lonely(tmp_path: Path) -> Iterator[httpx.Client]:
    """A gateway whose services are all away."""
    yield from client_of(tmp_path, dict.fromkeys(SERVICES, free_port()))


@pytest.mark.parametrize("service", SERVICES)
def test_a_request_reaches_its_service_with_a_token_for_it(
    client: httpx.Client, service: str
) -> None:
    got = client.get(f"/{service}/api/v1/things?x=1", headers={"Authorization": "Bearer mine"})

    assert got.headers["Got-Path"] == f"/{service}/api/v1/things?x=1"
    assert got.headers["Got-Actor"] == f"Bearer mine for /{service}/"
    assert got.headers["Got-Host"] == client.base_url.netloc.decode()


def test_a_token_sent_by_the_client_is_dropped(client: httpx.Client) -> None:
    for path in ("/intake/", "/intake/static/x/style.css"):
        got = client.get(path, headers={"Hemu-Actor": "mine", "Hemu_Actor": "mine"})

        assert "mine" not in got.headers["Got-Actor"]


def test_what_a_client_says_about_its_address_is_dropped(client: httpx.Client) -> None:
    got = client.get("/intake/", headers={"X-Forwarded-For": "10.0.0.1"})

    assert got.headers["Got-Address"] == "127.0.0.1"


def test_a_body_arrives_whole(client: httpx.Client) -> None:
    got = client.post("/intake/api/v1/disputes", content=b"narrative")

    assert got.headers["Got-Body"] == "narrative"


def test_a_forged_credential_reaches_the_service_as_refused(client: httpx.Client) -> None:
    got = client.post("/ops/api/v1/x", content=b"all", headers={"Authorization": FORGED})

    assert (got.headers["Got-Actor"], got.headers["Got-Body"]) == ("refused", "all")


@pytest.mark.parametrize(
    "path",
    [
        "/intake/internal/v1/dossiers/1",
        "/intake/%69nternal/v1/dossiers/1",
        "/intake//internal/v1/dossiers/1",
        "/intake/x/../internal/v1/dossiers/1",
        "/intake/x%2f..%2finternal/v1/dossiers/1",
        "/directory/internal/v1/actor",
        "/ops/metrics",
        "/ops/health/ready",
        "/_actor",
        "/elsewhere/",
        "/INTAKE/",
    ],
)
def test_what_is_internal_is_not_there(client: httpx.Client, path: str) -> None:
    got = client.request("GET", httpx.URL(str(client.base_url), raw_path=path.encode()))

    assert got.status_code == 404
    assert "Got-Path" not in got.headers


def test_the_front_page_leads_everybody_home(client: httpx.Client) -> None:
    got = client.get("/")

    assert (got.status_code, got.headers["Location"]) == (303, "/directory/home")


def test_services_that_are_away_are_a_problem_to_be_tried_again(lonely: httpx.Client) -> None:
    got = lonely.post("/intake/api/v1/disputes", content=b"{}")

    assert got.status_code == 503
    assert got.headers["Retry-After"] == "2"
    assert got.headers["Content-Type"] == "application/problem+json"
    assert got.json()["status"] == 503
