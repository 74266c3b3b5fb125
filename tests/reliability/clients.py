"""Clients that file over HTTP as careful ones do: again with the same key until it is done."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Any
from uuid import UUID

import httpx

from shared.auth.actor import ANONYMOUS, Actor
from tests.holders import Tokens
from tests.registrations import samples

TIMEOUT = httpx.Timeout(5.0, connect=2.0)
PAUSES = (0.05, 0.1, 0.2, 0.4)
TROUBLE = frozenset({502, 503, 504})
"""Answers that promise nothing: a part is away, or the gateway found nobody behind it."""
COMMUNITIES = ("350599001001", "350599001002", "350599002001")
ASKED_AGAIN = 0.05
"""The share of accepted requests that are sent once more, as a client does that lost its answer."""


class Over(Exception):
    """The soak has no more time for this."""


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """What was answered with 201, and to which key; ``lead`` is what a dispute led to besides."""

    kind: str
    key: str
    id: UUID
    lead: UUID | None
    area: str

    @property
    def cases(self) -> tuple[tuple[str, UUID], ...]:
        """Each case with its kind."""
        own = ((self.kind, self.id),)
        return own if self.lead is None else (*own, ("lead", self.lead))


@dataclass
class Account:
    """What all clients together have seen; adding to a list is safe for threads. ``acts`` are the
    cases and the events that were caused, ``unknown`` those whose answer nobody waited for.
    """

    accepted: list[Accepted] = field(default_factory=list)
    acts: list[tuple[UUID, str]] = field(default_factory=list)
    unknown: list[tuple[UUID, str]] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    unplayed: int = 0


class Caller:
    """One client's connection. ``ends`` tells the moment (monotonic) at which it gives up."""

    def __init__(
        self, url: str, tokens: Tokens, account: Account, ends: Callable[[], float]
    ) -> None:
        self.account = account
        self.ends = ends
        self._tokens = tokens
        self._client = httpx.Client(base_url=url, timeout=TIMEOUT)

    def insist(
        self, method: str, path: str, actor: Actor = ANONYMOUS, **options: Any
    ) -> httpx.Response:
        """The first answer that is one, however often it takes. Raises Over."""
        headers = {**self._credentials(actor), **options.pop("headers", {})}
        for pause in chain(PAUSES, repeat(PAUSES[-1])):
            if time.monotonic() > self.ends():
                break
            try:
                response = self._client.request(method, path, headers=headers, **options)
            except httpx.TransportError:
                self.account.answers[0] += 1
            else:
                self.account.answers[response.status_code] += 1
                if response.status_code not in TROUBLE:
                    return response
            time.sleep(pause)
        raise Over(path)

    def expect(
        self, status: int, method: str, path: str, actor: Actor = ANONYMOUS, **options: Any
    ) -> httpx.Response | None:
        """The same; None, and a violation, when it is answered with another status."""
        response = self.insist(method, path, actor, **options)
        if response.status_code == status:
            return response
        self.account.wrong.append(f"{method} {path}: {response.status_code} {response.text[:300]}")
        return None

    def close(self) -> None:
        self._client.close()

    def _credentials(self, actor: Actor) -> dict[str, str]:
        if not actor.signed_in:
            return {}
        return {"Authorization": f"Bearer {self._tokens.of(actor)}"}


def filed(chance: random.Random, number: int) -> tuple[str, Mapping[str, Any]]:
    """A dispute or a lead, different each time."""
    sample = chance.choice(samples())
    body = deepcopy(sample["body"])
    body["narrative"] += f" {number}"
    if sample["kind"] == "dispute" and chance.random() < 0.5:
        body["place"] = {"area": chance.choice(COMMUNITIES)}
        body["amount"] = str(chance.randint(1, 90_000))
        body.setdefault("facts", {})["joint_room_requested"] = chance.choice(("yes", "no"))
    return sample["kind"], body


def file(caller: Caller, chance: random.Random, number: int) -> Accepted | None:
    """File one case until it is accepted. None, and a violation, when it is refused."""
    kind, body = filed(chance, number)
    key = f"{number:06d}-{chance.getrandbits(64):016x}"
    path, headers = f"/intake/api/v1/{kind}s", {"Idempotency-Key": key}
    answer = caller.expect(201, "POST", path, json=body, headers=headers)
    if answer is None:
        return None
    found = answer.json()
    if chance.random() < ASKED_AGAIN:
        again = caller.expect(201, "POST", path, json=body, headers=headers)
        if again is not None and again.json() != found:
            caller.account.wrong.append(f"{key}: two answers to one key")
    lead = found.get("lead")
    return Accepted(
        kind=kind,
        key=key,
        id=UUID(found["case_id" if kind == "dispute" else "lead_id"]),
        lead=UUID(lead["lead_id"]) if lead else None,
        area=body["place"]["area"],
    )


class Numbers:
    """The numbers of the cases that are still to be filed, shared out among the clients."""

    def __init__(self, cases: int) -> None:
        self._left = iter(range(1, cases + 1))
        self._mutex = threading.Lock()

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        with self._mutex:
            return next(self._left)
