"""The dossier of a case is copied once from intake, sealed, whatever intake is doing meanwhile."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from services.mediation.models import DOSSIER, PENDING, READY, Dossier
from services.mediation.workers import BATCH, copy_dossiers
from shared.auth.sealing import Sealer
from shared.auth.tokens import signer
from shared.errors import NotFound, Unavailable
from shared.service import InternalReader
from shared.web.internal import InternalClient, local
from tests.intake import site as intake
from tests.mediation.site import Site
from tests.registrations import dispute

NAME = "李某某"


class Intake:
    """What intake answers, and when it does not: a stand-in that can go away."""

    def __init__(self) -> None:
        self.away = False
        self.known: dict[str, object] = {}
        self.asked: list[str] = []

    def get(self, service: str, path: str) -> object:
        self.asked.append(path)
        if self.away:
            raise Unavailable("A part of the system is away. Please try again.")
        if path not in self.known:
            raise NotFound("There is no such record.")
        return self.known[path]

    def post(self, service: str, path: str, body: object) -> object:
        raise NotImplementedError

    def knows(self, case_id: UUID) -> None:
        self.known[f"/internal/v1/dossiers/{case_id}"] = {
            "parties": [{"side": "applicant", "kind": "person", "name": NAME}]
        }


@pytest.fixture
def other() -> Intake:
    return Intake()


def registered(site: Site, count: int = 1) -> list[UUID]:
    events = [dispute(case_id=uuid4()) for _ in range(count)]
    site.hear(*events)
    return [event.case_id for event in events]


def copy(site: Site, internal: InternalReader) -> bool:
    return copy_dossiers(site.workplace(internal))


def stored(site: Site, case_id: UUID) -> Dossier:
    with site.database.reading() as session:
        return session.get_one(Dossier, case_id)


def opened(site: Site, case_id: UUID) -> Any:
    sealed = stored(site, case_id).sealed
    assert sealed is not None
    plain = Sealer(site.keys.secret("mediation"), DOSSIER).open(sealed, about=str(case_id))
    return msgspec.json.decode(plain)


def test_a_dossier_is_copied_once_and_sealed(site: Site, other: Intake) -> None:
    [case] = registered(site)
    other.knows(case)

    copy(site, other)
    more = copy(site, other)

    assert not more
    assert len(other.asked) == 1
    found = stored(site, case)
    assert (found.state, found.next_try, found.problem) == (READY, None, None)
    assert found.sealed is not None
    assert NAME.encode() not in found.sealed
    assert opened(site, case)["parties"][0]["name"] == NAME


def test_nothing_is_lost_while_intake_is_away(site: Site, other: Intake) -> None:
    cases = registered(site, 5)
    for case in cases:
        other.knows(case)
    other.away = True
    for _ in range(20):
        copy(site, other)
        site.clock.move(seconds=0.5)

    other.away = False
    site.clock.move(minutes=1)
    copy(site, other)

    assert all(stored(site, case).state == READY for case in cases)


def test_one_question_is_enough_to_see_that_intake_is_away(site: Site, other: Intake) -> None:
    registered(site, 5)
    other.away = True

    more = copy(site, other)

    assert not more
    assert len(other.asked) == 1


def test_a_failure_is_tried_again_ever_more_slowly(site: Site, other: Intake) -> None:
    [case] = registered(site)
    other.away = True
    waits = []
    for _ in range(9):
        copy(site, other)
        found = stored(site, case)
        assert (found.state, found.problem) == (PENDING, "away")
        assert found.next_try is not None
        waits.append((found.next_try - site.clock()).total_seconds())
        site.clock.now = found.next_try

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_a_case_that_intake_does_not_know_is_asked_for_slowly_and_says_so(
    site: Site, other: Intake
) -> None:
    [missing, there] = registered(site, 2)
    other.knows(there)

    copy(site, other)
    copy(site, other)

    assert len(other.asked) == 2
    assert stored(site, there).state == READY
    assert (stored(site, missing).state, stored(site, missing).problem) == (PENDING, "missing")
    other.knows(missing)
    site.clock.move(minutes=5)
    copy(site, other)
    assert stored(site, missing).state == READY


def test_a_round_is_bounded_and_says_when_there_is_more(site: Site, other: Intake) -> None:
    for case in registered(site, BATCH + 1):
        other.knows(case)

    assert copy(site, other)
    assert len(other.asked) == BATCH
    assert not copy(site, other)


@pytest.fixture
def real(tmp_path: Path) -> Iterator[intake.Site]:
    home = tmp_path / "intake"
    urls = [f"sqlite:///{home / name}.sqlite" for name in ("intake", "sealed")]
    with intake.open_site(urls[0], urls[1], home) as found:
        found.know_the_district()
        yield found


def test_what_intake_really_answers_is_understood(web: Site, real: intake.Site) -> None:
    body = {
        "category": "neighbour.pets",
        "narrative": "楼上的狗半夜叫。",
        "place": {"area": "350599001001", "building": "5栋"},
        "parties": [
            {"side": "applicant", "kind": "person", "name": NAME, "phone": "13800000001"},
            {"side": "respondent", "kind": "property_firm", "name": "示范物业"},
        ],
        "claims": ["夜里不叫"],
        "amount": "1200.00",
    }
    case = UUID(real.filed("disputes", body)["case_id"])
    web.hear(dispute(case_id=case))
    client = InternalClient(
        "mediation",
        signer(real.platform.keys, "mediation", real.clock),
        local({"intake": real.app}),
    )

    copy(web, client)

    page = web.client().get(f"/mediations/{case}", headers=web.headers("mediator")).text
    for shown in (
        NAME,
        "138****0001",
        "示范物业",
        "楼上的狗半夜叫。",
        "夜里不叫",
        "1200.00",
        "5栋",
    ):
        assert shown in page
