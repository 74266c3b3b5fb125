"""Hands seals to the witness, so that who can write our database cannot rewrite our past."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, func, select

from shared.audit.chain import CHECKPOINT_ROWS, digest
from shared.audit.ring import CHECKPOINTS, witness_of
from shared.db.audit_tables import audit_handed, audit_log, audit_seal
from shared.errors import Unavailable
from shared.readable import readable
from shared.service import Workplace
from shared.telemetry import AUDIT_REFUSED, AUDIT_UNWITNESSED_SECONDS, logger

OVERDUE = 3
"""After so many periods an operator must look."""
BEHIND = "behind"
"""The witness holds rows that we do not have: this is an old copy, or its end was cut off."""


@readable
class _Held(msgspec.Struct):
    seq: int


@readable
class _Answered(msgspec.Struct):
    refused: str | None


@dataclass(frozen=True, kw_only=True)
class _Standing:
    """``since`` is when the oldest rows were sealed that no witness has."""

    handed: int
    newest: int
    since: datetime


def hand_over(workplace: Workplace) -> bool:
    """Hand over what is due, ``CHECKPOINT_ROWS`` rows at most; says whether there is more.

    Raises Unavailable when the witness is away.
    """
    service = workplace.database.name
    standing = _standing(workplace)
    age = workplace.clock() - standing.since if standing else timedelta()
    AUDIT_UNWITNESSED_SECONDS.labels(service).set(max(0.0, age.total_seconds()))
    if standing is None or not _is_due(workplace, standing, age):
        return False
    if age > OVERDUE * _period(workplace):
        logger().error("audit.checkpoint_overdue", service=service, since=standing.since)
    refused = _offer(workplace, standing)
    AUDIT_REFUSED.labels(service).set(refused is not None)
    if refused is not None:
        logger().error("audit.checkpoint_refused", service=service, reason=refused)
        return False
    return standing.newest - standing.handed > CHECKPOINT_ROWS


def _period(workplace: Workplace) -> timedelta:
    return timedelta(seconds=workplace.settings.checkpoint_seconds)


def _is_due(workplace: Workplace, standing: _Standing, age: timedelta) -> bool:
    many = standing.newest - standing.handed >= CHECKPOINT_ROWS
    return many or age >= _period(workplace)


def _standing(workplace: Workplace) -> _Standing | None:
    with workplace.database.looking() as connection:
        handed = connection.execute(select(func.max(audit_handed.c.seq))).scalar() or 0
        newer = select(audit_seal.c.seq, audit_seal.c.at).where(audit_seal.c.seq > handed)
        oldest = connection.execute(newer.order_by(audit_seal.c.seq).limit(1)).first()
        if oldest is None:
            return None
        newest = connection.execute(select(func.max(audit_seal.c.seq))).scalar_one()
    return _Standing(handed=handed, newest=newest, since=oldest.at)


def _offer(workplace: Workplace, standing: _Standing) -> str | None:
    """Why it was refused; None when the witness has it."""
    witness = witness_of(workplace.database.name)
    held = _read(workplace.internal.get(witness, CHECKPOINTS), _Held).seq
    if held > standing.newest:
        return BEHIND
    with workplace.database.looking() as connection:
        seal = _seal(connection, held)
        rows = _rows(connection, held, seal.seq) if seal else ()
    if seal is not None:
        answer = workplace.internal.post(witness, CHECKPOINTS, _body(seal, rows))
        refused: str | None = _read(answer, _Answered).refused
        if refused is not None:
            return refused
    _note(workplace, seal.seq if seal else held, standing)
    return None


def _seal(connection: Connection, held: int) -> Row[Any] | None:
    """The newest that is not too far from what the witness has."""
    query = (
        select(audit_seal)
        .where(audit_seal.c.seq > held, audit_seal.c.seq <= held + CHECKPOINT_ROWS)
        .order_by(audit_seal.c.seq.desc())
        .limit(1)
    )
    return connection.execute(query).first()


def _rows(connection: Connection, held: int, upto: int) -> Sequence[Row[Any]]:
    query = select(audit_log).where(audit_log.c.seq > held, audit_log.c.seq <= upto)
    return connection.execute(query.order_by(audit_log.c.seq)).all()


def _body(seal: Row[Any], rows: Sequence[Row[Any]]) -> dict[str, object]:
    return {
        "first": seal.first,
        "seq": seal.seq,
        "hash": seal.hash.hex(),
        "at": seal.at.isoformat(timespec="microseconds"),
        "signature": seal.signature.hex(),
        "digests": b"".join(digest(row._asdict()) for row in rows).hex(),
    }


def _note(workplace: Workplace, seq: int, standing: _Standing) -> None:
    """What we noted before may be more than a witness has that was set up anew."""
    if seq > standing.handed:
        with workplace.database.transaction() as tx:
            tx.insert(audit_handed, {"seq": seq, "at": tx.now})


def _read(answer: object, kind: type[Any]) -> Any:
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError as error:
        raise Unavailable("A part of the system is away. Please try again.") from error
