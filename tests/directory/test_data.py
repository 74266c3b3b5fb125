"""A district's data are checked before anything of them is used; the demo district is complete."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest

from services.directory.data import DEMO, PLACES, District, DistrictInvalid, load_district
from shared.words import codes

WEEK = range(1, 8)
COMMUNITIES = ("350599001001", "350599001002", "350599002001")
ROLES = (
    *("mediator", "pmc_director", "liaison", "grid_worker", "judicial_office"),
    *("referral_officer", "room_coordinator", "police_liaison", "child_protection"),
    *("proc_intake", "prosecutor", "chief_prosecutor", "agency_handler", "agency_lead"),
    *("ops", "auditor", "org_admin"),
)

Change = Callable[[str, str, str], Path]


def serves(areas: tuple[str, ...], area: str) -> bool:
    return any(area.startswith(wider) for wider in areas)


@pytest.mark.parametrize("community", COMMUNITIES)
@pytest.mark.parametrize("duty", codes("duty"))
def test_every_duty_has_exactly_one_agency_everywhere(
    demo: District, duty: str, community: str
) -> None:
    responsible = [
        found
        for found in demo.organisations
        if duty in found.duties and serves(found.areas, community)
    ]

    assert len(responsible) == 1


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_somebody(demo: District, role: str) -> None:
    assert [member for member in demo.members if role in member.roles]


@pytest.mark.parametrize("community", COMMUNITIES)
@pytest.mark.parametrize("role", ["prosecutor", "mediator"])
def test_every_day_of_the_week_one_is_on_duty(demo: District, role: str, community: str) -> None:
    days = [
        day
        for duty in demo.duties
        if duty.role == role and community.startswith(duty.area)
        for day in duty.weekdays
    ]

    assert sorted(days) == list(WEEK)


def test_every_committee_has_a_director_and_two_mediators(demo: District) -> None:
    committees = [found for found in demo.organisations if found.kind.endswith("_committee")]

    assert len(committees) == len(COMMUNITIES) + 2 + 1
    for committee in committees:
        staff = [member for member in demo.members if member.organisation_id == committee.id]
        assert sorted(role for member in staff for role in member.roles) == [
            "mediator",
            "mediator",
            "pmc_director",
        ]


def test_every_agency_has_a_handler_and_a_lead(demo: District) -> None:
    for agency in (found for found in demo.organisations if found.kind == "agency"):
        staff = [member for member in demo.members if member.organisation_id == agency.id]
        assert sorted(role for member in staff for role in member.roles) == [
            "agency_handler",
            "agency_lead",
        ]


def test_every_area_has_a_name(demo: District) -> None:
    places = {area for found in demo.organisations if found.kind in PLACES for area in found.areas}

    assert {"350599", "350599001", "350599002", *COMMUNITIES} <= places
    assert "350599001001003" in places


def test_all_ids_are_opaque(demo: District) -> None:
    assert all(entry.id[1] == "-" and entry.id[2:].isdigit() for entry in demo.entries())


@pytest.fixture
def changed(tmp_path: Path) -> Change:
    """The demo district with one text replaced by another, once."""

    def change(file: str, old: str, new: str) -> Path:
        folder = Path(copytree(DEMO, tmp_path / "district"))
        text = (folder / file).read_text("utf-8")
        assert old in text
        (folder / file).write_text(text.replace(old, new, 1), "utf-8")
        return folder

    return change


@pytest.mark.parametrize(
    "file, old, new, reason",
    [
        ("organisations.csv", "\no-002,", "\no-001,", "o-001: id: This id stands there twice"),
        ("organisations.csv", ",grid,", ",lattice,", "There is no kind lattice"),
        ("organisations.csv", ",medical,", ",medicine,", "There is no category medicine"),
        ("organisations.csv", ",eco_env", ",eco", "There is no duty eco"),
        ("organisations.csv", ",eco_env", ",food_drug", "has the same duty for the same area"),
        ("organisations.csv", ",,eco_env", ",,", "Agencies, and only they, have duties"),
        ("organisations.csv", ",medical,", ",,", "have categories"),
        ("organisations.csv", "o-001,350599001,", "o-001,,", "exactly one area, of 9 digits"),
        ("organisations.csv", ",community,", ",street,", "exactly one area, of 9 digits"),
        ("organisations.csv", "o-003,350599002001,", "o-003,3505,", "line 7: areas"),
        ("organisations.csv", ",Demo District,", ",,", "line 2: name_en"),
        ("organisations.csv", "name_zh", "name_cn", "There is no column name_cn"),
        ("organisations.csv", "\no-002", '\n"o-002"x', "is no CSV"),
        ("organisations.csv", "Street 1,o-001,", "Street 1,,", "Say what it is below"),
        ("organisations.csv", "Street 1,o-001,", "Street 1,o-999,", "no organisation o-999"),
        ("organisations.csv", "Street 1,o-001,", "Street 1,o-004,", "cannot be below this one"),
        ("organisations.csv", "Grid 1-1,o-004,", "Grid 1-1,o-005,", "does not lie in the place"),
        ("members.csv", ",mediator,", ",meditator,", "There is no role meditator"),
        ("members.csv", ",mediator,", ",prosecutor,", "has nobody as prosecutor"),
        ("members.csv", ",o-021,", ",o-999,", "There is no organisation o-999"),
        ("members.csv", ",350599001001,", ",350599003001,", "There is no area 350599003001"),
        ("members.csv", ",350599001001,", ",350599001002,", "does not serve 350599001002"),
        ("members.csv", ",,\nm-0002", ",2026-05-02,2026-05-01\nm-0002", "before the first"),
        ("members.csv", ",,\nm-0002", ",,2026-05-01\nm-0002", "Say when the leave begins"),
        ("members.csv", "\nm-0001,", "\n张三,", "line 2: id"),
        ("rota.csv", "m-0042", "m-9999", "There is no member m-9999"),
        ("rota.csv", ",prosecutor,", ",mediator,", "m-0042 does not have this role"),
        ("rota.csv", "m-0011,350599001,", "m-0011,350599,", "m-0011 does not serve this area"),
        ("rota.csv", ",1 3", ",0 3", "line 2: weekdays"),
    ],
)
def test_a_mistake_is_refused_and_named(
    changed: Change, file: str, old: str, new: str, reason: str
) -> None:
    folder = changed(file, old, new)

    with pytest.raises(DistrictInvalid, match=reason):
        load_district(folder)


def test_all_mistakes_are_named_at_once(changed: Change) -> None:
    folder = changed("members.csv", ",mediator,", ",meditator stranger,")

    with pytest.raises(DistrictInvalid, match=r"meditator.*stranger"):
        load_district(folder)
