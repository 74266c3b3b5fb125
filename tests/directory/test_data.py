"""A district's data are checked before anything of them is used; the demo district is complete."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest

from services.directory.data import AREA_LENGTHS, DEMO, District, DistrictInvalid, load_district
from shared.words import codes

WEEK = range(1, 8)
COMMUNITIES = ("350599001001", "350599001002", "350599002001")
ROLES = (
    *("mediator", "pmc_director", "liaison", "grid_worker", "judicial_office"),
    *("referral_officer", "room_coordinator", "police_liaison", "child_protection"),
    *("proc_intake", "prosecutor", "chief_prosecutor", "agency_handler", "agency_lead"),
    *("ops", "auditor"),
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
    places = {
        area for found in demo.organisations if found.kind in AREA_LENGTHS for area in found.areas
    }

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
        ("organisations.yaml", "id: o-002,", "id: o-001,", "o-001 stands there twice"),
        ("organisations.yaml", "kind: grid", "kind: lattice", "unknown kind lattice"),
        ("organisations.yaml", "[medical]", "[medicine]", "unknown category medicine"),
        ("organisations.yaml", "[eco_env]", "[eco]", "unknown duty eco"),
        ("organisations.yaml", "[eco_env]", "[food_drug]", "have the same duty for the same area"),
        ("organisations.yaml", ", duties: [eco_env]", "", "agencies, and only they, have duties"),
        ("organisations.yaml", ", categories: [medical]", "", "have categories"),
        ("organisations.yaml", "areas: ['350599001']}", "areas: []}", "has one area of 9 digits"),
        ("organisations.yaml", "kind: community, ", "kind: street, ", "has one area of 9 digits"),
        ("organisations.yaml", "areas: ['350599001001']}", "areas: ['3505']}", "o-004.*areas"),
        ("organisations.yaml", "name_en: Demo District", "name_en: ''", "o-001.*name_en"),
        ("organisations.yaml", "name_zh", "name_cn", "there is no name_cn"),
        ("organisations.yaml", "- {id: o-001", "- {id: [o-001", "organisations.yaml"),
        ("members.yaml", "roles: [mediator]", "roles: [meditator]", "unknown role meditator"),
        ("members.yaml", "organisation_id: o-021", "organisation_id: o-999", "unknown organis"),
        ("members.yaml", "areas: ['350599001001']", "areas: ['350599003001']", "unknown area"),
        ("members.yaml", "id: m-0001,", "id: 张三,", "张三.*id"),
        ("duties.yaml", "m-0042", "m-9999", "unknown member m-9999"),
        ("duties.yaml", "role: prosecutor", "role: mediator", "m-0042 is not mediator"),
        ("duties.yaml", "m-0011, area: '350599001'", "m-0011, area: '350599'", "does not serve"),
        ("duties.yaml", "weekdays: [1,", "weekdays: [0,", "d-001.*weekdays"),
    ],
)
def test_a_mistake_is_refused_and_named(
    changed: Change, file: str, old: str, new: str, reason: str
) -> None:
    folder = changed(file, old, new)

    with pytest.raises(DistrictInvalid, match=reason):
        load_district(folder)


def test_all_mistakes_are_named_at_once(changed: Change) -> None:
    folder = changed("members.yaml", "roles: [mediator]", "roles: [meditator, stranger]")

    with pytest.raises(DistrictInvalid, match=r"meditator.*stranger"):
        load_district(folder)
