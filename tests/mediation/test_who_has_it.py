"""Who takes a routed dispute: committee, mediator, prosecutor on duty."""

from datetime import date

import pytest

from services.mediation.routing import Route, committee_for, mediator_for, prosecutor_for
from shared.events.roster import Roster
from tests.district import directory, duty, member, organisation

STREET, COMMUNITY, OTHER = "350599001", "350599001001", "350599001002"
MONDAY = date(2026, 3, 2)

COMMITTEES = (
    organisation("community", "community_committee", COMMUNITY),
    organisation("street", "street_committee", STREET),
    organisation("medical", "special_committee", "350599", categories=("medical",)),
)


@pytest.mark.parametrize(
    "route, area, category, expected",
    [
        (Route.ORDINARY_MEDIATION, COMMUNITY, "neighbour.pets", "community"),
        (Route.ORDINARY_MEDIATION, OTHER, "neighbour.pets", "street"),
        (Route.JOINT_ROOM, COMMUNITY, "neighbour.pets", "community"),
        (Route.JOINT_ROOM, OTHER, "neighbour.pets", "street"),
        (Route.STREET_MEDIATION, COMMUNITY, "neighbour.pets", "street"),
        (Route.SPECIAL_COMMITTEE, COMMUNITY, "medical.any", "medical"),
        (Route.NOT_ACCEPTED, COMMUNITY, "neighbour.pets", "community"),
        (Route.POLICE_IMMEDIATE, OTHER, "neighbour.pets", "street"),
        (Route.NOT_ACCEPTED, "999999001001", "neighbour.pets", None),
    ],
)
def test_a_committee_is_found_by_route_area_and_category(
    route: Route, area: str, category: str, expected: str | None
) -> None:
    found = committee_for(Roster(directory(*COMMITTEES)), route, area, category)

    assert (found.id if found else None) == expected


def test_a_community_mediates_for_the_street_where_the_street_has_no_committee() -> None:
    found = committee_for(Roster(directory(COMMITTEES[0])), Route.STREET_MEDIATION, COMMUNITY)

    assert found == COMMITTEES[0]


def test_a_closed_committee_serves_nobody() -> None:
    closed = organisation("community", "community_committee", COMMUNITY, active=False)

    assert committee_for(Roster(directory(closed)), Route.ORDINARY_MEDIATION, COMMUNITY) is None


def test_the_mediator_with_the_fewest_cases_gets_the_next() -> None:
    roster = Roster(
        directory(
            COMMITTEES[0],
            member("a", "mediator", "community", COMMUNITY),
            member("b", "mediator", "community", COMMUNITY),
            member("c", "mediator", "community", COMMUNITY, active=False),
            member("d", "pmc_director", "community", COMMUNITY),
            member("e", "mediator", "community", OTHER),
            member("f", "mediator", "street", COMMUNITY),
        )
    )

    def chosen(**loads: int) -> str | None:
        found = mediator_for(roster, COMMITTEES[0], COMMUNITY, loads)
        return found.id if found else None

    assert chosen() == "a"
    assert chosen(a=1) == "b"
    assert chosen(a=2, b=2) == "a"
    assert chosen(a=2, b=1, c=0) == "b"


def test_a_committee_without_a_mediator_names_none() -> None:
    assert mediator_for(Roster(directory(*COMMITTEES)), COMMITTEES[0], COMMUNITY, {}) is None


def test_a_room_gets_the_prosecutor_on_duty() -> None:
    roster = Roster(
        directory(
            member("monday", "prosecutor", "procuratorate", "350599"),
            member("tuesday", "prosecutor", "procuratorate", "350599"),
            duty("d1", "prosecutor", "monday", "350599", 1),
            duty("d2", "prosecutor", "tuesday", "350599", 2),
        )
    )

    found = [prosecutor_for(roster, COMMUNITY, day) for day in (MONDAY, date(2026, 3, 3))]

    assert [one.id for one in found if one] == ["monday", "tuesday"]
