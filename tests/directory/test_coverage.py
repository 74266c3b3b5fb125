"""What nobody could do is found before it happens, and told for the widest places."""

from dataclasses import replace
from datetime import date

import pytest

from services.directory.data import District, Gap, caused, gaps
from services.directory.data.roles import role_table
from shared.events.directory import Responsibility
from shared.words import codes

DAY = date(2026, 3, 2)
STREET_1, DISTRICT = "350599001", "350599"


def without(demo: District, *ids: str) -> tuple[Gap, ...]:
    """What nobody can do without these members, and their places on the rota."""
    turns = [duty.id for duty in demo.duties if duty.member_id in ids]
    return caused(demo, demo.without([*ids, *turns]), DAY)


def told(found: tuple[Gap, ...]) -> list[tuple[str, str, str]]:
    return [(gap.kind, gap.code, gap.area) for gap in found]


def test_every_kind_of_organisation_says_which_roles_go_with_it() -> None:
    assert set(role_table()) == set(codes("organisation_kind"))
    for found in role_table().values():
        assert set(found.may) <= set(codes("role"))
        assert {*found.own, *found.anybody} <= set(found.may)


def test_nothing_is_left_undone_in_the_demo_district(demo: District) -> None:
    assert gaps(demo, DAY) == ()


@pytest.mark.parametrize(
    "gone, expected",
    [
        (("m-0002",), []),
        (("m-0002", "m-0003"), [("role", "mediator", "350599001001")]),
        (("m-0001",), [("role", "pmc_director", "350599001001")]),
        (("m-0017", "m-0018"), [("category", "medical", DISTRICT)]),
        (("m-0031",), [("role", "referral_officer", STREET_1)]),
        (("m-0038",), [("role", "police_liaison", STREET_1), ("rota", "police_liaison", STREET_1)]),
        (("m-0046",), [("duty", "eco_env", DISTRICT)]),
        (("m-0072",), [("duty", "other_public_safety", STREET_1)]),
        (("m-0042",), []),
        (("m-0076",), []),
        (("m-0076", "m-0077"), [("role", "org_admin", DISTRICT)]),
    ],
)
def test_what_only_these_could_do_is_named(
    demo: District, gone: tuple[str, ...], expected: list[tuple[str, str, str]]
) -> None:
    assert told(without(demo, *gone)) == expected


def test_where_it_is_so_everywhere_the_district_alone_is_named(demo: District) -> None:
    assert told(without(demo, "m-0031", "m-0032")) == [("role", "referral_officer", DISTRICT)]


def test_who_is_on_leave_is_not_there_on_that_day(demo: District) -> None:
    [officer] = [one for one in demo.members if one.id == "m-0031"]
    away = replace(officer, leave_from=date(2026, 3, 10), leave_to=date(2026, 3, 12))
    after = demo.with_entries([away])

    assert caused(demo, after, date(2026, 3, 9)) == ()
    assert told(caused(demo, after, date(2026, 3, 11))) == [("role", "referral_officer", STREET_1)]
    assert caused(demo, after, date(2026, 3, 13)) == ()


def test_a_duty_that_has_ended_needs_nobody(demo: District) -> None:
    [agency] = [one for one in demo.organisations if one.id == "o-041"]
    ended = Responsibility(duty="eco_env", area=DISTRICT, valid_to=date(2026, 3, 1))
    district = demo.with_entries([replace(agency, responsibilities=(ended,))])

    assert without(district, "m-0046") == ()


def test_another_who_serves_a_wider_area_fills_a_gap(demo: District) -> None:
    [officer] = [one for one in demo.members if one.id == "m-0032"]
    wider = replace(officer, organisation_id="o-001", areas=(DISTRICT,))

    assert without(demo.with_entries([wider]), "m-0031") == ()


def test_a_gap_that_was_there_before_is_not_blamed_on_a_change(demo: District) -> None:
    lacking = demo.without(["m-0031"])

    assert told(gaps(lacking, DAY)) == [("role", "referral_officer", STREET_1)]
    assert caused(lacking, lacking.without(["m-0002"]), DAY) == ()
