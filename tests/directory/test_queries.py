"""What can be asked of the directory."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy.orm import Session

from services.directory import queries
from services.directory.data import District
from services.directory.handlers import publish_district
from shared.db.database import Database
from shared.errors import NotFound

COMMUNITY = "350599001001"
GRID = "350599001001003"


@pytest.fixture
def session(database: Database, demo: District) -> Iterator[Session]:
    with database.transaction() as tx:
        publish_district(tx, demo)
    with ExitStack() as stack:
        yield stack.enter_context(database.reading())


def test_organisations_of_one_kind(session: Session) -> None:
    found = queries.organisations(session, kind="special_committee")

    assert [(one.name_zh, one.categories) for one in found] == [
        ("示范区医疗纠纷调委会", ("medical",))
    ]


@pytest.mark.parametrize("area", [COMMUNITY, GRID])
def test_committees_that_serve_an_area_also_serve_what_lies_in_it(
    session: Session, area: str
) -> None:
    found = {one.kind for one in queries.organisations(session, area=area, limit=200)}

    assert {"community_committee", "street_committee", "special_committee"} <= found
    assert ("grid" in found) == (area == GRID)


@pytest.mark.parametrize(
    "area, agency_id",
    [(COMMUNITY, "o-054"), ("350599002001", "o-055")],
)
def test_the_agency_that_has_a_duty_depends_on_the_area(
    session: Session, area: str, agency_id: str
) -> None:
    [agency] = queries.organisations(session, kind="agency", duty="other_public_safety", area=area)

    assert agency.id == agency_id


def test_members_by_role_area_and_organisation(session: Session) -> None:
    in_community = queries.members(session, role="mediator", area=COMMUNITY)
    of_committee = queries.members(session, role="mediator", organisation_id="o-021")

    assert {member.organisation_id for member in in_community} == {"o-021", "o-024", "o-026"}
    assert [member.name_zh for member in of_committee] == ["调解员甲一", "调解员甲二"]


def test_pages_follow_each_other_without_gap_or_repeat(session: Session) -> None:
    everybody = [member.id for member in queries.members(session, limit=200)]
    pages: list[str] = []
    while page := queries.members(session, after=pages[-1] if pages else None, limit=7):
        pages += [member.id for member in page]

    assert pages == everybody == sorted(everybody)


@pytest.mark.parametrize(
    "role, area, name",
    [
        ("mediator", COMMUNITY, "调解员甲一"),
        ("mediator", GRID, "调解员甲一"),
        ("mediator", "350599001", "调解员丁一"),
        ("referral_officer", COMMUNITY, "流转员一"),
        ("grid_worker", COMMUNITY, "网格员甲一"),
        ("grid_worker", "350599", "网格员甲一"),
        ("proc_intake", COMMUNITY, "收案员"),
        ("ops", "350599", "运维员"),
    ],
)
def test_a_demo_member_is_the_one_nearest_to_the_area(
    session: Session, role: str, area: str, name: str
) -> None:
    assert queries.demo_member(session, role, area).name_zh == name


@pytest.mark.parametrize("role, area", [("mediator", "110101"), ("stranger", "350599")])
def test_there_is_not_a_demo_member_for_everything(session: Session, role: str, area: str) -> None:
    with pytest.raises(NotFound):
        queries.demo_member(session, role, area)
