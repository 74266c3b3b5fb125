"""Accepting, recording a session, concluding: each a guarded step with its event."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from services.mediation import handlers
from services.mediation.handlers import Accept, Conclude, RecordSession, Seen
from services.mediation.lifecycle import Outcome
from services.mediation.models import Mediation, Room, Session, workloads
from shared.auth.actor import Actor
from shared.auth.sealing import Sealer
from shared.db import Transaction
from shared.errors import IllegalTransition, NotFound, Rejected, VersionMoved
from shared.events.mediation import (
    DisputeAccepted,
    DisputeConcluded,
    MediatorAssigned,
    SessionRecorded,
)
from tests.district import member, organisation
from tests.mediation.site import PEOPLE, Site
from tests.registrations import dispute

SEALER = Sealer(b"0" * 32, "mediation.notes")
TODAY = date(2026, 3, 2)
HELD = RecordSession(held_on=TODAY, parties_present=2, joint=True, notes="双方各退一步")
CONSENTED = Accept(parties_consented=True)
JOINT = {"facts": {"joint_room_requested": "yes"}}

Change = Callable[[Transaction, Seen], None]


def registered(site: Site, **changes: Any) -> UUID:
    event = dispute(**{"case_id": uuid4(), **changes})
    site.hear(event)
    return event.case_id


def stored(site: Site, case_id: UUID) -> Mediation:
    with site.database.reading() as session:
        return session.get_one(Mediation, case_id)


def change(
    site: Site, case_id: UUID, work: Change, *, version: int | None = None, by: str = "mediator"
) -> Mediation:
    """Do it to the version that is there, unless another is given."""
    version = version or stored(site, case_id).version
    seen = Seen(case_id=case_id, version=version, by=PEOPLE[by])
    with site.database.transaction(actor=PEOPLE[by]) as tx:
        work(tx, seen)
    return stored(site, case_id)


def accept(tx: Transaction, seen: Seen) -> None:
    handlers.accept(tx, seen, CONSENTED)


def hold(tx: Transaction, seen: Seen) -> None:
    handlers.record_session(tx, seen, HELD, SEALER)


def conclude(outcome: Outcome) -> Change:
    return lambda tx, seen: handlers.conclude(tx, seen, Conclude(outcome=outcome))


def open_cases(site: Site) -> dict[str, int]:
    with site.database.reading() as session:
        return {row.member_id: row.open for row in session.execute(select(workloads))}


def test_the_shortest_life_leads_from_consent_to_a_settlement(site: Site) -> None:
    case = registered(site)

    change(site, case, accept)
    change(site, case, hold)
    ended = change(site, case, conclude(Outcome.SETTLED_WRITTEN))

    assert (ended.state, ended.outcome, ended.version) == ("closed", "settled_written", 4)
    assert site.announced(case)[2:] == [
        DisputeAccepted(case_id=case, member_id="m-0002"),
        SessionRecorded(case_id=case, session_no=1, held_on=TODAY, parties_present=2, joint=True),
        DisputeConcluded(case_id=case, outcome="settled_written", state="closed"),
    ]


def test_a_step_decided_on_an_older_version_is_refused(site: Site) -> None:
    case = registered(site)
    change(site, case, accept)

    with pytest.raises(VersionMoved):
        change(site, case, hold, version=1)

    assert stored(site, case).state == "accepted"


def test_a_case_that_does_not_exist_cannot_be_changed(site: Site) -> None:
    with (
        pytest.raises(NotFound),
        site.database.transaction(actor=PEOPLE["mediator"]) as tx,
    ):
        accept(tx, Seen(case_id=uuid4(), version=1, by=PEOPLE["mediator"]))


def test_without_the_consent_of_all_parties_it_is_not_accepted(site: Site) -> None:
    case = registered(site)

    with pytest.raises(Rejected) as refusal:
        change(site, case, lambda tx, seen: handlers.accept(tx, seen, Accept()))

    assert set(refusal.value.fields) == {"parties_consented"}
    assert stored(site, case).state == "consent_pending"


def test_a_party_that_refuses_blocks_the_acceptance(site: Site) -> None:
    case = registered(site)
    with site.database.transaction() as tx:
        tx.get(Mediation, case).consent_refused = True

    with pytest.raises(Rejected, match="refuses") as refusal:
        change(site, case, accept)

    assert set(refusal.value.fields) == {"parties_consented"}


def test_no_session_is_recorded_before_the_parties_consented(site: Site) -> None:
    case = registered(site)

    with pytest.raises(IllegalTransition):
        change(site, case, hold)

    assert len(site.announced(case)) == 2


@pytest.mark.parametrize("held_on", [date(2026, 3, 1), date(2026, 3, 3)])
def test_a_session_is_held_between_filing_and_today(site: Site, held_on: date) -> None:
    case = registered(site)
    change(site, case, accept)
    command = RecordSession(held_on=held_on, parties_present=2)

    with pytest.raises(Rejected) as refusal:
        change(site, case, lambda tx, seen: handlers.record_session(tx, seen, command, SEALER))

    assert set(refusal.value.fields) == {"held_on"}
    assert stored(site, case).sessions == 0


def test_sessions_are_counted_and_their_notes_are_sealed(site: Site) -> None:
    case = registered(site)
    change(site, case, accept)
    change(site, case, hold)
    site.clock.move(days=1)
    change(site, case, hold)

    with site.database.reading() as session:
        held = session.scalars(select(Session).order_by(Session.session_no)).all()
    assert [one.session_no for one in held] == [1, 2]
    assert all("双方".encode() not in one.notes for one in held)
    assert SEALER.open(held[1].notes, about=f"{case}/2").decode() == "双方各退一步"


@pytest.mark.parametrize("outcome", list(Outcome))
def test_an_ended_case_leaves_its_mediator_free_and_its_room_closed(
    site: Site, outcome: Outcome
) -> None:
    case = registered(site, **JOINT)
    change(site, case, accept)
    change(site, case, hold)
    if outcome is Outcome.HANDED_TO_POLICE:
        with pytest.raises(IllegalTransition):
            change(site, case, conclude(outcome), by="pmc_director")
        return

    change(site, case, conclude(outcome))

    assert open_cases(site) == {"m-0002": 0}
    with site.database.reading() as session:
        assert session.scalars(select(Room)).one().closed_at == site.clock()


def test_the_director_ends_a_safety_hold_by_handing_over_to_the_police(site: Site) -> None:
    case = registered(site, danger={"weapon": "yes"})

    ended = change(site, case, conclude(Outcome.HANDED_TO_POLICE), by="pmc_director")

    assert (ended.state, ended.safety_hold) == ("closed", False)
    assert open_cases(site) == {}


def test_of_two_who_act_at_once_only_one_succeeds(site: Site) -> None:
    case = registered(site)
    seen = Seen(case_id=case, version=1, by=PEOPLE["mediator"])
    for attempt in (accept, conclude(Outcome.REFUSED)):
        try:
            with site.database.transaction(actor=PEOPLE["mediator"]) as tx:
                attempt(tx, seen)
        except VersionMoved:
            break
    else:
        pytest.fail("both went through")

    assert stored(site, case).version == 2


def test_whoever_accepts_a_case_without_mediator_has_it(site: Site) -> None:
    area = "350599009009"
    site.know(
        organisation("lonely", "community_committee", area),
        member("boss", "pmc_director", "lonely", area),
        revision=2,
    )
    case = registered(site, area=area)
    boss = Actor(id="boss", roles=frozenset({"pmc_director"}), organisation_id="lonely")

    with site.database.transaction(actor=boss) as tx:
        accept(tx, Seen(case_id=case, version=1, by=boss))

    assert site.announced(case)[1:] == [
        MediatorAssigned(case_id=case, member_id="boss", organisation_id="lonely"),
        DisputeAccepted(case_id=case, member_id="boss"),
    ]
    assert open_cases(site) == {"boss": 1}
