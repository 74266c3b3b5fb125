"""The worker class does what gunicorn's does, is not held up by who is slow, and stops cleanly."""

import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import pytest

from tests.eventually import eventually
from tests.servers.process import free_port

THREADS = 4
KEPT_SECONDS = 4
SOON = 2.0
"""Seconds in which an answer comes that waits for nobody."""

REQUEST = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nwater"


class Server:
    def __init__(self) -> None:
        self.port = free_port()
        options = {
            "--bind": f"127.0.0.1:{self.port}",
            "--worker-class": "shared.web.worker.Worker",
            "--threads": str(THREADS),
            "--keep-alive": str(KEPT_SECONDS),
            "--log-level": "error",
        }
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "--no-control-socket"),
                *(text for option in options.items() for text in option),
                "tests.web.echo:application",
            ],
        )

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def client(self) -> "closing[http.client.HTTPConnection]":
        return closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20))

    def lives(self) -> bool:
        try:
            with self.client() as client:
                return ask(client) == b"water"
        except OSError:
            return False


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    yield from running()


@pytest.fixture
def own_server() -> Iterator[Server]:
    yield from running()


def running() -> Iterator[Server]:
    found = Server()
    try:
        eventually(found.lives)
        yield found
    finally:
        found.process.kill()
        found.process.wait()


def ask(client: http.client.HTTPConnection, path: str = "/", body: bytes = b"water") -> bytes:
    client.request("POST", path, body)
    return client.getresponse().read()


def heard(connection: socket.socket, end: bytes = b"water") -> bytes:
    """Until it ends so, or the server closes the connection."""
    found = b""
    while not found.endswith(end) and (piece := connection.recv(65536)):
        found += piece
    return found


def test_one_connection_serves_many_requests(server: Server) -> None:
    with server.client() as client:
        client.connect()
        port = client.sock.getsockname()[1]

        answers = [ask(client, body=str(number).encode()) for number in range(50)]

        assert answers == [str(number).encode() for number in range(50)]
        assert client.sock.getsockname()[1] == port


def test_head_and_body_leave_in_one_piece(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(REQUEST)

        piece = connection.recv(65536)

    assert piece.startswith(b"HTTP/1.1 200 OK\r\n")
    assert piece.endswith(b"\r\n\r\nwater")


def test_an_answer_of_unknown_length_comes_in_pieces(server: Server) -> None:
    with server.client() as client:
        assert ask(client, "/pieces", b"abc") == b"abc"
        assert ask(client) == b"water"


@pytest.mark.parametrize("method, path", [("HEAD", "/"), ("POST", "/nothing")])
def test_an_answer_without_a_body_ends_with_its_head(
    server: Server, method: str, path: str
) -> None:
    with server.client() as client:
        client.request(method, path)
        assert client.getresponse().read() == b""

        assert ask(client) == b"water"


def test_requests_that_come_in_one_piece_are_each_answered(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(REQUEST * 3 + REQUEST[:20])
        first = heard(connection, b"water")
        while first.count(b"water") < 3:
            first += heard(connection, b"water")
        connection.sendall(REQUEST[20:])

        assert first.count(b"HTTP/1.1 200 OK") == 3
        assert heard(connection).endswith(b"\r\n\r\nwater")


def test_a_request_may_come_byte_by_byte(server: Server) -> None:
    with server.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number in range(len(REQUEST)):
            connection.sendall(REQUEST[number : number + 1])

        assert heard(connection).endswith(b"\r\n\r\nwater")


def test_who_asks_first_is_told_to_go_on(server: Server) -> None:
    head, _, body = REQUEST.partition(b"\r\n\r\n")
    with server.connect() as connection:
        connection.sendall(head + b"\r\nExpect: 100-continue\r\n\r\n")
        told = heard(connection, b"\r\n\r\n")
        connection.sendall(body)

        assert told == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert heard(connection).endswith(b"\r\n\r\nwater")


def test_a_body_in_chunks_is_read(server: Server) -> None:
    with server.client() as client:
        client.request("POST", "/", iter([b"wat", b"er"]))

        assert client.getresponse().read() == b"water"


@pytest.mark.parametrize(
    "beginning",
    [b"", b"POST / HT", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf"],
    ids=["nothing", "half a head", "half a body"],
)
def test_who_is_slow_holds_no_thread(server: Server, beginning: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(THREADS * 10):
            connection = stack.enter_context(server.connect())
            connection.sendall(beginning)

        started = time.monotonic()
        with server.client() as client:
            answers = [ask(client) for _ in range(10)]

        assert answers == [b"water"] * 10
        assert time.monotonic() - started < SOON


def test_who_was_just_answered_holds_no_thread(server: Server) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(server.client()) for _ in range(THREADS * 5)]

        started = time.monotonic()
        for _ in range(3):
            for client in clients:
                assert ask(client) == b"water"

        assert time.monotonic() - started < SOON


def test_who_is_busy_leaves_room_for_others(server: Server) -> None:
    ended = time.monotonic() + 1.5

    def busily() -> None:
        with server.client() as client:
            while time.monotonic() < ended:
                ask(client)

    with ThreadPoolExecutor(THREADS * 2) as pool:
        for _ in range(THREADS * 2):
            pool.submit(busily)
        waits = []
        while time.monotonic() < ended:
            started = time.monotonic()
            with server.client() as client:
                ask(client)
            waits.append(time.monotonic() - started)

    assert max(waits) < SOON


def test_who_never_goes_on_is_sent_away(server: Server) -> None:
    with server.connect() as silent, server.connect() as half:
        half.sendall(REQUEST[:30])

        assert silent.recv(1) == b""
        assert half.recv(1) == b""


def test_a_reload_fails_no_request(own_server: Server) -> None:
    def asking() -> int:
        """Each request once; where a kept connection was closed before it, on a new one."""
        answered = 0
        ended = time.monotonic() + 3
        while time.monotonic() < ended:
            with own_server.client() as client:
                for _ in range(20):
                    assert ask(client) == b"water"
                    answered += 1
        return answered

    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(asking) for _ in range(4)]
        time.sleep(0.5)
        own_server.process.send_signal(signal.SIGHUP)

        assert all(one.result() > 20 for one in asked)


def test_stopping_answers_what_was_asked_and_waits_for_nobody_else(own_server: Server) -> None:
    with ExitStack() as stack:
        for beginning in (b"", REQUEST[:30], REQUEST):
            connection = stack.enter_context(own_server.connect())
            connection.sendall(beginning)
        asking = [stack.enter_context(own_server.connect()) for _ in range(THREADS)]
        for connection in asking:
            connection.sendall(REQUEST.replace(b"POST /", b"POST /slow"))
        time.sleep(0.1)

        started = time.monotonic()
        own_server.process.terminate()
        answers = [heard(connection) for connection in asking]
        own_server.process.wait(20)

        assert all(answer.endswith(b"water") for answer in answers)
        assert time.monotonic() - started < KEPT_SECONDS
