"""When sessions are to be held, who may say so, and the week in which they stand."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from services.mediation import handlers, queries
from services.mediation.handlers import AnswerSession, ScheduleSession
from services.mediation.lifecycle import ROOM, Outcome
from services.mediation.models import MEDIATIONS, Mediation
from services.mediation.pages.timetable import timetable
from services.mediation.queries import Booked, Day
from shared.auth.actor import Viewer
from shared.errors import Forbidden, IllegalTransition, Rejected, VersionMoved
from shared.events.directory import HandoverPublished
from shared.events.mediation import SessionAnswered, SessionScheduled
from tests.mediation.site import PEOPLE, Site
from tests.mediation.test_steps import (
    HELD,
    SEALER,
    Change,
    accept,
    change,
    conclude,
    hold,
    registered,
    stored,
)

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)
JOINT = {"facts": {"joint_room_requested": "yes"}}
AT_TEN = ScheduleSession(day=TUESDAY, begins=600, minutes=90, place="committee")
FORM = {"day": "2026-03-03", "begins": "10:00", "minutes": "90", "place": "committee"}


def schedule(command: ScheduleSession = AT_TEN, **changes: Any) -> Change:
    return lambda tx, seen: handlers.schedule_session(tx, seen, replace(command, **changes))


def answer(*, comes: bool) -> Change:
    return lambda tx, seen: handlers.answer_session(tx, seen, AnswerSession(comes=comes))


def held_on(day: date) -> Change:
    return lambda tx, seen: handlers.record_session(tx, seen, replace(HELD, held_on=day), SEALER)


def accepted(site: Site, **changes: Any) -> UUID:
    """A case of the mediator's: such come to each in turn."""
    while True:
        case = registered(site, **changes)
        if stored(site, case).mediator_id == PEOPLE["mediator"].id:
            change(site, case, accept)
            return case


def week(site: Site, role: str = "mediator", monday: date = MONDAY) -> Sequence[Day]:
    with site.database.reading() as session:
        return queries.week(session, Viewer(actor=PEOPLE[role], now=site.clock()), monday).days


def booked(site: Site, role: str = "mediator") -> Sequence[Booked]:
    return [one for found in week(site, role) for one in found.booked]


def test_the_next_session_gets_a_time(site: Site) -> None:
    case = accepted(site)

    done = change(site, case, schedule())

    assert (done.state, done.version) == ("accepted", 3)
    assert site.announced(case)[-1] == SessionScheduled(
        case_id=case,
        session_no=1,
        day=TUESDAY,
        begins=600,
        minutes=90,
        place="committee",
        joint=True,
    )
    [one] = booked(site)
    assert (one.case_id, one.day, one.begins, one.ends) == (case, TUESDAY, 600, 690)
    assert not one.held
    with pytest.raises(VersionMoved):
        change(site, case, hold, version=2)


def test_another_time_takes_the_place_of_the_first(site: Site) -> None:
    case = accepted(site)
    change(site, case, schedule())
    change(site, case, schedule(begins=870))

    assert [one.begins for one in booked(site)] == [870]


def test_a_case_that_is_not_accepted_gets_no_time(site: Site) -> None:
    with pytest.raises(IllegalTransition):
        change(site, registered(site), schedule())


@pytest.mark.parametrize(
    "wrong, field",
    [
        ({"day": MONDAY, "begins": 1}, "day"),
        ({"day": date(2025, 3, 3)}, "day"),
        ({"day": date(2027, 3, 3)}, "day"),
        ({"begins": 1400}, "begins"),
    ],
)
def test_a_time_that_cannot_be_is_refused(site: Site, wrong: dict[str, Any], field: str) -> None:
    case = accepted(site)

    with pytest.raises(Rejected) as refused:
        change(site, case, schedule(**wrong))

    assert list(refused.value.fields) == [field]
    assert (booked(site), stored(site, case).version) == ([], 2)


@pytest.mark.parametrize("begins, free", [(510, True), (540, False), (660, False), (690, True)])
def test_a_mediator_is_at_one_place_at_a_time(site: Site, begins: int, free: bool) -> None:  # noqa: FBT001
    change(site, accepted(site), schedule())
    other = accepted(site)

    if free:
        change(site, other, schedule(begins=begins))
        assert len(booked(site)) == 2
    else:
        with pytest.raises(Rejected, match="Whoever mediates"):
            change(site, other, schedule(begins=begins))


def test_so_is_a_prosecutor_and_not_after_the_case_is_over(site: Site) -> None:
    first = accepted(site, **JOINT)
    change(site, first, schedule())
    other = registered(site, **JOINT)
    while (mine := stored(site, other)).mediator_id == PEOPLE["mediator"].id:
        other = registered(site, **JOINT)
    colleague = replace(PEOPLE["mediator"], id=mine.mediator_id or "")

    def do(work: Change) -> None:
        version = stored(site, other).version
        with site.database.transaction(actor=colleague) as tx:
            work(tx, handlers.Seen(case_id=other, version=version, by=colleague))

    do(accept)
    with pytest.raises(Rejected, match="The prosecutor"):
        do(schedule())

    change(site, first, conclude(Outcome.FAILED))

    do(schedule())
    assert [one.case_id for one in booked(site, "prosecutor")] == [other]


def test_the_prosecutor_of_the_room_says_whether_they_come(site: Site) -> None:
    case = accepted(site, **JOINT)
    change(site, case, schedule())
    assert [one.unanswered for one in booked(site)] == [True]
    with pytest.raises(Forbidden):
        change(site, case, answer(comes=True))

    change(site, case, answer(comes=False), by="prosecutor")

    assert [(one.unanswered, one.comes) for one in booked(site)] == [(False, False)]
    assert site.announced(case)[-1] == SessionAnswered(case_id=case, session_no=1, comes=False)


def test_nobody_answers_before_there_is_a_time(site: Site) -> None:
    case = accepted(site, **JOINT)

    with pytest.raises(Rejected, match="No session is scheduled"):
        change(site, case, answer(comes=True), by="prosecutor")


def test_another_time_or_another_prosecutor_is_asked_for_again(site: Site) -> None:
    case = accepted(site, **JOINT)
    change(site, case, schedule())
    change(site, case, answer(comes=True), by="prosecutor")

    change(site, case, schedule(begins=660))
    assert [one.unanswered for one in booked(site)] == [True]

    change(site, case, answer(comes=True), by="prosecutor")
    site.hear(
        HandoverPublished(
            id="h-1",
            kind=ROOM,
            item_id=case,
            member_id=PEOPLE["prosecutor"].id,
            successor_id="m-0043",
        )
    )
    assert [one.unanswered for one in booked(site)] == [True]


def test_a_session_that_was_held_stays_in_its_week_and_the_next_gets_its_own_time(
    site: Site,
) -> None:
    case = accepted(site)
    change(site, case, schedule())
    site.clock.move(days=1, hours=4)
    change(site, case, held_on(TUESDAY))
    change(site, case, schedule(day=date(2026, 3, 5)))

    assert [(one.day.day, one.held) for one in booked(site)] == [(3, True), (5, False)]

    change(site, case, conclude(Outcome.FAILED))

    assert [(one.day.day, one.held) for one in booked(site)] == [(3, True)]


def test_what_is_arranged_for_later_stays_when_another_session_is_recorded(site: Site) -> None:
    case = accepted(site)
    change(site, case, schedule())

    change(site, case, held_on(MONDAY))

    assert [(one.day, one.held) for one in booked(site)] == [(TUESDAY, False)]


def test_nobody_answers_for_a_session_that_is_over(site: Site) -> None:
    case = accepted(site, **JOINT)
    change(site, case, schedule())
    site.clock.move(days=2)

    with pytest.raises(Rejected, match="is over"):
        change(site, case, answer(comes=True), by="prosecutor")
    assert [(one.over, one.unanswered) for one in booked(site)] == [(True, False)]


def test_a_prosecutor_who_does_not_come_is_free(site: Site) -> None:
    first, second = accepted(site, **JOINT), accepted(site, **JOINT)
    change(site, first, schedule())
    with site.database.transaction() as tx:
        tx.execute(
            update(MEDIATIONS).where(MEDIATIONS.c.case_id == first).values(mediator_id="m-0003")
        )
    with pytest.raises(Rejected, match="The prosecutor"):
        change(site, second, schedule())

    change(site, first, answer(comes=False), by="prosecutor")

    change(site, second, schedule())


def test_a_prosecutor_who_is_kept_from_the_case_does_not_come(site: Site) -> None:
    case = accepted(site, **JOINT)
    change(site, case, schedule())
    change(site, case, answer(comes=True), by="prosecutor")

    who = PEOPLE["prosecutor"].id
    change(
        site,
        case,
        lambda tx, seen: handlers.recuse(tx, seen, handlers.Recuse(member_id=who)),
        by="pmc_director",
    )

    assert [(one.comes, one.unanswered) for one in booked(site)] == [(False, False)]


def test_a_coordinator_sees_the_rooms_without_what_they_are_about(site: Site) -> None:
    change(site, accepted(site), schedule(begins=900))
    joint = accepted(site, **JOINT)
    change(site, joint, schedule())

    coordinator = replace(PEOPLE["liaison"], roles=frozenset({"room_coordinator"}))
    with site.database.reading() as session:
        who = Viewer(actor=coordinator, now=site.clock())
        days = queries.week(session, who, MONDAY).days

    assert [(one.case_id, one.category) for day in days for one in day.booked] == [(joint, None)]


def test_a_week_is_for_those_who_have_to_do_with_its_rooms(site: Site) -> None:
    change(site, accepted(site), schedule())

    assert [len(booked(site, who)) for who in ("mediator", "pmc_director", "liaison")] == [1, 1, 1]
    assert booked(site, "prosecutor") == []
    assert [found.weekend for found in week(site)] == [False] * 5 + [True] * 2


def test_cases_without_a_time_are_those_of_ones_own_at_work(site: Site) -> None:
    timed, untimed, registered_only = accepted(site), accepted(site), registered(site)
    change(site, timed, schedule())
    with site.database.reading() as session:
        who = Viewer(actor=PEOPLE["mediator"], now=site.clock())
        found = [one.mediation.case_id for one in queries.without_time(session, who)]

    assert found == [untimed]
    assert registered_only not in found


def test_sessions_that_overlap_share_a_cell_and_evenings_make_the_day_longer(site: Site) -> None:
    change(site, accepted(site), schedule())
    [one] = booked(site)
    late = replace(one, begins=1110, minutes=60)
    also = replace(one, begins=645, minutes=60)

    rows = timetable([[one, also, late], []])

    assert (rows[0][0], rows[-1][0]) == (540, 1140)
    first = {minute: cells[0] for minute, cells in rows if cells and cells[0].day == 0}
    assert (first[600].rows, first[600].booked) == (4, (one, also))
    assert 630 not in first
    assert first[1110].booked == (late,)
    assert sum(cell.rows for cell in first.values()) == len(rows)


def send(web: Site, client: FlaskClient, case: UUID, step: str, who: str, **form: str) -> Any:
    version = str(stored_version(web, case))
    data = {"version": version, "request_key": str(uuid4()), **form}
    return client.post(f"/mediations/{case}/{step}", data=data, headers=web.headers(who))


def stored_version(web: Site, case: UUID) -> int:
    with web.database.reading() as session:
        return session.get_one(Mediation, case).version


def test_pages_lead_from_a_case_without_a_time_to_an_answer(web: Site) -> None:
    client, case = web.client(), accepted(web, **JOINT)

    def page(path: str, who: str = "mediator") -> str:
        answer = client.get(path, headers=web.headers(who))
        assert answer.status_code == 200
        return " ".join(answer.text.split())

    assert "Your cases without a time" in page("/rooms")
    ids = re.findall(r' id="([^"]+)"', page(f"/mediations/{case}"))
    assert len(ids) == len(set(ids))
    refused = send(web, client, case, "schedule-session", "mediator", **FORM | {"begins": "25:00"})
    assert refused.status_code == 422
    assert 'value="2026-03-03"' in refused.text
    assert "such as 14:30" in refused.text

    assert send(web, client, case, "schedule-session", "mediator", **FORM).status_code == 303

    assert "Tomorrow 10:00" in page("/")
    assert "10:00–11:30" in page("/rooms?day=2026-03-06")
    assert "The prosecutor has still to answer: 1." in page("/rooms", "prosecutor")
    assert "I will come" in page(f"/mediations/{case}", "prosecutor")
    assert "I will come" not in page(f"/mediations/{case}")
    assert send(web, client, case, "answer-session", "prosecutor", comes="yes").status_code == 303
    assert "the prosecutor comes" in page(f"/mediations/{case}")
    assert "Sessions: 0." in page("/rooms?day=2026-03-09")


def test_programs_read_the_week_too(web: Site) -> None:
    client, case = web.client(), accepted(web)
    body = {**FORM, "minutes": 90}
    headers = web.headers("mediator") | {"If-Match": '"2"'}
    path = f"/api/v1/mediations/{case}/schedule-session"
    assert client.post(path, json=body, headers=headers).status_code == 200

    answer = client.get("/api/v1/rooms/week?day=2026-03-04", headers=web.headers("mediator"))

    tuesday = answer.get_json()["days"][1]
    assert (tuesday["day"], tuesday["booked"][0]["begins"]) == ("2026-03-03", "10:00")
    found = client.get(f"/api/v1/mediations/{case}", headers=web.headers("mediator")).get_json()
    assert found["next_session"] == tuesday["booked"][0]
