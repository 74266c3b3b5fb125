"""Clients that file while something is broken, and remember what was accepted."""

import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import cycle
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

from tests.e2e.system import samples
from tests.eventually import eventually

CLIENTS = 4
PATIENCE = 6.0
"""Seconds until a client gives up on an answer, and asks again with the same key."""
PAUSE = 0.05
PACE = 0.15
"""Seconds of a client between one case and the next: with four of them Hemu keeps up, so that what
is waited for after a fault is recovery, and no backlog.
"""


@dataclass
class Accepted:
    """What was answered with 201. ``answers`` counts all that was answered, by status; 0 stands for
    no answer. ``wrong`` is what should never be answered.
    """

    disputes: list[str] = field(default_factory=list)
    leads: list[str] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.disputes) + len(self.leads)

    def note(self, answer: Mapping[str, Any]) -> None:
        if "case_id" in answer:
            self.disputes.append(answer["case_id"])
        lead = answer.get("lead_id") or (answer.get("lead") or {}).get("lead_id")
        if lead is not None:
            self.leads.append(lead)


class Filing:
    """``with Filing(url) as filing`` files until the block is left, and then until each request
    that is under way is answered with 201: only that counts.
    """

    def __init__(
        self,
        url: str,
        *,
        clients: int = CLIENTS,
        patience: float = PATIENCE,
        accepted: Accepted | None = None,
        passing: frozenset[int] = frozenset({httpx.codes.SERVICE_UNAVAILABLE}),
    ) -> None:
        """``passing`` are the refusals after which a client simply asks again."""
        self.accepted = accepted or Accepted()
        self._url = url
        self._patience = patience
        self._passing = passing
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._file, args=(number,), daemon=True)
            for number in range(clients)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        if error is None:
            self.stop()

    def stop(self) -> None:
        """Begin nothing more, and wait until what was begun is accepted."""
        self._stop.set()
        for thread in self._threads:
            thread.join(90)
        assert not any(thread.is_alive() for thread in self._threads), self.accepted.answers
        assert self.accepted.wrong == [], self.accepted.wrong[:3]

    def until(self, count: int, seconds: float = 60.0) -> None:
        """Wait until so many cases were accepted in all."""
        eventually(lambda: self.accepted.count >= count or self.accepted.wrong, seconds)

    def _file(self, number: int) -> None:
        with httpx.Client(base_url=self._url, timeout=self._patience) as client:
            for sample in cycle(samples()[number:] + samples()[:number]):
                if self._stop.is_set():
                    return
                kind = "disputes" if sample["kind"] == "dispute" else "leads"
                self._until_accepted(client, f"/intake/api/v1/{kind}", sample["body"])
                self._stop.wait(PACE)

    def _until_accepted(self, client: httpx.Client, path: str, body: Mapping[str, Any]) -> None:
        headers = {"Idempotency-Key": str(uuid4())}
        while True:
            try:
                response = client.post(path, json=body, headers=headers)
            except httpx.TransportError:
                self.accepted.answers[0] += 1
                time.sleep(PAUSE)
                continue
            self.accepted.answers[response.status_code] += 1
            if response.status_code == httpx.codes.CREATED:
                self.accepted.note(response.json())
                return
            if response.status_code not in self._passing:
                self.accepted.wrong.append(f"{response.status_code} {response.text[:500]}")
                return
            time.sleep(PAUSE)
