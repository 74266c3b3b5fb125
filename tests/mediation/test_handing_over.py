"""What a mediator or a prosecutor holds goes to a successor when the directory says so, once."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from services.mediation.lifecycle import Outcome
from services.mediation.manifest import SERVICE
from services.mediation.models import RECUSALS, Mediation, Room, workloads
from services.mediation.queries import holdings
from shared.auth.actor import service_actor
from shared.auth.door import HEADER
from shared.auth.tokens import signer
from shared.events.directory import HandoverPublished, MemberPublished
from shared.events.mediation import MediatorAssigned, ProsecutorAssigned
from tests.district import demo
from tests.mediation.site import Site
from tests.mediation.test_steps import JOINT, change, conclude, registered, stored

LEAVER, SUCCESSOR = "m-0002", "m-0003"
ON_DUTY, OTHER_PROSECUTOR = "m-0042", "m-0043"


def handover(
    case_id: UUID, kind: str = "mediation", to: str = SUCCESSOR, of: str = LEAVER
) -> HandoverPublished:
    return HandoverPublished(id="h-1", kind=kind, item_id=case_id, member_id=of, successor_id=to)


def room(site: Site, case_id: UUID) -> Room:
    with site.database.reading() as session:
        return session.scalars(select(Room).where(Room.case_id == case_id)).one()


def loads(site: Site) -> dict[str, int]:
    with site.database.reading() as session:
        return {row.member_id: row.open for row in session.execute(select(workloads))}


def held(site: Site, member_id: str) -> list[tuple[str, UUID]]:
    with site.database.reading() as session:
        return [(one.kind, one.item_id) for one in holdings(session, member_id).items]


def test_a_case_goes_to_the_successor_with_its_load(site: Site) -> None:
    case_id = registered(site)
    assert stored(site, case_id).mediator_id == LEAVER

    site.hear(handover(case_id))

    assert stored(site, case_id).mediator_id == SUCCESSOR
    assert loads(site) == {LEAVER: 0, SUCCESSOR: 1}
    assert site.announced(case_id)[-1] == MediatorAssigned(
        case_id=case_id, member_id=SUCCESSOR, organisation_id="o-021"
    )


def test_a_case_is_handed_over_once_however_often_it_is_asked_for(site: Site) -> None:
    case_id = registered(site)
    site.hear(handover(case_id))
    before = site.announced(case_id)

    site.hear(handover(case_id), handover(case_id, to="m-0001"))

    assert site.announced(case_id) == before
    assert loads(site) == {LEAVER: 0, SUCCESSOR: 1}


def test_a_case_does_not_go_to_who_is_recused_from_it(site: Site) -> None:
    case_id = registered(site)
    with site.database.transaction() as tx:
        row = {"case_id": case_id, "member_id": SUCCESSOR, "at": tx.now, "by": "m-0001"}
        tx.insert(RECUSALS, row)
    before = site.announced(case_id)

    site.hear(handover(case_id))

    assert stored(site, case_id).mediator_id == LEAVER
    assert site.announced(case_id) == before
    with site.database.reading() as session:
        [item] = holdings(session, LEAVER).items
    assert item.barred == [SUCCESSOR]


def test_with_a_case_goes_the_lead_of_its_room(site: Site) -> None:
    case_id = registered(site, **JOINT)

    site.hear(handover(case_id))

    assert room(site, case_id).mediator_id == SUCCESSOR
    assert room(site, case_id).prosecutor_id == ON_DUTY


def test_a_place_in_a_room_goes_to_another_prosecutor(site: Site) -> None:
    case_id = registered(site, **JOINT)

    site.hear(handover(case_id, "room", OTHER_PROSECUTOR, ON_DUTY))
    site.hear(handover(case_id, "room", OTHER_PROSECUTOR, ON_DUTY))

    found = room(site, case_id)
    assert found.prosecutor_id == OTHER_PROSECUTOR
    told = [one for one in site.announced(case_id) if isinstance(one, ProsecutorAssigned)]
    assert told == [
        ProsecutorAssigned(case_id=case_id, room_id=found.room_id, prosecutor_id=OTHER_PROSECUTOR)
    ]


def test_a_case_that_is_over_stays_whose_it_was(site: Site) -> None:
    case_id = registered(site)
    change(site, case_id, conclude(Outcome.WITHDRAWN))

    site.hear(handover(case_id))

    assert stored(site, case_id).mediator_id == LEAVER
    assert loads(site) == {LEAVER: 0}


@pytest.mark.parametrize("kind", ["mediation", "room", "lead", "review"])
def test_what_is_not_here_is_passed_over(site: Site, kind: str) -> None:
    assert site.hear(handover(uuid4(), kind)) == 1
    assert site.announced() == []


def test_whoever_changes_a_case_meanwhile_sees_that_it_moved(site: Site) -> None:
    case_id = registered(site)
    version = stored(site, case_id).version

    site.hear(handover(case_id))

    assert stored(site, case_id).version == version + 1


def test_what_a_member_holds_is_what_is_not_over(site: Site) -> None:
    first, second = registered(site), registered(site)
    joint = registered(site, **JOINT)
    having = {one: stored(site, one).mediator_id for one in (first, second, joint)}
    change(site, first, conclude(Outcome.WITHDRAWN))

    assert set(held(site, LEAVER)) == {
        ("mediation", one) for one, mediator in having.items() if mediator == LEAVER
    } - {("mediation", first)}
    assert held(site, ON_DUTY) == [("room", joint)]
    assert held(site, "m-9999") == []


def test_only_the_directory_asks_what_somebody_holds(web: Site) -> None:
    path = f"/internal/v1/holdings/{LEAVER}"
    registered(web)

    def status(service: str) -> int:
        token = signer(web.keys, service, web.clock).sign(
            service_actor(service), audience=SERVICE.name
        )
        return web.client().get(path, headers={HEADER: token}).status_code

    assert status("directory") == 200
    assert status("ops") == 403
    assert web.client().get(path, headers=web.headers("mediator")).status_code == 403


def on_leave(site: Site, *member_ids: str, **leave: Any) -> None:
    """From the second revision on."""
    entries = [
        replace(one, **leave)
        for one in demo()
        if isinstance(one, MemberPublished) and one.id in member_ids
    ]
    site.know(*entries, revision=2)


def test_who_is_on_leave_gets_no_new_case(site: Site) -> None:
    on_leave(site, LEAVER, leave_from=date(2026, 3, 1), leave_to=date(2026, 3, 2))

    assert stored(site, registered(site)).mediator_id == SUCCESSOR

    site.clock.move(days=1)
    site.know(*(one for one in demo() if one.id == "o-001"), revision=3)
    assert stored(site, registered(site)).mediator_id == LEAVER


def test_where_everybody_is_on_leave_nobody_is_named(site: Site) -> None:
    on_leave(site, LEAVER, SUCCESSOR, leave_from=date(2026, 3, 1))

    found = stored(site, registered(site))

    assert (found.committee_id, found.mediator_id) == ("o-021", None)


def test_another_prosecutor_stands_in_for_one_on_leave(site: Site) -> None:
    on_leave(site, ON_DUTY, leave_from=date(2026, 3, 1))

    assert room(site, registered(site, **JOINT)).prosecutor_id == OTHER_PROSECUTOR


def test_a_mediation_knows_no_more_of_it_than_who_has_it(site: Site) -> None:
    case_id = registered(site)
    before = stored(site, case_id)

    site.hear(handover(case_id))

    after = stored(site, case_id)
    names = {column.name for column in Mediation.__table__.c}
    kept = sorted(names - {"mediator_id", "version"})
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
