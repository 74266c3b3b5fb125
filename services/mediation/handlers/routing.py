"""A new dispute is decided: where it goes, why, and who has it. On the hot path, so no ORM."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from uuid_utils.compat import uuid7

from services.mediation import routing
from services.mediation.handlers.announcing import announce
from services.mediation.lifecycle import FIRST_STATES
from services.mediation.models import (
    DECISIONS,
    DOSSIERS,
    MEDIATIONS,
    PENDING,
    RAISE_LOADS,
    ROOMS,
    RoutingState,
)
from shared.clock import day_in_china
from shared.db import Transaction
from shared.errors import Rejected
from shared.events.deciding import explanation
from shared.events.directory import MemberPublished, OrganisationPublished
from shared.events.intake import DisputeRegistered
from shared.events.mediation import DisputeRouted, MediatorAssigned, RoomOpened
from shared.messaging.reactions import NotYet
from shared.rules import Decision

Assigned = Mapping[str, str]
"""Who has it: ``committee`` (an organisation) and members by what they have it as."""

ON_CALL: Mapping[str, str] = {
    routing.Route.POLICE_IMMEDIATE: "police_liaison",
    routing.Route.MANDATORY_REPORT: "child_protection",
}
"""Who is called besides, by the route."""


def route_dispute(tx: Transaction, event: DisputeRegistered, state: RoutingState) -> None:
    """Decide by the rules of the day of filing, store why, and say who has it.

    Raises NotYet until the directory is here as intake had it, Rejected when a joint room finds no
    prosecutor at all.
    """
    if state.revision < event.directory_revision:
        raise NotYet(f"the directory's revision {event.directory_revision} has not arrived")
    filed_at = tx.cause.envelope.time if tx.cause else tx.now
    decision = routing.decide(event, filed_at=filed_at, roster=state.roster)
    assigned = _assign(tx, event, decision.route, state)
    _store_decision(tx, event.case_id, decision, assigned, state.revision)
    _store_mediation(tx, event, decision, assigned, filed_at)
    _announce(tx, event.case_id, decision, assigned, state.revision)
    state.left -= 1
    if not state.left:
        _write_loads(tx, state)


def _assign(tx: Transaction, event: DisputeRegistered, route: str, state: RoutingState) -> Assigned:
    """A mediator where it is mediated, else whoever must act or can answer for it."""
    committee = routing.committee_for(state.roster, route, event.area, event.category)
    if committee is None:
        return {}
    find = _mediating if route in routing.MEDIATING else _answering
    found = find(state, committee, route, event.area, day_in_china(tx.now))
    return {"committee": committee.id} | {role: one.id for role, one in found.items() if one}


def _mediating(
    state: RoutingState, committee: OrganisationPublished, route: str, area: str, today: date
) -> Mapping[str, MemberPublished | None]:
    mediator = routing.mediator_for(state.roster, committee, area, state.loads, today)
    if mediator is not None:
        state.assign(mediator.id)
    if route != routing.Route.JOINT_ROOM:
        return {"mediator": mediator}
    prosecutor = routing.prosecutor_for(state.roster, area, today)
    if prosecutor is None:
        raise Rejected("No prosecutor serves the area %(area)s.", area=area)
    return {"mediator": mediator, "prosecutor": prosecutor}


def _answering(
    state: RoutingState, committee: OrganisationPublished, route: str, area: str, today: date
) -> Mapping[str, MemberPublished | None]:
    director = next(state.roster.staff(committee.id, "pmc_director", area, today), None)
    if route not in ON_CALL:
        return {"director": director}
    role = ON_CALL[route]
    return {"director": director, role: state.roster.on_duty(role, area, today)}


def _store_decision(
    tx: Transaction, case_id: UUID, decision: Decision, assigned: Assigned, revision: int
) -> None:
    facts = {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in decision.facts.items()
    }
    row = {
        "case_id": case_id,
        "route": decision.route,
        "rule": decision.rule,
        "rule_set": decision.rule_set.name,
        "version": decision.rule_set.version,
        "valid_from": decision.rule_set.valid_from,
        "decided_at": tx.now,
        "directory_revision": revision,
        "facts": facts,
        "tried": [[tried.rule.id, tried.matched] for tried in decision.tried],
        "overlays": decision.overlays,
        "parallel": decision.parallel,
        "assigned": assigned,
    }
    tx.insert(DECISIONS, row)


def _store_mediation(
    tx: Transaction,
    event: DisputeRegistered,
    decision: Decision,
    assigned: Assigned,
    filed_at: datetime,
) -> None:
    row = {
        "case_id": event.case_id,
        "number": event.number,
        "category": event.category,
        "area": event.area,
        "origin": event.origin,
        "filed_at": filed_at,
        "route": decision.route,
        "state": FIRST_STATES[decision.route],
        "since": tx.now,
        "safety_hold": decision.extras.get("safety_hold") is True,
        "risk": decision.extras.get("risk"),
        "reason": _reason(decision),
        "consent_refused": any(party.consent == "refused" for party in event.parties),
        "committee_id": assigned.get("committee"),
        "mediator_id": assigned.get("mediator"),
        "sessions": 0,
        "outcome": None,
        "version": 1,
    }
    tx.insert(MEDIATIONS, row)
    dossier = {"case_id": event.case_id, "state": PENDING, "sealed": None, "attempts": 0}
    tx.insert(DOSSIERS, dossier | {"next_try": tx.now, "problem": None})


def _reason(decision: Decision) -> str | None:
    """Why it was not accepted, as a reason code of the domain; the given one is the most exact."""
    if decision.route != routing.Route.NOT_ACCEPTED:
        return None
    facts = decision.facts
    courts = {"court"}
    for holds, code in (
        (facts["exclusion"] is not None, facts["exclusion"]),
        (_among(facts["pending_elsewhere"], courts), "already_in_court"),
        (_among(facts["decided_elsewhere"], courts), "already_judged"),
        (bool(facts["pending_elsewhere"] or facts["decided_elsewhere"]), "already_with_agency"),
        (_among(facts["respondent_consent"], {"refused"}), "party_refused"),
    ):
        if holds:
            return str(code)
    return "out_of_area"


def _among(value: object, codes: set[str]) -> bool:
    return isinstance(value, frozenset) and not value.isdisjoint(codes)


def _announce(
    tx: Transaction, case_id: UUID, decision: Decision, assigned: Assigned, revision: int
) -> None:
    state = FIRST_STATES[decision.route]
    committee, mediator = assigned.get("committee"), assigned.get("mediator")
    routed = DisputeRouted(
        case_id=case_id,
        decision=explanation(decision, revision),
        state=state,
        safety_hold=decision.extras.get("safety_hold") is True,
        committee_id=committee,
    )
    told = {"route": decision.route, "rule": decision.rule}
    announce(tx, routed, before=None, after=state, details=told)
    if committee and mediator:
        appointed = MediatorAssigned(case_id=case_id, member_id=mediator, organisation_id=committee)
        announce(tx, appointed, before=state, after=state, details={"member": mediator})
        if prosecutor := assigned.get("prosecutor"):
            room = RoomOpened(
                case_id=case_id,
                room_id=uuid7(),
                mediator_id=mediator,
                prosecutor_id=prosecutor,
                organisation_id=committee,
            )
            _open(tx, room, state)


def _open(tx: Transaction, room: RoomOpened, state: str) -> None:
    row = {
        "room_id": room.room_id,
        "case_id": room.case_id,
        "mediator_id": room.mediator_id,
        "prosecutor_id": room.prosecutor_id,
        "opened_at": tx.now,
        "closed_at": None,
    }
    tx.insert(ROOMS, row)
    invited = {"member": room.mediator_id, "prosecutor": room.prosecutor_id}
    announce(tx, room, before=state, after=state, details=invited)


def _write_loads(tx: Transaction, state: RoutingState) -> None:
    """Sorted: two consumers that raise the same counts must not wait for each other."""
    rows = [{"member_id": member, "open": more} for member, more in sorted(state.added.items())]
    if rows:
        tx.execute(RAISE_LOADS[tx.dialect], rows)
