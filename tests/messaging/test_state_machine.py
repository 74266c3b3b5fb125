"""Outboxes, relays, log and consumer against a model, with crashes at each step and a log that
forgets. Hypothesis finds an order of steps that loses, doubles or reorders something, if there is
one.
"""

import os
import shutil
import sqlite3
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from shared.db import Database
from shared.db.migrate import migrate
from shared.errors import Rejected
from shared.events.intake import LeadRegistered
from shared.messaging import backbone, consumer
from shared.messaging.handling import Handling
from shared.messaging.offsets import Offsets
from shared.messaging.relay import Relay
from shared.messaging.sqlite_log import SqliteLog
from tests.messaging.line import Line
from tests.messaging.samples import lead

CASES = [UUID(int=number) for number in range(1, 5)]
SOURCES = ("intake", "referral")
"""Two services that tell of the same cases."""
SIZE = int(os.environ.get("HEMU_TEST_SIZE", "1"))
"""CI's; ``make soak`` sets more."""

case = st.sampled_from(CASES)
source = st.sampled_from(SOURCES)

CRASH_POINTS: dict[str, tuple[type, str]] = {
    "relay, before it appends": (SqliteLog, "append"),
    "relay, before it marks": (Relay, "_mark"),
    "relay, before it forgets": (Relay, "_forget"),
    "consumer, before it fences": (Offsets, "lock"),
    "consumer, before it moves its offset": (Offsets, "move"),
    "consumer, before it remembers": (Handling, "_remember"),
    "consumer, before it handles": (Handling, "_react"),
    "consumer, before it moves the sequence": (Handling, "_move"),
}


class Crash(BaseException):
    """The process is gone: nothing in it may catch this."""


class Backbone(RuleBasedStateMachine):
    """The model: which revisions were accepted per source and case, in order, and which cases
    are refused.
    """

    @initialize()
    def start(self) -> None:
        memory = Path("/dev/shm")  # noqa: S108 – a folder in memory, where there is one
        base = str(memory) if memory.is_dir() else None
        self.folder = Path(tempfile.mkdtemp(dir=base))
        self.path = self.folder / "log.sqlite"
        self.accepted: dict[tuple[str, UUID], list[int]] = defaultdict(list)
        self.refused: set[UUID] = set()
        self.revision = 0
        self.producers = {name: self.database(name) for name in SOURCES}
        self.target = self.database("mediation")
        self.begin()

    def database(self, name: str) -> Database:
        url = f"sqlite:///{self.folder / name}.sqlite"
        migrate(url)
        return Database(url, name=name)

    def begin(self) -> None:
        """As processes do that were just started."""
        log = SqliteLog(self.path)
        self.line = Line(self.producers["intake"], log, self.target, self.check)
        self.relays = {name: Relay(of, log) for name, of in self.producers.items()}
        for relay in self.relays.values():
            relay.heal()

    def check(self, event: LeadRegistered) -> None:
        if event.lead_id in self.refused:
            raise Rejected("Refused for now.")

    @rule(source=source, case=case, count=st.integers(1, 3))
    def file(self, source: str, case: UUID, count: int) -> None:
        for _ in range(count):
            self.revision += 1
            with self.producers[source].transaction() as tx:
                tx.emit(lead(case, revision=self.revision))
            self.accepted[source, case].append(self.revision)

    @rule(source=source, case=case)
    def fail_to_file(self, source: str, case: UUID) -> None:
        with pytest.raises(Crash), self.producers[source].transaction() as tx:
            tx.emit(lead(case))
            raise Crash

    @rule(source=source)
    def relay(self, source: str) -> None:
        self.relays[source].step()

    @rule()
    def consume(self) -> None:
        self.line.consumer.step(self.line.subscription, 0.0)

    @rule(point=st.sampled_from(sorted(CRASH_POINTS)), source=source)
    def crash(self, point: str, source: str) -> None:
        relay = self.relays[source]
        with crashing(*CRASH_POINTS[point]):
            for step in (relay.heal, relay.step, self.consume, self.retry):
                try:
                    step()
                except Crash:
                    break
        self.restart()

    @rule()
    def restart(self) -> None:
        self.line.subscription.close()
        self.line.log.close()
        self.begin()

    @rule()
    def keep_a_copy_of_the_log(self) -> None:
        self.line.log.ensure_topics()  # there is a file now
        earlier = self.folder / "earlier.sqlite"
        earlier.unlink(missing_ok=True)
        with closing(sqlite3.connect(self.path)) as log, closing(sqlite3.connect(earlier)) as copy:
            log.backup(copy)

    @rule(everything=st.booleans())
    def lose_the_end_of_the_log(self, everything: bool) -> None:  # noqa: FBT001 – a draw
        """The log comes back as it was, or empty; who uses it goes on, and finds out."""
        earlier = self.folder / "earlier.sqlite"
        for each in self.folder.glob("log.sqlite*"):
            if each.suffix != ".lock":
                each.unlink()
        if earlier.exists() and not everything:
            shutil.copy(earlier, self.path)

    @rule(source=source)
    def heal(self, source: str) -> None:
        """As a relay does every minute."""
        self.relays[source].heal()

    @rule()
    def look_up_places(self) -> None:
        """As a consumer does every minute."""
        self.line.consumer.look_up_places()

    @rule(case=case)
    def refuse(self, case: UUID) -> None:
        self.refused.add(case)

    @rule(case=case)
    def stop_refusing(self, case: UUID) -> None:
        self.refused.discard(case)

    @rule()
    def retry(self) -> None:
        with self.target.transaction() as tx:
            backbone.retry(tx)
        self.line.consumer.unpark()

    @rule()
    def zombie(self) -> None:
        """Another consumer of the group, which believes the same partitions to be its own."""
        twin = self.line.new_consumer()
        batch = dict(self.line.subscription.poll(0.0))
        self.line.consumer.look_up_places()
        if batch:
            twin._apply_all(self.line.subscription, batch)
            self.line.consumer._apply_all(self.line.subscription, batch)
            self.line.consumer.look_up_places()

    def done(self, source: str, case: UUID) -> list[int]:
        mine = set(self.accepted[source, case])
        return [revision for revision in self.line.done(case) if revision in mine]

    @invariant()
    def what_is_done_is_a_beginning_of_what_was_accepted(self) -> None:
        for case in CASES:
            both = [self.done(source, case) for source in SOURCES]
            assert sum(len(done) for done in both) == len(self.line.done(case))
            for source, done in zip(SOURCES, both, strict=True):
                assert done == self.accepted[source, case][: len(done)]

    def teardown(self) -> None:
        self.refused.clear()
        for _ in range(3):
            for relay in self.relays.values():
                relay.heal()
                while relay.step():
                    pass
            self.look_up_places()
            self.line.consume()
            self.retry()
        for source in SOURCES:
            for case in CASES:
                assert self.done(source, case) == self.accepted[source, case]
        with self.target.reading() as session:
            assert backbone.counts(session).parked_keys == 0
        self.line.log.close()
        for database in (*self.producers.values(), self.target):
            database.close()
        shutil.rmtree(self.folder)


@contextmanager
def crashing(owner: type, name: str) -> Iterator[None]:
    def crash(*_arguments: object, **_named: object) -> None:
        raise Crash

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, crash)
        yield


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "QUICK_TRIES", ())
    monkeypatch.setattr(consumer, "PROBE_PAUSE", 0.0)


@pytest.mark.slow
@pytest.mark.timeout(240 * SIZE)
@pytest.mark.usefixtures("quick")
def test_every_order_of_steps_and_crashes_ends_with_each_event_handled_once_in_order() -> None:
    run_state_machine_as_test(
        Backbone,
        settings=settings(
            max_examples=60 * SIZE,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
