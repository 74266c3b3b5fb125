"""Handling events with FastStream and SQLAlchemy's asyncio ORM: twelve workers, one transaction
per message, acknowledged after its commit.

python -m tests.benchmarks.peers.consumer routed|noted   (PEER_DATABASE, PEER_KAFKA, PEER_GROUP)
"""

import os
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import uvloop
from aiokafka import ConsumerRecord
from faststream import AckPolicy, FastStream
from faststream.kafka import KafkaBroker, KafkaMessage
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from uuid_utils.compat import uuid7

from shared.events import CASES, Envelope
from shared.events.codec import parse
from shared.events.intake import DisputeRegistered
from shared.events.mediation import MediatorAssigned
from shared.events.roster import Roster
from shared.messaging.replica import snapshot_of
from tests.benchmarks.noting import COMMITTEE, MEMBER, SERVICE
from tests.benchmarks.peers import mediation_records as records
from tests.benchmarks.peers.routed import Routing, outbox
from tests.district import demo

WORKERS = 12
ROSTER = Roster(snapshot_of(demo(), revision=1))

engine = create_async_engine(os.environ["PEER_DATABASE"], pool_size=WORKERS)
sessions = async_sessionmaker(engine, expire_on_commit=False)
broker = KafkaBroker(os.environ["PEER_KAFKA"], logger=None)
app = FastStream(broker, logger=None)

Effect = Callable[[AsyncSession, Envelope, DisputeRegistered, datetime], Awaitable[None]]


async def route(
    session: AsyncSession, envelope: Envelope, event: DisputeRegistered, now: datetime
) -> None:
    """What Hemu's mediation does of it."""
    revision = await session.scalar(select(records.DirectoryRevision.applied))
    if revision is None or revision < event.directory_revision:
        raise RuntimeError("the directory has not arrived")
    loads = (await session.scalars(select(records.Workload))).all()
    routing = Routing(
        event=event,
        cause=envelope,
        roster=ROSTER,
        loads={one.member_id: one.open for one in loads},
        revision=revision,
        now=now,
    )
    session.add_all(routing.entities())
    await session.flush()
    if mediator := routing.assigned.get("mediator"):  # last: others wait for this row
        new = insert(records.Workload).values(member_id=mediator, open=1)
        await session.execute(
            new.on_conflict_do_update(
                index_elements=["member_id"],
                set_={"open": records.Workload.open + new.excluded.open},
            )
        )


async def note(
    session: AsyncSession, envelope: Envelope, event: DisputeRegistered, now: datetime
) -> None:
    """The plain effect."""
    session.add(
        records.Noted(
            case_id=event.case_id,
            number=event.number,
            category=event.category,
            area=event.area,
            at=now,
        )
    )
    assigned = MediatorAssigned(case_id=event.case_id, member_id=MEMBER, organisation_id=COMMITTEE)
    session.add_all(outbox(envelope, [(uuid7(), assigned)], now))


EFFECTS: dict[str, Effect] = {"routed": route, "noted": note}
effect = EFFECTS[sys.argv[1] if len(sys.argv) > 1 else "routed"]


async def as_envelope(message: KafkaMessage) -> Envelope:
    record = message.raw_message
    assert isinstance(record, ConsumerRecord)
    return parse(record.key.decode(), record.value, record.headers)


@broker.subscriber(
    CASES,
    group_id=os.environ["PEER_GROUP"],
    max_workers=WORKERS,
    ack_policy=AckPolicy.NACK_ON_ERROR,
    auto_offset_reset="earliest",
    decoder=as_envelope,
)
async def handle(envelope: Envelope) -> None:
    event = envelope.event()
    if not isinstance(event, DisputeRegistered):
        return
    now = datetime.now(UTC)
    try:
        async with sessions.begin() as session:
            session.add(
                records.InboxEntry(consumer=SERVICE, event_id=envelope.id, processed_at=now)
            )
            await session.flush()
            await effect(session, envelope, event, now)
    except IntegrityError:
        pass  # delivered again, and known


if __name__ == "__main__":
    uvloop.run(app.run())
