"""What a soak runs against: a whole Hemu that can be killed in parts, tended, asked and audited."""

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy import Engine

from shared.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Logged:
    """One record of the log: what is said of order and loss is said of these."""

    event_id: UUID
    type: str
    source: str
    key: str
    sequence: int


class NeverServes(Exception):
    """It was started, and did not serve within a minute."""


class Target(Protocol):
    """``kinds`` are the kinds of processes that can be killed, with how often each is chosen;
    ``kills_all``: whether it starts again by killing everything, or tidily.
    """

    kinds: Mapping[str, int]
    kills_all: bool

    @property
    def url(self) -> str: ...

    @property
    def settings(self) -> Settings:
        """As a command beside it sees them."""

    def start(self) -> None:
        """Until it serves, without failpoints."""

    def break_down(self, failpoints: str) -> None:
        """Start everything again with these failpoints armed; returns at once."""

    def kill(self, kind: str) -> bool:
        """``kill -9`` of a process of this kind, or of all of its kind; whether there was one."""

    def tend(self, failpoints: str) -> None:
        """What a process manager does: start what has ended, with these failpoints armed."""

    def calm(self) -> None:
        """Start everything once more, without failpoints; returns at once."""

    def await_serving(self) -> None:
        """Raises NeverServes."""

    def stop(self) -> None: ...

    def engines(self) -> Mapping[str, Engine]:
        """Of all databases by their name, sealed ones too. Dispose of them."""

    def logged(self) -> Sequence[Logged]:
        """The whole log, each partition in its order."""

    def unsound(self) -> Iterator[str]:
        """What the databases' own checks find to be broken."""

    def failpoints_reached(self) -> int:
        """How often one has fired so far."""

    def restarts(self) -> int:
        """How often ``tend`` had to start something."""


def kill_process(pid: int) -> bool:
    """Whether there was anything to kill."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False
