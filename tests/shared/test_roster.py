"""Who serves an area: the nearest first, and who is on duty."""

from dataclasses import replace
from datetime import date

import pytest

from shared.events.directory import Responsibility
from shared.events.roster import Roster
from tests.district import directory, duty, member, organisation

DISTRICT, STREET, COMMUNITY = "350599", "350599001", "350599001001"
MONDAY = date(2026, 3, 2)
TWO = (
    member("a", "prosecutor", "office", DISTRICT),
    member("b", "prosecutor", "office", DISTRICT),
)


def test_the_nearest_organisations_are_those_of_the_smallest_area() -> None:
    roster = Roster(
        directory(
            organisation("district", "agency", DISTRICT),
            organisation("street-2", "agency", STREET),
            organisation("street-1", "agency", STREET, duties=("eco_env",)),
            organisation("committee", "community_committee", COMMUNITY),
        )
    )

    assert [one.id for one in roster.nearest("agency", COMMUNITY)] == ["street-1", "street-2"]
    assert [one.id for one in roster.nearest("agency", "350599002001")] == ["district"]
    assert roster.nearest("agency", "999999001001") == []


def test_an_organisation_that_does_not_suit_lets_a_wider_one_come_in() -> None:
    roster = Roster(
        directory(
            organisation("near", "agency", COMMUNITY),
            organisation("far", "agency", DISTRICT, duties=("eco_env",)),
        )
    )

    found = roster.nearest("agency", COMMUNITY, lambda agency: "eco_env" in agency.duties)

    assert [one.id for one in found] == ["far"]


def test_a_grid_is_served_by_whoever_serves_its_community() -> None:
    roster = Roster(directory(member("a", "mediator", "committee", COMMUNITY)))

    assert [one.id for one in roster.members("mediator", COMMUNITY + "003")] == ["a"]
    assert list(roster.members("mediator", STREET)) == []


@pytest.mark.parametrize(
    "day, expected",
    [
        (MONDAY, "a"),
        (date(2026, 3, 3), "b"),
        (date(2026, 3, 4), "a"),  # nobody's day: whoever comes next
        (date(2027, 3, 2), "a"),  # the rota has ended: anybody who may
    ],
)
def test_the_one_on_duty_is_found_by_the_day_of_the_week(day: date, expected: str) -> None:
    until = date(2026, 12, 31)
    rota = (
        duty("d1", "prosecutor", "a", DISTRICT, 1, valid_to=until),
        duty("d2", "prosecutor", "b", DISTRICT, 2, valid_to=until),
    )

    found = Roster(directory(*TWO, *rota)).on_duty("prosecutor", COMMUNITY, day)

    assert found is not None
    assert found.id == expected


def test_a_nearer_duty_goes_before_a_wider_one() -> None:
    rota = (duty("d1", "prosecutor", "a", DISTRICT), duty("d2", "prosecutor", "b", STREET))

    found = Roster(directory(*TWO, *rota)).on_duty("prosecutor", COMMUNITY, MONDAY)

    assert found == TWO[1]


def test_a_duty_counts_from_its_first_day() -> None:
    rota = (
        duty("d1", "prosecutor", "b", DISTRICT, valid_from=date(2026, 3, 3)),
        duty("d2", "prosecutor", "a", DISTRICT, 1),
    )

    roster = Roster(directory(*TWO, *rota))

    assert roster.on_duty("prosecutor", COMMUNITY, MONDAY) == TWO[0]
    assert roster.on_duty("prosecutor", COMMUNITY, date(2026, 3, 9)) == TWO[1]


def test_whoever_has_left_is_not_on_duty() -> None:
    left = member("a", "prosecutor", "office", DISTRICT, active=False)
    rota = (duty("d1", "prosecutor", "a", DISTRICT, 1), duty("d2", "prosecutor", "b", DISTRICT, 2))

    found = Roster(directory(left, TWO[1], *rota)).on_duty("prosecutor", COMMUNITY, MONDAY)

    assert found == TWO[1]


def test_nobody_is_on_duty_where_nobody_has_the_role() -> None:
    assert Roster(directory()).on_duty("prosecutor", COMMUNITY, MONDAY) is None


def test_who_is_on_leave_is_passed_over_on_those_days_only() -> None:
    away = replace(TWO[0], leave_from=MONDAY, leave_to=date(2026, 3, 3))
    roster = Roster(directory(away, TWO[1]))

    assert [one.id for one in roster.members("prosecutor", COMMUNITY)] == ["a", "b"]
    assert [one.id for one in roster.members("prosecutor", COMMUNITY, MONDAY)] == ["b"]
    assert [one.id for one in roster.staff("office", "prosecutor", STREET, MONDAY)] == ["b"]
    assert next(roster.members("prosecutor", COMMUNITY, date(2026, 3, 4))).id == "a"


def test_another_is_on_duty_for_somebody_on_leave_if_there_is_anybody() -> None:
    away = replace(TWO[0], leave_from=MONDAY)
    rota = duty("d1", "prosecutor", "a", DISTRICT)

    both = Roster(directory(away, TWO[1], rota)).on_duty("prosecutor", COMMUNITY, MONDAY)
    alone = Roster(directory(away, rota)).on_duty("prosecutor", COMMUNITY, MONDAY)

    assert both is not None
    assert alone is not None
    assert (both.id, alone.id) == ("b", "a")


def test_an_agency_is_responsible_on_the_days_it_has_the_duty() -> None:
    until = Responsibility(duty="eco_env", area=DISTRICT, valid_to=MONDAY)
    since = Responsibility(duty="eco_env", area=STREET, valid_from=date(2026, 3, 3))
    agencies = (
        organisation("far", "agency", DISTRICT, duties=("eco_env",)),
        organisation("near", "agency", STREET, duties=("eco_env",)),
    )
    roster = Roster(
        directory(
            replace(agencies[0], responsibilities=(until,)),
            replace(agencies[1], responsibilities=(since,)),
        )
    )

    assert [one.id for one in roster.responsible("eco_env", COMMUNITY, MONDAY)] == ["far"]
    later = roster.responsible("eco_env", COMMUNITY, date(2026, 3, 3))
    assert [one.id for one in later] == ["near"]
    assert roster.responsible("eco_env", "350599002", date(2026, 3, 3)) == []


def test_an_agency_whose_days_are_not_told_is_always_responsible() -> None:
    roster = Roster(directory(organisation("a", "agency", DISTRICT, duties=("eco_env",))))

    assert [one.id for one in roster.responsible("eco_env", COMMUNITY, date.min)] == ["a"]
    assert roster.responsible("food_drug", COMMUNITY, MONDAY) == []
