"""The invariants of accepted cases (I1 to I6), each a small function from evidence to violations.

I7 (the ledger) and what people are told stand in ``replies``, as only the running system can say
it; I8 (the files) and I9 (the time) are the target's and the soak's.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from services.intake.models.tables import disputes, leads
from services.mediation import models as mediation
from services.mediation.lifecycle import TERMINAL
from services.ops.models import flows, hops
from services.referral import models as referral
from shared.db.message_tables import (
    dead_letter,
    idempotency,
    key_counter,
    key_cursor,
    parked_event,
    parked_key,
)
from shared.events import CASES
from shared.events.mediation import DisputeRouted, SessionRecorded
from shared.events.referral import LeadRouted, OrderOpened, ReviewOpened
from shared.settings import SERVICES
from tests.reliability.evidence import LISTENERS, Emitted, Evidence
from tests.reliability.life import ACTS

Invariant = Callable[[Evidence], Iterator[str]]

SHOWN = 3
FILING = "POST /api/v1/{kind}s"
SESSIONS = mediation.metadata.tables["sessions"]


def accepted_cases_exist(evidence: Evidence) -> Iterator[str]:
    """I1: every id that was answered with 201 is registered."""
    for kind, filed in _registered(evidence).items():
        yield from _some(f"{kind}: accepted and lost", evidence.accepted[kind] - filed)


def keys_have_one_case(evidence: Evidence) -> Iterator[str]:
    """I2: what is registered is what was accepted, and each key is remembered once."""
    for kind, filed in _registered(evidence).items():
        yield from _some(f"{kind}: registered twice for a key", filed - evidence.accepted[kind])
        keys = [one.key for one in evidence.account.accepted if one.kind == kind]
        route = FILING.format(kind=kind)
        rows = evidence.rows("intake", idempotency, idempotency.c.route == route)
        yield from _differ(f"{kind}: keys", Counter(keys), Counter(row.key for row in rows))


def cases_have_one_home(evidence: Evidence) -> Iterator[str]:
    """I3: each case is decided once, by the service whose kind it is, and its filer knows."""
    homes = (
        (
            "dispute",
            "mediation",
            mediation.MEDIATIONS,
            mediation.DECISIONS,
            DisputeRouted,
            disputes,
        ),
        ("lead", "referral", referral.LEADS, referral.DECISIONS, LeadRouted, leads),
    )
    for kind, service, cases, decisions, routed, filed in homes:
        column = f"{'case' if kind == 'dispute' else 'lead'}_id"
        routes = {row._mapping[column]: row.route for row in evidence.rows(service, cases)}
        decided = {row._mapping[column]: row.route for row in evidence.rows(service, decisions)}
        told = {row.id: row.route for row in evidence.rows("intake", filed)}
        wanted = evidence.accepted[kind]
        yield from _some(f"{kind}: nobody has it", wanted - routes.keys())
        yield from _some(f"{kind}: on the wrong side", _other(evidence, kind) & routes.keys())
        yield from _same(f"{kind}: decided otherwise", routes, decided)
        yield from _same(f"{kind}: told otherwise", routes, {k: told.get(k) for k in routes})
        count = Counter(one.key for one in evidence.emitted if one.type == routed.event_type)
        yield from _differ(f"{kind}: decisions", Counter(str(case) for case in wanted), count)


def effects_have_a_cause(evidence: Evidence) -> Iterator[str]:
    """I4: nothing stands anywhere about a case that was never registered."""
    filed = frozenset().union(*_registered(evidence).values())
    owned = (
        ("mediation", mediation.MEDIATIONS, "case_id"),
        ("mediation", mediation.DOSSIERS, "case_id"),
        ("mediation", mediation.ROOMS, "case_id"),
        ("mediation", SESSIONS, "case_id"),
        ("mediation", mediation.timeline, "case_id"),
        ("referral", referral.LEADS, "lead_id"),
        ("referral", referral.ORDERS, "lead_id"),
        ("referral", referral.REVIEWS, "lead_id"),
        ("referral", referral.TEXTS, "lead_id"),
        ("referral", referral.timeline, "lead_id"),
    )
    for service, table, column in owned:
        found = {row._mapping[column] for row in evidence.rows(service, table)}
        yield from _some(f"{service}.{table.name}: without a case", found - filed)
    subjects = {UUID(row.subject) for row in evidence.rows("ops", flows)}
    yield from _some("ops.flows: without a case", subjects - filed)
    yield from _some("ops.flows: not heard of", filed - subjects)


def effects_happened_once(evidence: Evidence) -> Iterator[str]:
    """I4: what would have grown by being done twice has not; counted where nothing prevents it."""
    for filed, service in ((disputes, "mediation"), (leads, "referral")):
        versions = {str(row.id): row.version for row in evidence.rows("intake", filed)}
        told = {case: 1 + len(evidence.by_key.get((service, case), ())) for case in versions}
        yield from _same(f"intake.{filed.name}: times told", told, versions)
    of_type: dict[str, Counter[str]] = defaultdict(Counter)
    for event in evidence.emitted:
        of_type[event.type][event.key] += 1
    for service, table, column, event_type in (
        ("mediation", SESSIONS, "case_id", SessionRecorded.event_type),
        ("referral", referral.ORDERS, "lead_id", OrderOpened.event_type),
        ("referral", referral.REVIEWS, "lead_id", ReviewOpened.event_type),
    ):
        found = Counter(str(row._mapping[column]) for row in evidence.rows(service, table))
        yield from _differ(f"{service}.{table.name}", of_type[event_type], found)
    yield from _workloads(evidence)
    noted = {row.event_id for row in evidence.rows("ops", hops)}
    about_cases = {event.event_id for event in evidence.emitted if event.topic == CASES}
    yield from _some("ops.hops: not noted", about_cases - noted)
    yield from _some("ops.hops: noted, never emitted", noted - about_cases)


def acts_happened_once(evidence: Evidence) -> Iterator[str]:
    """I2, I4: each act that was answered with success has its one event."""
    done = Counter((str(case), event) for case, event in evidence.account.acts)
    most = done + Counter((str(case), event) for case, event in evidence.account.unknown)
    found = Counter((event.key, event.type) for event in evidence.emitted if event.type in ACTS)
    yield from _some("acts that were lost", [each for each in done if found[each] < done[each]])
    yield from _some("acts done twice", [each for each in found if found[each] > most[each]])


def events_reach_everybody(evidence: Evidence) -> Iterator[str]:
    """I5: each event is in the log, and in the inbox of each who does something about it."""
    emitted = {event.event_id for event in evidence.emitted}
    logged = {record.event_id for record in evidence.log}
    waiting = [event.event_id for event in evidence.emitted if not event.published]
    yield from _some("not published", waiting)
    yield from _some("not in the log", emitted - logged)
    yield from _some("in the log, never emitted", logged - emitted)
    for listener in LISTENERS:
        wanted = {event.event_id for event in evidence.emitted if listener.wants(event)}
        heard = evidence.heard[listener.name]
        yield from _some(f"{listener.name}: not heard", wanted - heard)
        yield from _some(f"{listener.name}: heard, never emitted", heard - emitted)


def sequences_have_no_gap(evidence: Evidence) -> Iterator[str]:
    """I6: per service and key the numbers are 1, 2, 3 …, and each consumer is at the last."""
    last: dict[tuple[str, str], int] = {}
    for place, events in evidence.by_key.items():
        numbers = sorted(event.sequence for event in events)
        last[place] = numbers[-1]
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"{place}: numbered {numbers[:SHOWN]} … {numbers[-1]}"
    counted = {
        (service, row.key): row.last
        for service in SERVICES
        for row in evidence.rows(service, key_counter)
    }
    yield from _same("counters", last, counted)
    for listener in LISTENERS:
        mine = key_cursor.c.consumer == listener.name
        at = {
            (row.source.strip("/"), row.key): row.kseq
            for row in evidence.rows(listener.name, key_cursor, mine)
        }
        wanted = {
            place: number
            for place, number in last.items()
            if _reads(listener.topics, place, evidence)
        }
        yield from _same(f"{listener.name}: cursors", wanted, at)


def nothing_is_set_aside(evidence: Evidence) -> Iterator[str]:
    """I6: nobody waits for a predecessor, or for an operator."""
    for listener in LISTENERS:
        for table in (parked_key, parked_event, dead_letter):
            rows = evidence.rows(listener.name, table)
            yield from _some(f"{listener.name}: {table.name}", [str(row[:4]) for row in rows])


def the_log_keeps_the_order(evidence: Evidence) -> Iterator[str]:
    """I6: in the log, too, an event comes first after all of its predecessors."""
    at: dict[tuple[str, str], int] = defaultdict(int)
    for record in evidence.log:
        place = (record.source, record.key)
        if record.sequence > at[place] + 1:
            yield f"{place}: {record.sequence} after {at[place]} in the log"
        at[place] = max(at[place], record.sequence)


INVARIANTS: Mapping[str, Sequence[Invariant]] = {
    "I1": (accepted_cases_exist,),
    "I2": (keys_have_one_case, acts_happened_once),
    "I3": (cases_have_one_home,),
    "I4": (effects_have_a_cause, effects_happened_once),
    "I5": (events_reach_everybody,),
    "I6": (sequences_have_no_gap, nothing_is_set_aside, the_log_keeps_the_order),
}


def violations(evidence: Evidence) -> Sequence[str]:
    """All of them, each beginning with the number of its invariant."""
    return [
        f"{number}: {text}"
        for number, invariants in INVARIANTS.items()
        for invariant in invariants
        for text in invariant(evidence)
    ]


def _registered(evidence: Evidence) -> Mapping[str, frozenset[UUID]]:
    return {
        kind: frozenset(row.id for row in evidence.rows("intake", table))
        for kind, table in (("dispute", disputes), ("lead", leads))
    }


def _other(evidence: Evidence, kind: str) -> frozenset[UUID]:
    return evidence.accepted["lead" if kind == "dispute" else "dispute"]


def _workloads(evidence: Evidence) -> Iterator[str]:
    open_cases = Counter(
        row.mediator_id
        for row in evidence.rows("mediation", mediation.MEDIATIONS)
        if row.mediator_id is not None and row.state not in TERMINAL
    )
    loads = {row.member_id: row.open for row in evidence.rows("mediation", mediation.workloads)}
    yield from _differ("mediation.workloads", open_cases, Counter(loads))


def _reads(topics: Collection[str], place: tuple[str, str], evidence: Evidence) -> bool:
    first: Emitted = evidence.by_key[place][0]
    return first.topic in topics


def _some(what: str, found: Collection[object]) -> Iterator[str]:
    if found:
        yield f"{what}: {len(found)}, {', '.join(map(str, islice(found, SHOWN)))}"


def _same(what: str, wanted: Mapping[Any, object], found: Mapping[Any, object]) -> Iterator[str]:
    keys = wanted.keys() | found.keys()
    yield from _some(
        what,
        [
            f"{key} {found.get(key)} for {wanted.get(key)}"
            for key in keys
            if wanted.get(key) != found.get(key)
        ],
    )


def _differ(what: str, wanted: Counter[Any], found: Counter[Any]) -> Iterator[str]:
    yield from _same(what, +wanted, +found)
