"""An administrator's day, by pages alone: import people, invite one, and let one leave."""

import re
from typing import Any

import httpx

from shared.auth.actor import Actor
from tests.e2e.filing import file
from tests.eventually import eventually
from tests.holders import api_token
from tests.running import Running

ADMINISTRATOR = Actor(
    id="m-0076", roles=frozenset({"org_admin"}), areas=("350599",), organisation_id="o-001"
)
PEOPLE = """id,name_zh,name_en,organisation_id,roles,areas
m-0911,调解员甲三,Mediator A-3,o-021,mediator,350599001001
"""
INVITED = {
    "name_zh": "调解员甲四",
    "name_en": "Mediator A-4",
    "roles[]": "mediator",
    "areas[]": "350599001001",
}
SECONDS = 60


def administrator(system: Running) -> httpx.Client:
    token = api_token(system.seen_settings, ADMINISTRATOR)
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
    return httpx.Client(base_url=f"{system.url}/directory", headers=headers, timeout=20)


def import_people(admin: httpx.Client) -> None:
    """Look at the table first, then have done what was looked at."""
    looked = admin.post(
        "/import", data={"table": "members"}, files={"file": ("people.csv", PEOPLE, "text/csv")}
    )
    assert looked.status_code == httpx.codes.OK, looked.text
    assert "New: 1" in looked.text
    sent = {"table": "members", "seen": hidden(looked, "seen"), "text": PEOPLE}
    done = admin.post("/import", data=sent, files={"none": ("", b"")})
    assert "Done: 1 new" in done.text, done.text


def invite(admin: httpx.Client) -> str:
    """The id of the new member."""
    made = admin.post("/members/new?organisation=o-021", data=INVITED)
    assert made.status_code == httpx.codes.SEE_OTHER, made.text
    return str(made.headers["Location"]).rpartition("/")[2]


def open_account(admin: httpx.Client, member_id: str) -> tuple[str, str]:
    """The login of the new member, and the first password."""
    login = f"new-{member_id}"
    opened = admin.post(f"/members/{member_id}/account", data={"login": login})
    found = re.search(r'class="secret">([^<]+)<', opened.text)
    assert found is not None, opened.text
    return login, found[1]


def signs_in(system: Running, given: tuple[str, str]) -> None:
    """And chooses a password, without which there is nothing to see."""
    login, first = given
    own = "a password of one's very own"
    with httpx.Client(base_url=f"{system.url}/directory", timeout=20) as browser:
        browser.post("/sign-in", data={"login": login, "password": first})
        assert browser.get("/account").status_code == httpx.codes.FORBIDDEN
        chosen = {"password": first, "new_password": own, "again": own}
        home = browser.post("/account/password", data=chosen)
        assert home.headers["Location"] == "/mediation/", home.text
        assert browser.get("/account").status_code == httpx.codes.OK


def file_and_find_mediator(system: Running) -> tuple[str, str]:
    """A case, and who mediates it."""
    with system.client() as anyone, system.client("judicial_office") as reader:
        case_id: str = file(anyone).json()["case_id"]
        mediator = eventually(lambda: mediator_of(reader, case_id), SECONDS)
    assert mediator is not None
    return case_id, mediator


def mediator_of(reader: httpx.Client, case_id: str) -> str | None:
    found = reader.get(f"/mediation/api/v1/mediations/{case_id}")
    mediator: Any = found.json()["mediator"] if found.status_code == httpx.codes.OK else None
    return str(mediator["id"]) if mediator else None


def let_leave(system: Running, admin: httpx.Client, leaver: str, case_id: str) -> str:
    """Who has the case afterwards."""
    path = f"/members/{leaver}"
    page = admin.get(f"{path}/leaving")
    begun = admin.post(f"{path}/leaving", data={"version": hidden(page, "version")})
    assert begun.status_code == httpx.codes.SEE_OTHER, begun.text
    page = admin.get(f"{path}/leaving")
    assert case_id in page.text
    handed = admin.post(f"{path}/hand-over", data=proposed(page))
    assert handed.status_code == httpx.codes.SEE_OTHER, handed.text
    eventually(lambda: case_id not in admin.get(f"{path}/leaving").text, SECONDS)
    page = admin.get(f"{path}/leaving")
    gone = admin.post(f"{path}/deactivate", data={"version": hidden(page, "version")})
    assert gone.status_code == httpx.codes.SEE_OTHER, gone.text
    assert admin.get(path).status_code == httpx.codes.NOT_FOUND
    with system.client("judicial_office") as reader:
        return mediator_of(reader, case_id) or ""


def proposed(page: httpx.Response) -> dict[str, str]:
    """What the page would send if its proposals are taken as they are."""
    fields = dict(re.findall(r'name="(items\.\d+\.(?:kind|item_id))" value="([^"]*)"', page.text))
    selects = re.findall(
        r'name="(items\.\d+\.successor_id)".*?<option value="([^"]+)" selected',
        page.text,
        re.DOTALL,
    )
    return fields | dict(selects)


def hidden(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', page.text)
    assert found is not None, page.text
    return found[1]


def work_a_day(system: Running) -> None:
    """Everything after the other; raises AssertionError."""
    with administrator(system) as admin:
        import_people(admin)
        invited = invite(admin)
        signs_in(system, open_account(admin, invited))
        assert "Mediator A-4" in admin.get("/organisations/o-021").text
        case_id, leaver = file_and_find_mediator(system)
        successor = let_leave(system, admin, leaver, case_id)
    assert successor in {"m-0002", "m-0003", "m-0911", invited} - {leaver}
