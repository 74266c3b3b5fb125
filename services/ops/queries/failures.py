"""What the services have set aside: parked cases and dead letters, of all of them together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.ops.models import flows
from services.ops.queries.looks import Backbone, Look


class Kind(StrEnum):
    PARKED = "parked"
    DEAD_LETTER = "dead_letter"


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A parked case has a ``key`` (and a ``number`` when it is a case known here), a dead letter an
    ``id`` and a place in the log. ``waiting`` counts its events, the failed one included.
    ``next_try`` None: it goes on only when somebody asks for it.
    """

    service: str
    kind: Kind
    reason: str
    since: datetime
    key: str | None = None
    number: str | None = None
    known: bool = False
    error_class: str | None = None
    event_type: str | None = None
    waiting: int = 0
    attempts: int = 0
    next_try: datetime | None = None
    id: int | None = None
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    retrying: bool = False


@dataclass(frozen=True, kw_only=True)
class Group:
    """Failures of one service for one reason, the oldest first."""

    service: str
    kind: Kind
    reason: str
    event_type: str | None
    failures: Sequence[Failure]

    @property
    def since(self) -> datetime:
        return self.failures[0].since

    @property
    def waiting(self) -> int:
        return sum(each.waiting for each in self.failures)


def failures(session: Session, look: Look) -> Sequence[Failure]:
    """The oldest first."""
    keys = look.parked_subjects
    statement = select(flows.c.subject, flows.c.number).where(flows.c.subject.in_(keys))
    numbers = {row.subject: row.number for row in session.execute(statement)} if keys else {}
    found = [
        failure
        for service, told in look.backbones.items()
        if told is not None
        for failure in _of(service, told, numbers)
    ]
    return sorted(found, key=lambda failure: failure.since)


def groups(found: Sequence[Failure]) -> Sequence[Group]:
    """By reason; the one with the oldest failure first."""
    by_reason: dict[tuple[str, Kind, str, str | None], list[Failure]] = {}
    for each in found:
        reason = (each.service, each.kind, each.reason, each.event_type)
        by_reason.setdefault(reason, []).append(each)
    return [
        Group(service=service, kind=kind, reason=reason, event_type=event_type, failures=members)
        for (service, kind, reason, event_type), members in by_reason.items()
    ]


def _of(service: str, told: Backbone, numbers: dict[str, str | None]) -> Iterator[Failure]:
    for case in told.parked:
        yield Failure(
            service=service,
            kind=Kind.PARKED,
            reason=case.reason,
            since=case.since,
            key=case.key,
            number=numbers.get(case.key),
            known=case.key in numbers,
            error_class=case.error_class,
            event_type=case.first_type,
            waiting=case.waiting,
            attempts=case.attempts,
            next_try=case.next_try,
        )
    for letter in told.dead_letters:
        yield Failure(
            service=service,
            kind=Kind.DEAD_LETTER,
            reason=letter.reason,
            since=letter.set_aside_at,
            id=letter.id,
            topic=letter.topic,
            partition=letter.partition,
            offset=letter.offset,
            retrying=letter.retrying,
        )
