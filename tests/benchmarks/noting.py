"""The plain effect, by Hemu's backbone: a row of state, and an event about it.

python -m tests.benchmarks.noting        (NOTING_DATABASE, NOTING_KAFKA, NOTING_GROUP)
"""

import os

from sqlalchemy import Column, MetaData, String, Table, Uuid

from shared.db import Database, Transaction
from shared.db.types import UtcDateTime
from shared.events import CASES
from shared.events.intake import DisputeRegistered
from shared.events.mediation import MediatorAssigned
from shared.messaging.consumer import Consumer
from shared.messaging.kafka_log import KafkaLog
from shared.messaging.reactions import on

SERVICE = "mediation"
MEMBER, COMMITTEE = "m-0002", "o-021"

metadata = MetaData()
noted = Table(
    "noted",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("number", String(64), nullable=False),
    Column("category", String(64), nullable=False),
    Column("area", String(15), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)


def note(tx: Transaction, event: DisputeRegistered) -> None:
    row = {
        "case_id": event.case_id,
        "number": event.number,
        "category": event.category,
        "area": event.area,
        "at": tx.now,
    }
    tx.insert(noted, row)
    tx.emit(MediatorAssigned(case_id=event.case_id, member_id=MEMBER, organisation_id=COMMITTEE))


def main() -> None:
    database = Database(os.environ["NOTING_DATABASE"], name=SERVICE)
    log = KafkaLog([os.environ["NOTING_KAFKA"]], client_id=SERVICE)
    consumer = Consumer(database, log, [on(DisputeRegistered, note)], name=SERVICE)
    subscription = log.subscribe(os.environ["NOTING_GROUP"], [CASES])
    while True:
        consumer.step(subscription, 0.25)


if __name__ == "__main__":
    main()
