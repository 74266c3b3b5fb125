"""A whole line for tests: outbox, relay, log, consumer, and a handler whose effects are rows."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import BigInteger, Column, MetaData, String, Table, select
from sqlalchemy.schema import CreateTable

from shared.db import Database, Transaction
from shared.events.intake import LeadRegistered
from shared.messaging.consumer import Consumer
from shared.messaging.log import EventLog, Subscription
from shared.messaging.reactions import Reaction, on
from shared.messaging.relay import Relay
from tests.messaging.samples import lead

NAME = "mediation"

effects = Table(
    "effects",
    MetaData(),
    Column("key", String(64), nullable=False),
    Column("revision", BigInteger, nullable=False),
)

Check = Callable[[LeadRegistered], None]


class Line:
    """``check`` runs first in the handler and may raise."""

    def __init__(
        self,
        producer: Database,
        log: EventLog,
        database: Database,
        check: Check = lambda _event: None,
    ) -> None:
        self.producer = producer
        self.log = log
        self.database = database
        self.check = check
        self.relay = Relay(producer, log)
        self.consumer = self.new_consumer()
        self.subscription = log.subscribe(NAME, self.topics)
        with database.transaction() as tx:
            tx.execute(CreateTable(effects, if_not_exists=True))

    @property
    def reactions(self) -> list[Reaction]:
        return [on(LeadRegistered, self._handle)]

    @property
    def topics(self) -> list[str]:
        return ["hemu.cases"]

    def new_consumer(self) -> Consumer:
        return Consumer(self.database, self.log, self.reactions, name=NAME)

    def new_subscription(self) -> Subscription:
        return self.log.subscribe(NAME, self.topics)

    def send(self, case: UUID, revision: int) -> None:
        """Commit one event; ``revision`` is how the effect is known again."""
        with self.producer.transaction() as tx:
            tx.emit(lead(case, revision=revision))

    def publish(self) -> None:
        while self.relay.step():
            pass

    def consume(self) -> None:
        """Until nothing more comes."""
        idle = 0
        while idle < 2:
            idle = 0 if self.consumer.step(self.subscription, 0.01) else idle + 1

    def run(self) -> None:
        self.publish()
        self.consume()

    def done(self, case: UUID) -> list[int]:
        """The revisions handled for a case, in order."""
        statement = select(effects.c.revision).where(effects.c.key == str(case))
        with self.database.reading() as session:
            return list(session.scalars(statement))

    def _handle(self, tx: Transaction, event: LeadRegistered) -> None:
        self.check(event)
        tx.insert(effects, {"key": event.subject, "revision": event.directory_revision})
