"""Dead letters: records that are not events of ours, kept raw with the reason.

Operators see them together with parked cases; a release that can read them may try them again.
"""

import json

from sqlalchemy import Row, delete, select, update

from shared.db import Database, Transaction
from shared.db.message_tables import dead_letter
from shared.events import Undecodable
from shared.messaging import parking
from shared.messaging.delivery import read
from shared.messaging.log import StoredRecord
from shared.telemetry import logger

TRY_AT_ONCE = 20


def keep(tx: Transaction, consumer: str, record: StoredRecord, error: Undecodable) -> None:
    """Set a record aside in the transaction that moves the offset over it."""
    tx.insert(
        dead_letter,
        {
            "consumer": consumer,
            "topic": record.topic,
            "part": record.partition,
            "off": record.offset,
            "raw_key": record.key,
            "raw_value": record.value,
            "headers": json.dumps([(name, raw.hex()) for name, raw in record.headers]),
            "reason": str(error)[:500],
            "appended_at": record.appended_at,
            "set_aside_at": tx.now,
        },
    )
    logger().error(
        "record.set_aside",
        service=consumer,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
    )


def try_again(database: Database, consumer: str) -> int:
    """Try those an operator has marked; how many could be read now and went on."""
    marked = select(dead_letter.c.id).where(
        dead_letter.c.consumer == consumer, dead_letter.c.retry == 1
    )
    with database.reading() as session:
        ids = session.scalars(marked.order_by(dead_letter.c.id).limit(TRY_AT_ONCE)).all()
    return sum(_try(database, consumer, number) for number in ids)


def _try(database: Database, consumer: str, number: int) -> bool:
    """A readable one joins the waiting events of its case, which then go on in order."""
    mine = dead_letter.c.id == number
    with database.transaction() as tx:
        row = tx.execute(select(dead_letter).where(mine).with_for_update()).one_or_none()
        if row is None:
            return False
        try:
            delivered = read(_record(row))
        except Undecodable as error:
            tx.execute(update(dead_letter).where(mine).values(retry=0, reason=str(error)[:500]))
            return False
        tx.execute(delete(dead_letter).where(mine))
        parking.queue_up(tx, consumer, delivered)
    return True


def _record(row: Row[tuple[object, ...]]) -> StoredRecord:
    return StoredRecord(
        topic=row.topic,
        partition=row.part,
        offset=row.off,
        key=row.raw_key,
        value=row.raw_value,
        headers=tuple((name, bytes.fromhex(raw)) for name, raw in json.loads(row.headers)),
        appended_at=row.appended_at,
    )
