"""The ledger: every case that was accepted is routed, waiting or parked, or it is a gap by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

from services.ops.queries.books import Books, books
from services.ops.queries.finding import PATIENCE, Findings, find
from services.ops.queries.gaps import Gap, by_service, gaps
from services.ops.queries.looks import REGISTRAR, Backbone, Look, look
from services.ops.queries.recent import Recent
from shared.telemetry import LEDGER_UNEXPLAINED
from shared.web.i18n import N_
from shared.web.platform import Platform

KEEP = timedelta(seconds=1)
NAMED = 100
"""So many gaps are named one by one."""


class Why(StrEnum):
    """What a case waits for."""

    LOG = N_("not yet in the log, or not yet read here")
    DECISION = N_("not yet decided")


@dataclass(frozen=True, kw_only=True)
class Wait:
    """``since``: the longest of them."""

    what: Why
    count: int
    since: datetime | None


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """``accepted`` is None while intake is away, and then nobody knows whether it balances. What
    is away (services, or ``log``) cannot be asked: cases that depend on it count as waiting.
    ``gaps`` names the first of the unexplained.
    """

    at: datetime
    accepted: int | None
    routed: int
    waiting: int
    parked: int
    unexplained: int
    balanced: bool | None
    gaps: Sequence[Gap]
    waits: Sequence[Wait]
    away: Sequence[str]
    look: Look


_LAST: Recent[tuple[Reconciliation, Findings]] = Recent()


def reconcile(here: Platform) -> Reconciliation:
    """At most a second old."""
    now = here.clock()
    last = _LAST.get(here.database)
    if last is not None and abs(now - last[0].at) < KEEP:
        return last[0]
    with here.database.reading() as session:
        ours = books(session, before=now - PATIENCE, orphans=NAMED)
    first = look(here)
    findings = find(here, ours, first, last[1] if last is not None else Findings(), now)
    found = _add_up(ours, first, findings, now)
    _LAST.put(here.database, (found, findings))
    _measure(ours, findings)
    return found


def _add_up(ours: Books, first: Look, findings: Findings, now: datetime) -> Reconciliation:
    intake = first.backbones[REGISTRAR]
    accepted = intake.counts.subjects if intake else None
    waits = _waits(ours, intake, findings)
    waiting = sum(wait.count for wait in waits)
    routed = ours.seen - ours.unregistered - ours.undecided + findings.decided_since
    routed -= sum(heard.decided for heard in findings.strangers.values())
    parked = findings.parked + ours.parked_unseen
    unexplained = by_service(ours, findings).total()
    right = routed + waiting + parked + unexplained
    return Reconciliation(
        at=now,
        accepted=accepted,
        routed=routed,
        waiting=waiting,
        parked=parked,
        unexplained=unexplained,
        balanced=None if accepted is None else accepted == right,
        gaps=list(islice(gaps(ours, findings), NAMED)),
        waits=[wait for wait in waits if wait.count],
        away=first.away,
        look=first,
    )


def _waits(ours: Books, intake: Backbone | None, findings: Findings) -> Sequence[Wait]:
    unseen = intake.counts.subjects - ours.seen - ours.parked_unseen if intake else 0
    settled = findings.parked + findings.decided_since + len(findings.undecided)
    return (
        Wait(
            what=Why.LOG,
            count=max(0, unseen - len(findings.lost)),
            since=intake.counts.oldest_unpublished if intake else None,
        ),
        Wait(
            what=Why.DECISION,
            count=max(0, ours.undecided - settled),
            since=min((case.registered_at for case in findings.waiting), default=None),
        ),
    )


def _measure(ours: Books, findings: Findings) -> None:
    for service, count in by_service(ours, findings).items():
        LEDGER_UNEXPLAINED.labels(service).set(count)
