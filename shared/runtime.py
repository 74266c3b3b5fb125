"""The background work of one process: roles, each done by whoever holds its lock."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from shared.clock import Clock, utc_now
from shared.db import Database
from shared.db.role_lock import AdvisoryLock, FileLock, RoleLock
from shared.failpoints import reach
from shared.messaging.cleaning import clean
from shared.messaging.consumer import Consumer, is_trouble
from shared.messaging.log import EventLog
from shared.messaging.measuring import measure_consumer, measure_outbox
from shared.messaging.relay import Relay
from shared.messaging.wakeup import Wakeups
from shared.service import Service, Worker, Workplace
from shared.settings import Settings
from shared.telemetry import LAST_BEAT_AGE, logger

LOOK = 0.25
"""Seconds between looks at the outbox when a commit wakes us, and of one poll of the log."""
LOOK_UNWOKEN = 0.02
"""The same when the web runs elsewhere and cannot wake us; a look costs some 100 µs."""
LOCK_PAUSE = 0.2
FIRST_TURN = 0.5
"""Seconds that a process leaves the others at the start to take their share of the roles."""
HEAL_EVERY = 10.0
"""Between looks whether the log still has what we wrote to it and read from it: a few questions."""
CLEAN_EVERY = 600.0
MEASURE_EVERY = 5.0
UNPARK_EVERY = 0.5
BACK_OFF = (0.2, 0.5, 1.0, 2.0, 5.0)

Beat = Callable[[], None]


@dataclass(frozen=True, kw_only=True)
class Role:
    """``run`` works until the event is set or it raises; it calls the beat each time round.
    ``lock`` None: every process may do it (members of a consumer group).
    """

    service: str
    name: str
    lock: RoleLock | None
    run: Callable[[threading.Event, Beat], None]

    @property
    def full_name(self) -> str:
        return f"{self.service}.{self.name}"


class Runtime:
    """Databases, log and roles of one process. Make it after forking."""

    def __init__(
        self,
        settings: Settings,
        services: Sequence[Service],
        *,
        log: EventLog,
        wakeups: Wakeups,
        woken: bool = True,
        clock: Clock = utc_now,
    ) -> None:
        """``woken``: the processes that write share these wake-ups."""
        self.settings = settings
        self.log = log
        self.clock = clock
        self._wakeups = wakeups
        self._look = LOOK if woken else LOOK_UNWOKEN
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._seen: dict[str, float] = {}
        self.databases = {service.name: self._database(service.name) for service in services}
        self.sealed = {
            service.name: self._database(f"{service.name}_sealed")
            for service in services
            if service.sealed is not None
        }

    def relay(self, service: Service) -> Role:
        """The one relay of a service."""
        return self._role(service, "relay", partial(self._relay, service))

    def consumer(self, service: Service, *, alone: bool) -> Role:
        """A consumer; ``alone``: one process at a time, else one member of the group among others.

        Alone is for processes that share a machine: the next one takes over at once, while a group
        would wait for the session of the dead member to run out.
        """
        role = self._role(service, "consumer", partial(self._consume, service))
        return (
            role if alone else Role(service=role.service, name=role.name, lock=None, run=role.run)
        )

    def worker(self, service: Service, worker: Worker, workplace: Workplace) -> Role:
        return self._role(service, worker.name, partial(_work, worker, workplace))

    def start(self, roles: Sequence[Role], *, turn: int = 0, turns: int = 1) -> None:
        """Compete for the roles, each in a thread of its own. Of several processes that start
        together, each has its ``turn``: it lets the others go first for their share.
        """
        for number, role in enumerate(roles):
            patience = 0.0 if number % turns == turn % turns else FIRST_TURN
            self._seen[role.full_name] = time.monotonic()
            thread = threading.Thread(
                target=self._serve, args=(role, patience), name=role.full_name, daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def stop(self, seconds: float = 5.0) -> None:
        """Let every role finish its step; safe to skip, since every step can be repeated."""
        self._stop.set()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        self.log.close()
        for database in (*self.databases.values(), *self.sealed.values()):
            database.close()

    def silences(self) -> Mapping[str, float]:
        """Seconds since each role that was started here last showed that it lives: by a beat, or
        by trying to get its lock or to go on after a failure.
        """
        now = time.monotonic()
        return {name: now - seen for name, seen in self._seen.items()}

    def ask_to_stop(self) -> None:
        """Safe in a signal handler; ``stop`` then waits for the roles."""
        self._stop.set()

    def wait(self) -> None:
        """Until asked to stop."""
        self._stop.wait()

    def _database(self, name: str) -> Database:
        return Database(
            self.settings.database_url(name),
            name=name,
            clock=self.clock,
            on_emit=partial(self._wakeups.wake, f"relay:{name}"),
        )

    def _role(
        self, service: Service, name: str, run: Callable[[threading.Event, Beat], None]
    ) -> Role:
        database = self.databases[service.name]
        full_name = f"{service.name}.{name}"
        lock: RoleLock = (
            FileLock(self.settings.locks / full_name)
            if database.dialect == "sqlite"
            else AdvisoryLock(database.engine, full_name)
        )
        return Role(service=service.name, name=name, lock=lock, run=run)

    def _serve(self, role: Role, patience: float) -> None:
        """Take the role when it is free, do it, and after a failure do it again, more and more
        patiently.
        """
        self._stop.wait(patience)
        failures = 0
        while not self._stop.is_set():
            started = self._seen[role.full_name] = time.monotonic()
            try:
                if role.lock is not None and not role.lock.acquire():
                    self._stop.wait(LOCK_PAUSE)
                    continue
                logger().info("role.taken", service=role.service, role=role.name)
                role.run(self._stop, self._beat(role))
            except Exception as error:  # noqa: BLE001 – whatever failed, the role goes on
                failures = 0 if time.monotonic() - started > BACK_OFF[-1] else failures + 1
                self._report(role, error)
                self._stop.wait(BACK_OFF[min(failures, len(BACK_OFF) - 1)])
            finally:
                if role.lock is not None and role.lock.held():
                    role.lock.release()

    def _report(self, role: Role, error: Exception) -> None:
        if is_trouble(error) or isinstance(error, SQLAlchemyError):
            logger().warning(
                "role.interrupted",
                service=role.service,
                role=role.name,
                error=type(error).__name__,
            )
        else:
            logger().error("role.failed", service=role.service, role=role.name, exc_info=error)

    def _beat(self, role: Role) -> Beat:
        gauge = LAST_BEAT_AGE.labels(role.service, role.name)
        last = time.monotonic()
        checked = last

        def beat() -> None:
            nonlocal last, checked
            now = time.monotonic()
            gauge.set(now - last)
            last = self._seen[role.full_name] = now
            if role.lock is not None and now - checked > 1.0:
                checked = now
                if not role.lock.held():
                    raise RoleLost(role.name)

        return beat

    def _relay(self, service: Service, stop: threading.Event, beat: Beat) -> None:
        database = self.databases[service.name]
        self.log.ensure_topics()  # a broker that has lost everything has lost them, too
        relay = Relay(database, self.log, clock=self.clock)
        heal, old, measure = Every(HEAL_EVERY), Every(CLEAN_EVERY), Every(MEASURE_EVERY)
        while not stop.is_set():
            beat()
            if heal.due():
                relay.heal()
            if old.due() and clean(database):
                old.soon()
            if measure.due():
                measure_outbox(database)
            if relay.step() == 0:
                self._wakeups.wait(f"relay:{service.name}", self._look)

    def _consume(self, service: Service, stop: threading.Event, beat: Beat) -> None:
        database = self.databases[service.name]
        consumer = Consumer(database, self.log, service.reactions, name=service.name)
        look, unpark, measure = Every(HEAL_EVERY), Every(UNPARK_EVERY), Every(MEASURE_EVERY)
        old = Every(CLEAN_EVERY)
        subscription = self.log.subscribe(service.name, service.topics)
        try:
            while not stop.is_set():
                beat()
                if look.due():
                    consumer.look_up_places()
                consumer.step(subscription, LOOK)
                if unpark.due():
                    consumer.unpark()
                if old.due() and clean(database):
                    old.soon()
                if measure.due():
                    measure_consumer(database, self.log, service.topics)
        finally:
            subscription.close()


class RoleLost(Exception):
    """The lock is gone (its connection broke): somebody else may have the role already."""


class Every:
    """True once per period, and the first time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._next = 0.0

    def due(self) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + self._seconds
        return True

    def soon(self) -> None:
        """Once more in a second, whatever the period."""
        self._next = time.monotonic() + 1.0


def _work(worker: Worker, workplace: Workplace, stop: threading.Event, beat: Beat) -> None:
    while not stop.is_set():
        beat()
        reach("work.began")
        more = worker.run(workplace)
        reach("work.done")
        if not more:
            stop.wait(worker.every)
