"""Finds the cases that nothing explains.

A busy line must not look like one that loses cases. Our own books are read first, then the other
services and the log (``looks``); what is suspicious then is looked at once more, and is a gap only
when everything that could still explain it has been ruled out: whoever should have passed it on
has nothing left to publish, and we have seen all that the log holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import msgspec

from services.ops.queries.books import Books, Heard, Undecided, known, seen, still_undecided
from services.ops.queries.comparing import Differences, compare
from services.ops.queries.looks import DECIDERS, OWN, REGISTRAR, Look, look
from shared.errors import AppError
from shared.web.platform import Platform

PATIENCE = timedelta(seconds=2)
"""So long a decision may take before anybody is asked about it."""

COMPARE_AGAIN = timedelta(seconds=60)
"""Comparing all cases takes seconds where there are a million: what was found counts so long."""


@dataclass(frozen=True, kw_only=True)
class Findings:
    """``undecided`` were read by who decides, but are not decided; ``lost`` are cases of intake
    that nothing was heard of, by when that was noticed; ``strangers`` are unknown to intake.
    """

    parked: int = 0
    waiting: Sequence[Undecided] = ()
    decided_since: int = 0
    undecided: Sequence[Undecided] = ()
    lost: dict[str, datetime] = field(default_factory=dict)
    strangers: dict[str, Heard] = field(default_factory=dict)
    compared_at: datetime | None = None


@dataclass(kw_only=True)
class _Sorted:
    """The cases that have no decision after so long, by where they may be."""

    parked: list[Undecided] = field(default_factory=list)
    waiting: list[Undecided] = field(default_factory=list)
    suspicious: list[Undecided] = field(default_factory=list)


def find(here: Platform, ours: Books, first: Look, before: Findings, now: datetime) -> Findings:
    """``ours`` was read before ``first``. ``before`` is what was found the last time."""
    cases = _sort(ours.old, first)
    differences, compared_at = _differences(here, ours, first, before, now)
    found = Findings(
        parked=len(cases.parked),
        waiting=cases.waiting,
        strangers=differences.strangers,
        compared_at=compared_at,
    )
    if not cases.suspicious and not differences.missing:
        return found
    second = look(here)
    with here.database.reading() as session:
        open_still = still_undecided(session, [case.subject for case in cases.suspicious])
        missing = differences.missing - known(session, differences.missing)
    if not _quiet(second):
        missing &= before.lost.keys()
    suspicious = [case for case in cases.suspicious if case.subject in open_still]
    proven = [case for case in suspicious if _ruled_out(case, second)]
    return replace(
        found,
        waiting=[*found.waiting, *(case for case in suspicious if case not in proven)],
        decided_since=len(cases.suspicious) - len(suspicious),
        undecided=proven,
        lost={subject: before.lost.get(subject, now) for subject in sorted(missing)},
    )


def _sort(old: Sequence[Undecided], first: Look) -> _Sorted:
    found = _Sorted()
    for kind, decider in DECIDERS.items():
        told = first.backbones[decider]
        set_aside = first.parked_by(decider) | first.parked_by(OWN)
        unnamed = first.parked_unnamed(decider)
        for case in old:
            if case.kind != kind:
                continue
            if case.subject in set_aside:
                found.parked.append(case)
            elif told is None or told.next_offset(case.partition) <= case.offset:
                found.waiting.append(case)
            elif unnamed > 0:
                unnamed -= 1
                found.parked.append(case)
            else:
                found.suspicious.append(case)
    return found


def _ruled_out(case: Undecided, second: Look) -> bool:
    """Its decision is neither on its way to the log nor in the log without our having seen it."""
    return second.all_published(DECIDERS[case.kind]) and second.caught_up(case.partition)


def _quiet(at: Look) -> bool:
    """Every registration there was is in the log, and we have seen it."""
    return at.all_published(REGISTRAR) and at.lag(OWN) == 0


def _differences(
    here: Platform, ours: Books, first: Look, before: Findings, now: datetime
) -> tuple[Differences, datetime | None]:
    """Between intake's cases and ours, as far as the numbers call for a comparison."""
    told = first.backbones[REGISTRAR]
    if told is None:
        return Differences(), before.compared_at
    with here.database.reading() as session:
        still_lost = before.lost.keys() - known(session, before.lost.keys())
        lacking = told.counts.subjects - seen(session) - ours.parked_unseen
    surplus = ours.seen - told.counts.subjects
    stale = before.compared_at is None or now - before.compared_at > COMPARE_AGAIN
    missing = lacking > len(still_lost) and _quiet(first)
    strange = surplus > len(before.strangers) or (bool(before.strangers) and stale)
    if not missing and not strange:
        return Differences(missing=still_lost, strangers=before.strangers), before.compared_at
    try:
        return compare(here, now - PATIENCE), now
    except (AppError, msgspec.MsgspecError):
        return Differences(missing=still_lost, strangers=before.strangers), before.compared_at
