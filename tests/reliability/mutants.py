"""The mutants: Hemu with one guard taken out, and what would hide that switched off.

A suite that cannot tell a mutant from the product proves nothing about the product. Each stands
here as patches, made by tests only; ``caught`` says by what it gives itself away, and where.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from shared.db import Delivered, Transaction
from shared.db.message_tables import consumer_offset, outbox
from shared.db.role_lock import AdvisoryLock, FileLock
from shared.failpoints import reach
from shared.messaging.consumer import Batch, Consumer
from shared.messaging.handling import Handling
from shared.messaging.log import Partition, StoredRecord
from shared.messaging.relay import BATCH, Relay
from shared.web import idempotency

Patch = Callable[[pytest.MonkeyPatch], None]
SHARE = 20
"""Rows that one of several relays takes at a time."""


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """``off`` are the sibling guards that would hide it."""

    says: str
    tier: str
    patch: Patch
    off: tuple[Patch, ...] = ()
    caught: str

    def apply(self, patches: pytest.MonkeyPatch) -> None:
        for patch in (self.patch, *self.off):
            patch(patches)

    @property
    def guards_off(self) -> str:
        return ", ".join(patch.__name__.strip("_").replace("_", " ") for patch in self.off) or "–"


def offset_before_effect(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(Consumer, "_apply", _move_then_handle)


def mark_before_append(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(Relay, "step", _mark_then_append)


def no_idempotency_key(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(idempotency, "given_key", lambda: None)


def no_inbox(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(Handling, "_remember", _remember_nothing)


def no_sequence_check(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(Handling, "_in_turn", _whatever_comes)


def no_compare_and_set(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(Consumer, "_fresh", _move_whatever_it_was)


def no_role_lock(patches: pytest.MonkeyPatch) -> None:
    for lock in (FileLock, AdvisoryLock):
        patches.setattr(lock, "acquire", lambda _self: True)
        patches.setattr(lock, "held", lambda _self: True)
        patches.setattr(lock, "release", lambda _self: None)


def two_relays(patches: pytest.MonkeyPatch) -> None:
    """As people do who want more of them: each takes rows that no other has locked."""
    no_role_lock(patches)
    patches.setattr(Relay, "step", _publish_a_share)


def id_cursor(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(Relay, "step", _publish_behind_the_last)


def no_healing(patches: pytest.MonkeyPatch) -> None:
    patches.setattr(Relay, "heal", lambda _self: 0)


MUTANTS: Mapping[str, Mutant] = {
    "offset-before-effect": Mutant(
        says="the offset is committed before the effect",
        tier="soak",
        patch=offset_before_effect,
        caught="I3",
    ),
    "mark-before-append": Mutant(
        says="the relay marks rows before the log has them",
        tier="soak",
        patch=mark_before_append,
        off=(no_healing,),
        caught="I5",
    ),
    "no-idempotency-key": Mutant(
        says="a repeated request is done again",
        tier="soak",
        patch=no_idempotency_key,
        caught="I2",
    ),
    "no-inbox": Mutant(
        says="nobody remembers which events were handled",
        tier="duplicate append",
        patch=no_inbox,
        off=(no_compare_and_set, no_sequence_check),
        caught="doubled",
    ),
    "no-compare-and-set": Mutant(
        says="the offset is written, whatever it was",
        tier="zombie twin",
        patch=no_compare_and_set,
        off=(no_inbox, no_sequence_check),
        caught="doubled",
    ),
    "two-relays": Mutant(
        says="two relays share an outbox",
        tier="Kafka",
        patch=two_relays,
        off=(no_sequence_check,),
        caught="out of order",
    ),
    "id-cursor": Mutant(
        says="the relay reads on behind the last number it saw",
        tier="PostgreSQL, commits out of order",
        patch=id_cursor,
        caught="lost",
    ),
}


def _move_then_handle(self: Consumer, batch: Batch) -> None:
    with self._database.transaction() as tx:
        delivered: list[Delivered] = []
        for partition in sorted(batch):
            delivered += self._receive(tx, partition, batch[partition])
    reach("consume.fenced")
    with self._database.transaction() as tx:
        handled = self._handling.take(tx, delivered)
        reach("consume.handled")
    reach("consume.committed")
    self._breaker.succeeded(handled)


def _mark_then_append(self: Relay) -> int:
    rows = _unpublished(self)
    if not rows:
        return 0
    reach("relay.read")
    with self._database.transaction() as tx:
        mine = outbox.c.seq.in_([row.seq for row in rows])
        tx.execute(update(outbox).where(mine).values(published_at=self._clock()))
        reach("relay.marking")
    reach("relay.marked")
    self._log.append([self._record(row) for row in rows])
    reach("relay.appended")
    return len(rows)


def _publish_a_share(self: Relay) -> int:
    unpublished = select(outbox).where(outbox.c.published_at.is_(None))
    share = unpublished.order_by(outbox.c.seq).limit(SHARE).with_for_update(skip_locked=True)
    with self._database.transaction() as tx:
        rows = tx.execute(share).all()
        if rows:
            reach("relay.read")
            self._log.append([self._record(row) for row in rows])
            mine = outbox.c.seq.in_([row.seq for row in rows])
            tx.execute(update(outbox).where(mine).values(published_at=self._clock()))
    return len(rows)


def _publish_behind_the_last(self: Relay) -> int:
    last = getattr(self, "last_number", 0)
    behind = select(outbox).where(outbox.c.seq > last).order_by(outbox.c.seq).limit(BATCH)
    with self._database.looking() as connection:
        rows = connection.execute(behind).all()
    if not rows:
        return 0
    positions = self._log.append([self._record(row) for row in rows])
    setattr(self, "last_number", rows[-1].seq)  # noqa: B010 – the class knows no such attribute
    return self._mark(rows, positions)


def _unpublished(self: Relay) -> Sequence[Any]:
    waiting = select(outbox).where(outbox.c.published_at.is_(None))
    with self._database.looking() as connection:
        return connection.execute(waiting.order_by(outbox.c.seq).limit(BATCH)).all()


def _move_whatever_it_was(
    self: Consumer, tx: Transaction, partition: Partition, records: Sequence[StoredRecord]
) -> Sequence[StoredRecord]:
    mine = (
        consumer_offset.c.consumer == self.name,
        consumer_offset.c.topic == partition.topic,
        consumer_offset.c.part == partition.number,
    )
    following = records[-1].offset + 1
    tx.execute(update(consumer_offset).where(*mine).values(next_off=following, updated=tx.now))
    return records


class _Everything(set[UUID]):
    """A set of new ids in which every id is."""

    def __contains__(self, _id: object) -> bool:
        return True


def _remember_nothing(
    _self: Handling, _tx: Transaction, _delivered: Iterable[Delivered]
) -> set[UUID]:
    return _Everything()


def _whatever_comes(
    _self: Handling, _tx: Transaction, delivered: Sequence[Delivered]
) -> list[Delivered]:
    return list(delivered)
