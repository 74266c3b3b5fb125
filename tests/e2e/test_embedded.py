"""The whole system on one machine tells its story, and survives being killed in the middle."""

import os
import re
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from shared.clock import day_in_china, utc_now
from tests.e2e.administering import work_a_day
from tests.e2e.filing import DISPUTE, file, reconciled, route_of
from tests.e2e.system import System, samples
from tests.eventually import eventually

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("e2e_embedded")]

MORE_HOUSEHOLDS = "{fact: households_affected, at_least: 100}"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with System(tmp_path_factory.mktemp("embedded") / "home") as found:
        yield found


def test_all_samples_take_the_routes_they_must(system: System) -> None:
    done = system.run("demo")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 of 12 routes as expected" in done.stdout


def test_a_draft_of_the_rules_is_replayed_on_what_was_decided(
    system: System, tmp_path: Path
) -> None:
    system.run("demo")
    eventually(lambda: reconciled(system))
    rules = Path("services/mediation/rules/routing-2026-01.yaml").read_text()
    draft = tmp_path / "draft.yaml"
    draft.write_text(
        rules.replace("{fact: households_affected, at_least: 10}", MORE_HOUSEHOLDS)
        .replace('version: "2026-01"', 'version: "2026-99"')
        .replace("valid_from: 2026-01-01", "valid_from: 2026-12-31")
    )

    same = system.run("rules", "replay", "mediation", "--to", "2026-01")
    other = system.run("rules", "replay", "mediation", "--to", str(draft))

    assert "0 cases would go elsewhere" in same.stdout, same.stderr
    assert "joint_room (M41) -> ordinary_mediation (M46)" in other.stdout, other.stderr


def test_the_rules_hold_against_the_published_directory(system: System) -> None:
    linted = system.run("rules", "lint")

    assert linted.returncode == 0, linted.stdout
    assert "rows hold" in linted.stdout


def test_an_administrator_imports_people_and_lets_a_mediator_leave_by_pages_alone(
    system: System,
) -> None:
    work_a_day(system)


def test_no_record_of_the_log_tells_who_or_what_a_case_is_about(system: System) -> None:
    system.run("demo")
    secrets = {text for sample in samples() for text in _texts(sample["body"])}
    assert "13800000001" in secrets
    eventually(lambda: reconciled(system))

    with sqlite3.connect(system.home / "log.sqlite") as log:
        records = log.execute("SELECT key, value, headers FROM log").fetchall()
    log.close()

    assert len(records) > 30
    for record in records:
        whole = b" ".join(bytes(part or b"") for part in record)
        for secret in secrets:
            assert secret.encode() not in whole
            assert secret.encode("unicode-escape") not in whole


def test_the_first_page_is_served_without_signing_in(system: System) -> None:
    with system.client() as client:
        response = client.get("/", follow_redirects=True)

    assert response.status_code == httpx.codes.OK
    assert "<h1" in response.text


@pytest.mark.parametrize(
    "path",
    ["/intake/internal/v1/backbone", "/nothing", "/ops/internal/v1/x", "/intake//internal/v1/x"],
)
def test_internal_paths_do_not_exist_outside(system: System, path: str) -> None:
    with system.client("ops") as client:
        assert client.get(path).status_code == httpx.codes.NOT_FOUND


def test_an_actor_header_that_the_client_sent_is_dropped(system: System) -> None:
    with system.client() as client:
        response = client.get("/ops/api/v1/flows", headers={"Hemu-Actor": system.token("ops")})

    assert response.status_code == httpx.codes.UNAUTHORIZED


def test_a_client_cannot_say_where_an_application_is_mounted(system: System) -> None:
    with system.client() as client:
        response = client.get("/intake/", headers={"SCRIPT_NAME": "/evil"})

    assert response.status_code == httpx.codes.OK


def test_a_broken_chunk_is_the_clients_mistake(system: System) -> None:
    host, port = system.address.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(
            b"POST /intake/api/v1/disputes HTTP/1.1\r\nHost: x\r\n"
            b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
        )
        answer = client.recv(200)

    assert b" 400 " in answer.splitlines()[0]


def test_nothing_here_can_be_read_by_other_users_of_the_machine(system: System) -> None:
    open_to_others = [path for path in system.home.rglob("*") if path.stat().st_mode & 0o077]

    assert open_to_others == []


def test_a_dispute_is_followed_hop_by_hop_from_filing_to_its_end(system: System) -> None:
    with system.client() as anyone, system.client("judicial_office") as office:
        case_id = file(anyone).json()["case_id"]
        eventually(lambda: route_of(office, case_id))
        url = f"/mediation/api/v1/mediations/{case_id}"
        assigned = office.get(url).json()["mediator"]["id"]
    with system.client("mediator", member_id=assigned) as mediator:
        for action, body in (
            ("accept", {"parties_consented": True}),
            (
                "record-session",
                {
                    "held_on": day_in_china(utc_now()).isoformat(),
                    "parties_present": 2,
                    "notes": "谈妥",
                },
            ),
            ("conclude", {"outcome": "settled_written"}),
        ):
            version = mediator.get(url).headers["ETag"]
            done = mediator.post(f"{url}/{action}", json=body, headers={"If-Match": version})
            assert done.status_code == httpx.codes.OK, (action, done.text)

    def whole_flow() -> list[str]:
        with system.client("ops") as ops:
            flow = ops.get(f"/ops/api/v1/flows/{case_id}").json()
        events = [hop["event"] for hop in flow["hops"]]
        assert "mediation.dispute.concluded.v1" in events
        return events

    assert eventually(whole_flow)[:2] == [
        "intake.dispute.registered.v1",
        "mediation.dispute.routed.v1",
    ]


def test_another_worker_takes_over_within_two_seconds_and_nothing_is_lost(system: System) -> None:
    accepted: list[str] = []
    stop = threading.Event()
    thread = threading.Thread(target=_file_until, args=(system, accepted, stop))
    thread.start()
    try:
        for role in ("mediation.consumer", "intake.relay"):
            victim = eventually(partial(system.holder, role))
            assert victim is not None
            os.kill(victim, signal.SIGKILL)
            killed = time.monotonic()
            heir = eventually(partial(_heir, system, role, victim))
            assert time.monotonic() - killed < 2.0
            assert heir != victim
            with system.client() as anyone, system.client("judicial_office") as office:
                case_id = file(anyone).json()["case_id"]
                eventually(partial(route_of, office, case_id), 2.0)
    finally:
        stop.set()
        thread.join()

    with system.client("judicial_office") as office:
        for case_id in accepted:
            assert eventually(partial(route_of, office, case_id))
    assert len(accepted) == len(set(accepted)) > 10
    _each_routed_once(system.home, accepted)
    eventually(lambda: reconciled(system))


def test_after_everything_was_killed_a_new_start_finishes_every_accepted_case(
    tmp_path: Path,
) -> None:
    accepted: list[str] = []
    with System(tmp_path / "home") as system:
        stop = threading.Event()
        threads = [
            threading.Thread(target=_file_until, args=(system, accepted, stop)) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for _ in range(2):
            time.sleep(0.7)
            system.kill_all()
            system.start()
        stop.set()
        for thread in threads:
            thread.join()

        with system.client("judicial_office") as office:
            for case_id in accepted:
                assert eventually(partial(route_of, office, case_id))
        _each_routed_once(system.home, accepted)
        eventually(lambda: reconciled(system))
    assert len(accepted) == len(set(accepted)) > 10


def test_it_stops_cleanly_and_goes_on_where_it_ended(tmp_path: Path) -> None:
    system = System(tmp_path / "home")
    assert system.start() < 20
    with system.client() as anyone:
        case_id = file(anyone).json()["case_id"]
    assert system.stop() < 8

    with system, system.client("judicial_office") as office:
        assert eventually(lambda: route_of(office, case_id)) == "ordinary_mediation"
    assert "Traceback" not in system.errors()


def test_what_is_printed_signs_in_each_role(system: System) -> None:
    shown = [line.split()[:2] for line in system.output if line.startswith("  ")]
    assert len(shown) >= 7

    for login, password in shown:
        with httpx.Client(base_url=system.url, follow_redirects=True, timeout=20) as browser:
            page = browser.post("/directory/sign-in", data={"login": login, "password": password})
            assert page.status_code == httpx.codes.OK, page.text[:500]
            assert "/directory/sign-out" in page.text


def test_a_session_that_was_ended_opens_nothing_at_the_next_request_anywhere(
    system: System,
) -> None:
    """In both workers: each is asked several times."""
    login, password = next(line.split()[:2] for line in system.output if line.startswith("  "))
    browsers = [httpx.Client(base_url=system.url, timeout=20) for _ in range(4)]
    form = {"login": login, "password": password}
    browsers[0].post("/directory/sign-in", data=form)
    cookies = dict(browsers[0].cookies)
    for browser in browsers:
        browser.cookies.update(cookies)
        assert browser.get("/mediation/mediations").status_code == httpx.codes.OK

    browsers[0].post("/directory/sign-out")

    for browser in browsers[1:] * 3:
        browser.cookies.update(cookies)
        assert browser.get("/mediation/mediations").status_code == httpx.codes.UNAUTHORIZED
    for browser in browsers:
        browser.close()


def test_a_form_sent_after_the_session_has_ended_is_not_filed_as_nobodys(
    system: System,
) -> None:
    with system.client() as browser:
        browser.cookies.set("hemu_session", "hemu_of-one-that-is-over", domain="127.0.0.1")
        response = browser.post("/intake/api/v1/disputes", json=DISPUTE)
        assert response.status_code == httpx.codes.UNAUTHORIZED

        browser.get("/intake/disputes/new")  # says who one is not any more
        response = browser.post("/intake/api/v1/disputes", json=DISPUTE)
        assert response.status_code == httpx.codes.CREATED


def _heir(system: System, role: str, victim: int) -> int | None:
    found = system.holder(role)
    return found if found != victim else None


def _file_until(system: System, accepted: list[str], stop: threading.Event) -> None:
    with system.client() as client:
        while not stop.is_set():
            accepted.append(file(client).json()["case_id"])


def _each_routed_once(home: Path, accepted: list[str]) -> None:
    """Read from the log itself: one decision per accepted case, and no decision without one."""
    with sqlite3.connect(home / "log.sqlite") as log:
        rows = log.execute("SELECT key, headers FROM log WHERE topic = 'hemu.cases'").fetchall()
    log.close()
    decided: dict[str, set[bytes]] = {}
    for key, headers in rows:
        if b"mediation.dispute.routed.v1" in bytes(headers):
            identity = re.search(rb"ce_id[^0-9a-f]+([0-9a-f-]{36})", bytes(headers))
            decided.setdefault(bytes(key).decode(), set()).add(
                identity[1] if identity else bytes(headers)
            )
    assert {case: len(decided.get(case, ())) for case in accepted} == dict.fromkeys(accepted, 1)


def _texts(value: object) -> Iterator[str]:
    """What a person wrote: names, phones, narratives; not codes."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in {"narrative", "name", "phone", "building", "reference", "summary"}:
                yield str(inner)
            else:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
