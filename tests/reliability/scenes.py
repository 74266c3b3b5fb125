"""Scenes in which a guard of the backbone has to prove itself: each says what went wrong.

The product must come through all of them; a mutant must not come through its own.
"""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, func, select

from services import registry
from services.assembly import wakeups
from shared.db import Database
from shared.failpoints import FailpointReached, armed
from shared.messaging.kafka_log import KafkaLog
from shared.messaging.log import EventLog
from shared.runtime import Runtime
from shared.settings import Settings
from tests.eventually import eventually
from tests.messaging.line import Line, effects
from tests.messaging.samples import lead

CASES = 12
STEPS = 3
"""Events of each case."""
WRITERS = 6
SLOW_RELAY = "seed=1;relay.read=delay:0.2@0.5"
SLEEPY_COMMITS = """
CREATE FUNCTION sleep_sometimes() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN IF mod(NEW.seq, 3) = 0 THEN PERFORM pg_sleep(0.15); END IF; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER sleepy AFTER INSERT ON outbox DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION sleep_sometimes();
"""
"""Every third transaction takes its number, and then takes long to commit."""


def duplicate_append(line: Line) -> Sequence[str]:
    """The relay dies after every append, before it can mark: the log has everything twice."""
    cases = _sent(line)
    with armed("relay.appended=raise"), suppress(FailpointReached):
        line.publish()
    line.run()
    return list(_wrong(line, cases))


def zombie_twin(line: Line) -> Sequence[str]:
    """Two consumers of one group have the same batch in hand; one of them comes too late."""
    cases = _sent(line)
    line.publish()
    both_have_it = threading.Barrier(2)

    def meet(name: str) -> None:
        if name == "consume.polled":
            both_have_it.wait(20)

    its_place = line.log.subscribe("twin", line.topics)
    with pytest.MonkeyPatch.context() as patches, closing(its_place):
        patches.setattr("shared.messaging.consumer.reach", meet)
        twins = [
            threading.Thread(target=consumer.step, args=(place, 5.0))
            for consumer, place in (
                (line.consumer, line.subscription),
                (line.new_consumer(), its_place),
            )
        ]
        for twin in twins:
            twin.start()
        for twin in twins:
            twin.join()
    line.consume()
    return list(_wrong(line, cases))


def commits_out_of_order(line: Line, url: str) -> Sequence[str]:
    """Writers commit in another order than they took their numbers, while the relay works."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(SLEEPY_COMMITS)
    engine.dispose()
    over = threading.Event()
    cases = [uuid4() for _ in range(CASES)]
    writers = [
        threading.Thread(target=_write_all, args=(url, cases[number::WRITERS]))
        for number in range(WRITERS)
    ]
    relay = threading.Thread(target=_relay_until, args=(line, over))
    for thread in (relay, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    relay.join()
    line.run()
    return list(_wrong(line, cases))


def relays_side_by_side(
    url: str, bootstrap: str, consumer: Database, folder: Path
) -> Sequence[str]:
    """Two processes would do the relay's work; sometimes one of them is slow."""
    with ExitStack() as stack:
        producer = stack.enter_context(closing(Database(url, name="intake")))
        log = stack.enter_context(closing(_kafka(bootstrap)))
        line = Line(producer, log, consumer)
        stack.callback(line.subscription.close)
        cases = _sent(line, cases=30, steps=10)
        with armed(SLOW_RELAY):
            relays = [_relay(url, bootstrap, folder) for _ in range(2)]
            _consume_all(line, cases, len(cases) * 10)
            for relay in relays:
                relay.stop()
        return list(_wrong(line, cases, steps=10))


def _consume_all(line: Line, cases: Sequence[UUID], wanted: int) -> None:
    """Until so many events of these cases were handled; others may be in the log too."""
    mine = effects.c.key.in_([str(case) for case in cases])

    def handled() -> bool:
        line.consumer.step(line.subscription, 0.1)
        with line.database.reading() as session:
            count = session.scalar(select(func.count()).select_from(effects).where(mine))
        return (count or 0) >= wanted

    eventually(handled, 60)


def _relay(url: str, bootstrap: str, folder: Path) -> Runtime:
    service = registry.load("intake")
    urls = {"HEMU_HOME": str(folder), "HEMU_INTAKE_DATABASE_URL": url}
    runtime = Runtime(Settings.from_env(urls), [service], log=_kafka(bootstrap), wakeups=wakeups())
    runtime.start([runtime.relay(service)])
    return runtime


def _kafka(bootstrap: str) -> EventLog:
    return KafkaLog([bootstrap], client_id="test", session_timeout_ms=6_000)


def _sent(line: Line, *, cases: int = CASES, steps: int = STEPS) -> Sequence[UUID]:
    found = [uuid4() for _ in range(cases)]
    _send_all(line, found, steps=steps)
    return found


def _send_all(line: Line, cases: Sequence[UUID], *, steps: int = STEPS) -> None:
    for step in range(1, steps + 1):
        for case in cases:
            line.send(case, step)


def _write_all(url: str, cases: Sequence[UUID]) -> None:
    """As ``_send_all``, as if in a process of its own: of one process only few write at a time."""
    with closing(Database(url, name="intake")) as producer:
        for step in range(1, STEPS + 1):
            for case in cases:
                with producer.transaction() as tx:
                    tx.emit(lead(case, revision=step))


def _relay_until(line: Line, over: threading.Event) -> None:
    while not over.wait(0.005):
        line.publish()


def _wrong(line: Line, cases: Sequence[UUID], *, steps: int = STEPS) -> Iterator[str]:
    wanted = list(range(1, steps + 1))
    for case in cases:
        done = line.done(case)
        if missing := set(wanted) - set(done):
            yield f"{case}: lost {sorted(missing)}"
        elif doubled := Counter(done) - Counter(wanted):
            yield f"{case}: doubled {sorted(doubled)}"
        elif done != wanted:
            yield f"{case}: out of order {done}"
