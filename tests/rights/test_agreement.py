"""A case is in somebody's list exactly if they can look at it, whatever they are to it."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from services.mediation import queries
from services.mediation.models import MEDIATIONS, OPENINGS, RECUSALS, ROOMS
from services.mediation.policy import POLICY, READ
from services.mediation.queries import Filters
from services.mediation.relations import load
from services.referral import queries as referral
from services.referral.models import LEADS, OPENED, REVIEWS
from services.referral.queries import LeadFilters
from services.referral.relations import load_lead
from shared.auth.actor import Actor, Viewer
from shared.auth.relations import Relation
from shared.errors import NotFound
from tests.mediation import site as mediation_site
from tests.mediation.site import FILED
from tests.referral import site as referral_site
from tests.rights.expected import ROLES

AREAS = ("350599001001", "350599001002", "350599002001")
WIDER = (*AREAS, "350599001", "350599", "350598", "350599001001003")
MEMBERS, ORGANISATIONS = ("m-1", "m-2", "m-3"), ("o-1", "o-2")
STATES = ("consent_pending", "in_mediation", "closed", "safety_hold")
MANY = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

actors = st.builds(
    Actor,
    id=st.sampled_from(MEMBERS),
    roles=st.frozensets(st.sampled_from(ROLES), min_size=1, max_size=2),
    areas=st.lists(st.sampled_from(WIDER), max_size=2, unique=True).map(tuple),
    organisation_id=st.sampled_from((None, *ORGANISATIONS)),
)
rooms = st.none() | st.tuples(st.sampled_from(MEMBERS), st.booleans())
mediations = st.fixed_dictionaries(
    {
        "area": st.sampled_from(AREAS),
        "committee_id": st.sampled_from((None, *ORGANISATIONS)),
        "mediator_id": st.sampled_from((None, *MEMBERS)),
        "state": st.sampled_from(STATES),
        "room": rooms,
        "recused": st.sets(st.sampled_from(MEMBERS), max_size=1),
        "opened": st.dictionaries(st.sampled_from(MEMBERS), st.integers(-40, 40), max_size=1),
    }
)
leads = st.fixed_dictionaries(
    {
        "area": st.sampled_from(AREAS),
        "reviews": st.lists(
            st.tuples(st.sampled_from(MEMBERS), st.sampled_from(ORGANISATIONS)), max_size=2
        ),
        "opened": st.dictionaries(st.sampled_from(MEMBERS), st.integers(-40, 40), max_size=1),
    }
)
Case = dict[str, Any]


@pytest.fixture(scope="module")
def mediation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[mediation_site.Site]:
    home: Path = tmp_path_factory.mktemp("mediation")
    with mediation_site.open_site(f"sqlite:///{home / 'mediation.sqlite'}", home) as found:
        yield found


@pytest.fixture(scope="module")
def leads_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[referral_site.Site]:
    home: Path = tmp_path_factory.mktemp("referral")
    url = f"sqlite:///{home / 'referral.sqlite'}"
    referral_site.prepare(url, home)
    with referral_site.open_site(url, home) as found:
        yield found


@MANY
@given(cases=st.lists(mediations, max_size=8), actor=actors)
def test_a_mediation_is_listed_and_counted_exactly_if_it_can_be_read(
    mediation: mediation_site.Site, cases: list[Case], actor: Actor
) -> None:
    _wipe(mediation)
    known = {_store(mediation, case): case for case in cases}
    viewer = Viewer(actor=actor, now=FILED)
    with mediation.database.reading() as session:
        rows = queries.mediations(session, viewer, Filters(limit=50))
        counts = queries.counts(session, viewer, Filters())
        readable = {
            case for case in known if _reads(lambda case: load(session, viewer, READ, case), case)
        }
    listed = [row.mediation.case_id for row in rows]

    assert sorted(listed) == sorted(readable)
    assert sum(counts.values()) == len(readable)
    assert readable == {
        case
        for case, of in known.items()
        if POLICY.decide(actor, READ, _relations(actor, of)).allow
    }


@MANY
@given(found=st.lists(leads, max_size=8), actor=actors, area=st.sampled_from((None, *WIDER[:4])))
def test_a_lead_is_listed_and_counted_exactly_if_it_can_be_read(
    leads_site: referral_site.Site, found: list[Case], actor: Actor, area: str | None
) -> None:
    with leads_site.database.transaction() as tx:
        for table in (LEADS, REVIEWS, OPENED):
            tx.execute(delete(table))
    known = {_store_lead(leads_site, lead): lead for lead in found}
    viewer = Viewer(actor=actor, now=FILED)
    wanted = LeadFilters(area=area, limit=50)
    with leads_site.database.reading() as session:
        listed = [row.lead_id for row in referral.leads(session, viewer, wanted)]
        counts = referral.counts(session, viewer, wanted)
        readable = {
            lead
            for lead, of in known.items()
            if of["area"].startswith(area or "")
            and _reads(partial(load_lead, session, viewer, "lead.read"), lead)
        }

    assert sorted(listed) == sorted(readable)
    assert sum(counts.values()) == len(readable)


def _reads(load_one: Any, case: UUID) -> bool:
    try:
        load_one(case)
    except NotFound:
        return False
    return True


def _relations(actor: Actor, case: Case) -> frozenset[Relation]:
    """By plain comparison, as an officer would find out who is who."""
    theirs = actor.organisation_id is not None and case["committee_id"] == actor.organisation_id
    vacant = case["mediator_id"] is None and case["state"] == "consent_pending"
    room = case["room"]
    in_room = room is not None and room[0] == actor.id
    holds = {
        Relation.HOLDER: case["mediator_id"] == actor.id,
        Relation.OFFERED: theirs and vacant,
        Relation.COMMITTEE: theirs,
        Relation.AREA: any(case["area"].startswith(area) for area in actor.areas),
        Relation.ROOM: in_room and not room[1],
        Relation.ROOM_ENDED: in_room and room[1],
        Relation.OPENED: case["opened"].get(actor.id, -30) > -30,
        Relation.RECUSED: actor.id in case["recused"],
    }
    return frozenset(relation for relation, true in holds.items() if true)


def _wipe(site: mediation_site.Site) -> None:
    with site.database.transaction() as tx:
        for table in (MEDIATIONS, ROOMS, RECUSALS, OPENINGS):
            tx.execute(delete(table))


def _store(site: mediation_site.Site, case: Case) -> UUID:
    case_id = uuid4()
    row = {
        **{name: case[name] for name in ("area", "committee_id", "mediator_id", "state")},
        "case_id": case_id,
        "number": "1",
        "category": "other",
        "origin": "application",
        "filed_at": FILED,
        "route": "ordinary_mediation",
        "since": FILED,
        "sessions": 0,
        "safety_hold": False,
        "consent_refused": False,
        "version": 1,
    }
    with site.database.transaction() as tx:
        tx.execute(insert(MEDIATIONS), row)
        if case["room"] is not None:
            prosecutor, ended = case["room"]
            room = {"room_id": uuid4(), "case_id": case_id, "mediator_id": "m-9"}
            opened = {"prosecutor_id": prosecutor, "opened_at": FILED}
            tx.execute(insert(ROOMS), room | opened | {"closed_at": FILED if ended else None})
        for member in case["recused"]:
            by = {"case_id": case_id, "member_id": member, "at": FILED, "by": "m-9"}
            tx.execute(insert(RECUSALS), by)
        for member, minutes in case["opened"].items():
            tx.execute(insert(OPENINGS), _opening(case_id, member, minutes))
    return case_id


def _store_lead(site: referral_site.Site, lead: Case) -> UUID:
    lead_id = uuid4()
    row = {
        "lead_id": lead_id,
        "number": "1",
        "origin": "application",
        "area": lead["area"],
        "route": "agency",
        "rule": "L1",
        "urgent": False,
        "state": "screening",
        "registered_at": FILED,
        "changed_at": FILED,
        "version": 1,
    }
    with site.database.transaction() as tx:
        tx.execute(insert(LEADS), row)
        for member, procuratorate in lead["reviews"]:
            review = {"review_id": uuid4(), "lead_id": lead_id, "member_id": member}
            more = {"procuratorate_id": procuratorate, "state": "closed", "opened_at": FILED}
            tx.execute(insert(REVIEWS), review | more | {"version": 1})
        for member, minutes in lead["opened"].items():
            tx.execute(insert(OPENED), _opening(lead_id, member, minutes))
    return lead_id


def _opening(case_id: UUID, member: str, minutes: int) -> dict[str, object]:
    """From so many minutes from now, for half an hour."""
    begun = FILED + timedelta(minutes=minutes)
    return {
        "opening_id": uuid4(),
        "case_id": case_id,
        "member_id": member,
        "role": "x",
        "kind": "reason",
        "reason_code": "safety",
        "reason": b"",
        "opened_at": begun,
        "until": begun + timedelta(minutes=30),
    }
