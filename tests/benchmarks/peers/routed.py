"""The rows that routing a dispute makes, as entities: what Hemu's handler keeps of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from services.mediation import routing
from services.mediation.handlers import routing as handler
from services.mediation.lifecycle import FIRST_STATES
from shared.clock import day_in_china
from shared.events import DisputeEvent, Envelope, encode
from shared.events.deciding import explanation
from shared.events.directory import MemberPublished
from shared.events.intake import DisputeRegistered
from shared.events.mediation import DisputeRouted, MediatorAssigned, RoomOpened
from shared.events.roster import Roster
from shared.rules import Decision as Decided
from tests.benchmarks.peers import mediation_records as records

ACTOR = "service:mediation"


@dataclass(kw_only=True)
class Routing:
    """One dispute on its way; ``loads`` are the open cases of mediators."""

    event: DisputeRegistered
    cause: Envelope
    roster: Roster
    loads: Mapping[str, int]
    revision: int
    now: datetime
    assigned: Mapping[str, str] = field(default_factory=dict)
    published: list[tuple[UUID, DisputeEvent]] = field(default_factory=list)

    def entities(self) -> Iterator[records.Base]:
        """Everything but the mediator's workload."""
        decided = routing.decide(self.event, filed_at=self.cause.time, roster=self.roster)
        assigned = self.assigned = self._assign(decided.route)
        state = FIRST_STATES[decided.route]
        yield self._decision(decided, assigned)
        yield self._mediation(decided, assigned, state)
        yield records.Dossier(
            case_id=self.event.case_id, state="pending", attempts=0, next_try=self.now
        )
        routed = DisputeRouted(
            case_id=self.event.case_id,
            decision=explanation(decided, self.revision),
            state=state,
            safety_hold=decided.extras.get("safety_hold") is True,
            committee_id=assigned.get("committee"),
        )
        told = {"route": decided.route, "rule": decided.rule}
        yield self._announced(routed, None, state, told)
        yield from self._appointed(assigned, state)
        yield from self._outbox()

    def _assign(self, route: str) -> dict[str, str]:
        event, roster, today = self.event, self.roster, day_in_china(self.now)
        committee = routing.committee_for(roster, route, event.area, event.category)
        if committee is None:
            return {}
        found: dict[str, MemberPublished | None] = {}
        if route in routing.MEDIATING:
            found["mediator"] = routing.mediator_for(roster, committee, event.area, self.loads)
            if route == routing.Route.JOINT_ROOM:
                found["prosecutor"] = routing.prosecutor_for(roster, event.area, today)
        else:
            staff = roster.staff(committee.id, "pmc_director", event.area)
            found["director"] = next(iter(staff), None)
            if role := handler.ON_CALL.get(route):
                found[role] = roster.on_duty(role, event.area, today)
        return {"committee": committee.id} | {role: one.id for role, one in found.items() if one}

    def _decision(self, decided: Decided, assigned: Mapping[str, str]) -> records.Decision:
        facts = {
            name: sorted(value) if isinstance(value, frozenset) else value
            for name, value in decided.facts.items()
        }
        return records.Decision(
            case_id=self.event.case_id,
            route=decided.route,
            rule=decided.rule,
            rule_set=decided.rule_set.name,
            version=decided.rule_set.version,
            valid_from=decided.rule_set.valid_from,
            decided_at=self.now,
            directory_revision=self.revision,
            facts=facts,
            tried=[[tried.rule.id, tried.matched] for tried in decided.tried],
            overlays=decided.overlays,
            parallel=decided.parallel,
            assigned=assigned,
        )

    def _mediation(
        self, decided: Decided, assigned: Mapping[str, str], state: str
    ) -> records.Mediation:
        event = self.event
        return records.Mediation(
            case_id=event.case_id,
            number=event.number,
            category=event.category,
            area=event.area,
            origin=event.origin,
            filed_at=self.cause.time,
            route=decided.route,
            state=state,
            since=self.now,
            safety_hold=decided.extras.get("safety_hold") is True,
            risk=decided.extras.get("risk"),
            reason=handler._reason(decided),
            consent_refused=any(party.consent == "refused" for party in event.parties),
            committee_id=assigned.get("committee"),
            mediator_id=assigned.get("mediator"),
            sessions=0,
            version=1,
        )

    def _appointed(self, assigned: Mapping[str, str], state: str) -> Iterator[records.Base]:
        committee, mediator = assigned.get("committee"), assigned.get("mediator")
        if not (committee and mediator):
            return
        case_id = self.event.case_id
        appointed = MediatorAssigned(case_id=case_id, member_id=mediator, organisation_id=committee)
        yield self._announced(appointed, state, state, {"member": mediator})
        if prosecutor := assigned.get("prosecutor"):
            room = RoomOpened(
                case_id=case_id,
                room_id=uuid7(),
                mediator_id=mediator,
                prosecutor_id=prosecutor,
                organisation_id=committee,
            )
            yield records.Room(
                room_id=room.room_id,
                case_id=case_id,
                mediator_id=mediator,
                prosecutor_id=prosecutor,
                opened_at=self.now,
            )
            yield self._announced(room, state, state, {"member": mediator})

    def _announced(
        self, event: DisputeEvent, before: str | None, after: str, details: Mapping[str, str]
    ) -> records.TimelineEntry:
        event_id = uuid7()
        self.published.append((event_id, event))
        return records.TimelineEntry(
            case_id=event.case_id,
            event_id=event_id,
            at=self.now,
            event_type=event.event_type,
            actor=ACTOR,
            role=ACTOR,
            state_before=before,
            state_after=after,
            details=details,
        )

    def _outbox(self) -> Iterator[records.Base]:
        yield from outbox(self.cause, self.published, self.now)


def outbox(
    cause: Envelope, published: list[tuple[UUID, DisputeEvent]], now: datetime
) -> Iterator[records.Base]:
    """The events to publish, and how many there are now on their key."""
    yield records.KeyCounter(
        key=cause.subject, last=len(published), correlation_id=cause.correlation_id
    )
    for number, (event_id, event) in enumerate(published, start=1):
        yield records.OutboxEntry(
            event_id=event_id,
            topic=event.topic,
            key=cause.subject,
            kseq=number,
            type=event.event_type,
            time=now,
            actor=ACTOR,
            correlation_id=cause.correlation_id,
            causation_id=cause.id,
            traceparent=cause.traceparent,
            data=encode(event),
        )
