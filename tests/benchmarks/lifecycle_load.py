"""Lives of cases over HTTP: filed, accepted, concluded, found again. For a process of its own.

A request that is not answered as it should be is an error; nothing is tried again, but for asking
whether a case is decided yet.
"""

import http.client
import json
import select
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

LOOK = 0.1
PATIENCE = 30.0
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, kw_only=True)
class Load:
    """``body`` is what is filed, ``token`` the director's of the committee that gets it, ``tokens``
    its mediators' by their ids.
    """

    address: str
    token: str
    tokens: Mapping[str, str]
    body: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Life:
    """Seconds: when it was to begin, as ``time.time()``, and how long it took from then on."""

    due: float
    took: float
    requests: int
    error: str | None


class Failed(Exception):
    """An answer that is not what it should be."""


@dataclass
class _Client:
    """One connection, used by one thread."""

    load: Load
    requests: int = 0
    connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection(self.load.address, timeout=PATIENCE)

    def live(self) -> None:
        told = self.ask("POST", "/intake/api/v1/disputes", 201, self.load.body)
        case_id, number = told["case_id"], told["registration_no"]
        place = f"/mediation/api/v1/mediations/{case_id}"
        decided = self._decided(place)
        consented, end = {"parties_consented": True}, {"outcome": "withdrawn"}
        whose = self.load.tokens[decided["mediator"]["id"]]
        version = decided["version"]
        accepted = self.ask("POST", f"{place}/accept", 200, consented, version, token=whose)
        self.ask("POST", f"{place}/conclude", 200, end, accepted["version"], token=whose)
        found = self.ask("GET", f"/intake/api/v1/disputes?q={number}", 200)
        if [each["case_id"] for each in found["items"]] != [case_id]:
            raise Failed(f"{number} was not found")
        newest = "/mediation/api/v1/mediations?state=terminated&limit=10"
        if not self.ask("GET", newest, 200)["items"]:
            raise Failed("nothing in the list")

    def _decided(self, place: str) -> Mapping[str, Any]:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = self.ask("GET", place, 200, or_else=404)
            if found:
                return found
            time.sleep(LOOK)
        raise Failed("not decided")

    def ask(
        self,
        method: str,
        path: str,
        expected: int,
        body: Mapping[str, Any] | None = None,
        version: int | None = None,
        *,
        or_else: int | None = None,
        token: str | None = None,
    ) -> Mapping[str, Any]:
        """Empty when the status is ``or_else``. Raises Failed."""
        headers = {"Authorization": f"Bearer {token or self.load.token}"}
        if method == "POST":
            headers |= JSON | {"Idempotency-Key": str(uuid4())}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        content = None if body is None else json.dumps(body).encode()
        self.requests += 1
        self._drop_closed()
        self.connection.request(method, path, content, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status == or_else:
            return {}
        if answer.status != expected:
            raise Failed(f"{method} {path.split('?', maxsplit=1)[0]}: {answer.status}")
        found: Mapping[str, Any] = json.loads(text)
        return found

    def _drop_closed(self) -> None:
        """As every client's pool does: a connection that was idle may have been closed."""
        sock = self.connection.sock
        if sock is not None and select.select([sock], [], [], 0)[0]:
            self.connection.close()  # the next request opens another


class _Clients(threading.local):
    client: _Client | None = None


def steady(load: Load, *, clients: int, seconds: float) -> list[Life]:
    """So many clients, each beginning the next life when the last has ended."""
    until = time.monotonic() + seconds
    lives: list[Life] = []

    def work() -> None:
        here = _Clients()
        while time.monotonic() < until:
            lives.append(_live(here, load, time.time()))

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return lives


def scheduled(load: Load, starts: Sequence[float], *, clients: int) -> list[Life]:
    """A life begins at each of these seconds from now, whatever the others do; who has no client
    free waits, and that counts.
    """
    here = _Clients()
    begun = time.time()
    with ThreadPoolExecutor(max_workers=clients) as threads:
        lives = []
        for start in starts:
            due = begun + start
            time.sleep(max(0.0, due - time.time()))
            lives.append(threads.submit(_live, here, load, due))
        return [life.result() for life in lives]


def _live(here: _Clients, load: Load, due: float) -> Life:
    client = here.client = here.client or _Client(load)
    client.requests = 0
    error = None
    try:
        client.live()
    except (Failed, OSError, http.client.HTTPException) as failure:
        error = f"{type(failure).__name__}: {failure}"
        client.connection.close()
    return Life(due=due, took=time.time() - due, requests=client.requests, error=error)
