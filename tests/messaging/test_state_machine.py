"""Outbox, relay, log and consumer against a model, with crashes at each step.

Hypothesis finds an order of steps that loses, doubles or reorders something, if there is one.
"""

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
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
case = st.sampled_from(CASES)

CRASH_POINTS: dict[str, tuple[type, str]] = {
    "relay, before it appends": (SqliteLog, "append"),
    "relay, before it marks": (Relay, "_mark"),
    "consumer, before it fences": (Offsets, "lock"),
    "consumer, before it moves its offset": (Offsets, "move"),
    "consumer, before it remembers": (Handling, "_remember"),
    "consumer, before it handles": (Handling, "_react"),
    "consumer, before it moves the sequence": (Handling, "_move"),
}


class Crash(BaseException):
    """The process is gone: nothing in it may catch this."""


class Backbone(RuleBasedStateMachine):
    """The model: which revisions were accepted per case, in order, and which are refused."""

    @initialize()
    def start(self) -> None:
        memory = Path("/dev/shm")  # noqa: S108 – a folder in memory, where there is one
        base = str(memory) if memory.is_dir() else None
        self.folder = Path(tempfile.mkdtemp(dir=base))
        self.accepted: dict[UUID, list[int]] = defaultdict(list)
        self.refused: set[UUID] = set()
        self.revision = 0
        self.producer = self.database("intake")
        self.target = self.database("mediation")
        self.line = self.new_line()

    def database(self, name: str) -> Database:
        url = f"sqlite:///{self.folder / name}.sqlite"
        migrate(url)
        return Database(url, name=name)

    def new_line(self) -> Line:
        return Line(self.producer, SqliteLog(self.folder / "log.sqlite"), self.target, self.check)

    def check(self, event: LeadRegistered) -> None:
        if event.lead_id in self.refused:
            raise Rejected("Refused for now.")

    @rule(case=case, count=st.integers(1, 3))
    def file(self, case: UUID, count: int) -> None:
        for _ in range(count):
            self.revision += 1
            self.line.send(case, self.revision)
            self.accepted[case].append(self.revision)

    @rule(case=case)
    def fail_to_file(self, case: UUID) -> None:
        with pytest.raises(Crash), self.producer.transaction() as tx:
            tx.emit(lead(case))
            raise Crash

    @rule()
    def relay(self) -> None:
        self.line.relay.step()

    @rule()
    def consume(self) -> None:
        self.line.consumer.step(self.line.subscription, 0.0)

    @rule(point=st.sampled_from(sorted(CRASH_POINTS)))
    def crash(self, point: str) -> None:
        with crashing(*CRASH_POINTS[point]):
            for step in (self.relay, self.consume, self.retry):
                try:
                    step()
                except Crash:
                    break
        self.restart()

    @rule()
    def restart(self) -> None:
        self.line.subscription.close()
        self.line.log.close()
        self.line = self.new_line()

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

    @invariant()
    def what_is_done_is_a_beginning_of_what_was_accepted(self) -> None:
        for case in CASES:
            done = self.line.done(case)
            assert done == self.accepted[case][: len(done)]

    def teardown(self) -> None:
        self.refused.clear()
        for _ in range(3):
            self.line.run()
            self.retry()
        for case in CASES:
            assert self.line.done(case) == self.accepted[case]
        with self.target.reading() as session:
            assert backbone.counts(session).parked_keys == 0
        self.line.log.close()
        self.producer.close()
        self.target.close()
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
@pytest.mark.usefixtures("quick")
def test_every_order_of_steps_and_crashes_ends_with_each_event_handled_once_in_order() -> None:
    run_state_machine_as_test(
        Backbone,
        settings=settings(
            max_examples=60,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
