"""A new lead: decide where it goes, and give it to the one who then has it.

Everything is written in sets, without entities: this is the path that every lead takes.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

from services.referral import routing
from services.referral.handlers.parts import order_opened, order_row, review_opened, review_row
from services.referral.handlers.turns import announce
from services.referral.lifecycle import LeadState
from services.referral.models import DECISIONS, LEADS, ORDERS, REVIEWS, TEXTS, RoutingState
from services.referral.routing import TO_AGENCY, TO_PROCURATORATE, Route
from shared.clock import day_in_china
from shared.db import Transaction
from shared.events.deciding import explanation
from shared.events.directory import MemberPublished, OrganisationPublished
from shared.events.intake import LeadRegistered
from shared.events.referral import LeadRouted
from shared.events.roster import Roster
from shared.messaging.reactions import NotYet
from shared.rules import Decision


@dataclass(frozen=True, kw_only=True)
class _Taker:
    """Who gets the lead: an agency, a person at a procuratorate, or nobody yet, with a reason."""

    agency: OrganisationPublished | None = None
    reviewer: MemberPublished | None = None
    reviewer_as: str = "prosecutor"
    officer_id: str | None = None
    missing: str | None = None

    @property
    def state(self) -> LeadState:
        if self.agency:
            return LeadState.REDIRECTED_TO_AGENCY
        return LeadState.TRANSFERRED if self.reviewer else LeadState.SCREENING

    def assigned(self) -> dict[str, str]:
        """By what they have it as."""
        found = {"referral_officer": self.officer_id}
        if self.agency:
            found["agency"] = self.agency.id
        if self.reviewer:
            found["procuratorate"] = self.reviewer.organisation_id
            found[self.reviewer_as] = self.reviewer.id
        return {role: entry_id for role, entry_id in found.items() if entry_id is not None}


def route_lead(tx: Transaction, event: LeadRegistered, state: RoutingState) -> None:
    """Raises NotYet until the directory that intake knew has arrived here too."""
    if state.revision < event.directory_revision:
        raise NotYet(f"the directory's revision {event.directory_revision} has not arrived")
    filed_at = tx.cause.envelope.time if tx.cause else tx.now
    decision = routing.decide(event, filed_at=filed_at)
    taker = _taker(state.roster, event, decision.route, filed_at, tx.now)
    _store(tx, event, decision, taker, filed_at)
    _store_decision(tx, event, decision, taker, state.revision)
    screening = taker.state is LeadState.SCREENING
    routed = LeadRouted(
        lead_id=event.lead_id,
        decision=explanation(decision, state.revision),
        state=taker.state,
        officer_id=taker.officer_id if screening else None,
    )
    announce(tx, routed, before=None, after=taker.state)
    _hand_over(tx, event, decision, taker)


def _taker(
    roster: Roster, event: LeadRegistered, route: str, filed_at: datetime, now: datetime
) -> _Taker:
    """Duties are those of the day of filing; who is there is a question of today."""
    today = day_in_china(now)
    officer = routing.referral_officer(roster, event.area, today)
    officer_id = officer.id if officer else None
    if route in TO_AGENCY:
        filed_on = day_in_china(filed_at)
        agency = routing.agency_for(roster, event, filed_on)
        missing = None if agency else _why_no_agency(roster, event, filed_on)
        return _Taker(agency=agency, officer_id=officer_id, missing=missing)
    if route not in TO_PROCURATORATE:
        return _Taker(officer_id=officer_id)
    if route == Route.UPPER_PROCURATORATE:
        role, reviewer = "proc_intake", routing.upper_intake_officer(roster, event.area, today)
    else:
        role = "prosecutor"
        reviewer = routing.prosecutor_for(roster, event.area, today)
    missing = None if reviewer else "no_reviewer"
    return _Taker(reviewer=reviewer, reviewer_as=role, officer_id=officer_id, missing=missing)


def _why_no_agency(roster: Roster, event: LeadRegistered, day: date) -> str:
    duty = routing.duty_of(event)
    if duty is None:
        return "no_duty"
    several = roster.responsible(duty, event.area, day)
    return "several_agencies" if several else "no_agency"


def _store(
    tx: Transaction, event: LeadRegistered, decision: Decision, taker: _Taker, filed_at: datetime
) -> None:
    organisation_id, member_id = None, taker.officer_id
    if taker.agency:
        organisation_id, member_id = taker.agency.id, None
    elif taker.reviewer:
        organisation_id, member_id = taker.reviewer.organisation_id, taker.reviewer.id
    row = {
        "lead_id": event.lead_id,
        "number": event.number,
        "origin": event.origin,
        "area": event.area,
        "grid": event.grid,
        "category": event.category,
        "field": event.public_interest.field,
        "duty": routing.duty_of(event),
        "route": decision.route,
        "rule": decision.rule,
        "urgent": decision.extras.get("urgent") is True,
        "state": taker.state,
        "officer_id": taker.officer_id,
        "organisation_id": organisation_id,
        "member_id": member_id,
        "registered_at": filed_at,
        "changed_at": tx.now,
        "version": 1,
    }
    tx.insert(LEADS, row)
    tx.insert(TEXTS, {"lead_id": event.lead_id, "attempts": 0, "next_try": tx.now})


def _store_decision(
    tx: Transaction,
    event: LeadRegistered,
    decision: Decision,
    taker: _Taker,
    revision: int,
) -> None:
    row = {
        "lead_id": event.lead_id,
        "route": decision.route,
        "rule": decision.rule,
        "rule_set": decision.rule_set.name,
        "version": decision.rule_set.version,
        "valid_from": decision.rule_set.valid_from,
        "decided_at": tx.now,
        "directory_revision": revision,
        "facts": {name: _plain(value) for name, value in decision.facts.items()},
        "tried": [(tried.rule.id, tried.matched) for tried in decision.tried],
        "overlays": list(decision.overlays),
        "parallel": list(decision.parallel),
        "assigned": taker.assigned(),
        "missing": taker.missing,
    }
    tx.insert(DECISIONS, row)


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else value


def _hand_over(tx: Transaction, event: LeadRegistered, decision: Decision, taker: _Taker) -> None:
    if taker.agency:
        order = order_row(
            order_id=uuid4(),
            lead_id=event.lead_id,
            number=event.number,
            agency_id=taker.agency.id,
            duty=routing.duty_of(event),
            area=event.area,
            grid=event.grid,
            urgent=decision.extras.get("urgent") is True,
            now=tx.now,
        )
        tx.insert(ORDERS, order)
        announce(tx, order_opened(order), before=taker.state, after=taker.state)
    elif taker.reviewer:
        review = review_row(
            review_id=uuid4(),
            lead_id=event.lead_id,
            procuratorate_id=taker.reviewer.organisation_id,
            member_id=taker.reviewer.id,
            now=tx.now,
        )
        tx.insert(REVIEWS, review)
        announce(tx, review_opened(review), before=taker.state, after=taker.state)
