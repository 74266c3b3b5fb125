"""Filing on a schedule, whatever the system does: a stall shows in all that falls into it."""

import asyncio
import contextlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psycopg
from sqlalchemy import make_url

from tests.e2e.filing import DISPUTE

CREATED = 201
LOOK = 0.002
PATIENCE = 60.0


class Client:
    """Keep-alive connections to one server; as little work as HTTP allows, for it takes the
    system's processors.
    """

    def __init__(self, url: str, token: str) -> None:
        self._address = urlsplit(url)
        self._token = token
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def file(self, body: bytes) -> tuple[int, Mapping[str, Any]]:
        """Status and answer of filing a dispute with a key of its own."""
        connection = self._free.pop() if self._free else await self._open()
        reader, writer = connection
        writer.write(self._head(len(body)) + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length:")[2].partition("\r\n")[0])
        answer = await reader.readexactly(length)
        if "connection: close" in head:
            writer.close()
        else:
            self._free.append(connection)
        return int(head.split(" ", 2)[1]), json.loads(answer)

    def close(self) -> None:
        for _, writer in self._free:
            writer.close()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(self._address.hostname, self._address.port)

    def _head(self, length: int) -> bytes:
        return (
            f"POST /intake/api/v1/disputes HTTP/1.1\r\nHost: {self._address.netloc}\r\n"
            f"Authorization: Bearer {self._token}\r\nIdempotency-Key: {uuid4()}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        ).encode()


class Decided:
    """Looks into the database of mediation: what is committed there is what any reader sees, and
    looking costs the system less than asking over HTTP.
    """

    def __init__(self, database_url: str) -> None:
        url = make_url(database_url)
        self._stack = contextlib.ExitStack()
        self._ask: Callable[[list[UUID]], Iterable[Any]]
        if url.get_backend_name() == "sqlite":
            file = sqlite3.connect(f"file:{url.database}?mode=ro", uri=True)
            self._stack.callback(file.close)
            self._ask = lambda wanted: file.execute(
                "SELECT case_id FROM decisions WHERE case_id IN (SELECT value FROM json_each(?))",
                [json.dumps([case_id.hex for case_id in wanted])],
            )
        else:
            plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
            server = self._stack.enter_context(psycopg.connect(plain, autocommit=True))
            self._ask = lambda wanted: server.execute(
                "SELECT case_id FROM decisions WHERE case_id = ANY(%s)", [wanted]
            )

    def among(self, wanted: Iterable[UUID]) -> set[UUID]:
        asked = list(wanted)
        return {UUID(str(found)) for (found,) in self._ask(asked)} if asked else set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()


@dataclass(kw_only=True)
class Observed:
    """Milliseconds: of filing, and from the 201 to the decision being there."""

    filing: list[float] = field(default_factory=list)
    routed: list[float] = field(default_factory=list)
    refused: int = 0
    late: float = 0.0
    """The most that a request went out after its time: above some milliseconds, the client itself
    was too slow for the figures to mean anything.
    """
    waiting: dict[UUID, float] = field(default_factory=dict)


def observe(url: str, token: str, decided: Decided, *, rate: float, seconds: float) -> Observed:
    """File at this rate for so long, then wait until every case is routed."""
    return asyncio.run(_observe(Client(url, token), decided, rate, int(rate * seconds)))


async def _observe(client: Client, decided: Decided, rate: float, cases: int) -> Observed:
    seen = Observed()
    watching = asyncio.create_task(_watch(decided, seen))
    body = json.dumps(DISPUTE, ensure_ascii=False).encode()
    begun = time.perf_counter()
    filing = []
    for number in range(cases):
        due = begun + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        seen.late = max(seen.late, (time.perf_counter() - due) * 1000)
        filing.append(asyncio.create_task(_file(client, body, seen)))
    await asyncio.gather(*filing)
    limit = time.perf_counter() + PATIENCE
    while seen.waiting:
        if time.perf_counter() > limit:
            raise AssertionError(f"{len(seen.waiting)} cases are not routed")
        await asyncio.sleep(LOOK)
    watching.cancel()
    client.close()
    return seen


async def _file(client: Client, body: bytes, seen: Observed) -> None:
    started = time.perf_counter()
    status, answer = await client.file(body)
    answered = time.perf_counter()
    if status != CREATED:
        seen.refused += 1
        return
    seen.filing.append((answered - started) * 1000)
    seen.waiting[UUID(answer["case_id"])] = answered


async def _watch(decided: Decided, seen: Observed) -> None:
    while True:
        for case_id in decided.among(seen.waiting):
            seen.routed.append((time.perf_counter() - seen.waiting.pop(case_id)) * 1000)
        await asyncio.sleep(LOOK)
