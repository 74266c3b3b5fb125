"""Clocks that jump, and that differ between services: nothing is lost, doubled or out of order."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from services import registry
from services.assembly import Assembly, prepare, wakeups
from services.commands.installation import publish
from services.directory.data import DEMO
from services.directory.holders import StoredHolders
from services.embedded import entrance
from shared.auth.door import HEADER, door
from shared.clock import utc_now
from shared.settings import SERVICES, Settings
from tests.conftest import needed
from tests.e2e.system import System, samples
from tests.eventually import eventually
from tests.reliability.books import settle, wrong_in
from tests.reliability.disk import FaultyDisk, library
from tests.reliability.filing import Accepted, Filing
from tests.reliability.size import SIZE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120 + 60 * SIZE)]

JUMP = 600
PASSING = frozenset({httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.UNAUTHORIZED})
"""The gateway's token lives for a minute: signed before a jump and read after it, it is refused."""
HOUR = timedelta(hours=1)
SKEWS = {"intake": HOUR, "mediation": -HOUR, "referral": timedelta(0), "ops": HOUR / 2}


def test_while_the_clock_jumps_ten_minutes_to_and_fro_every_201_is_routed_once(
    tmp_path: Path,
) -> None:
    needed(library)
    (tmp_path / "home").mkdir(mode=0o700)
    disk = FaultyDisk(tmp_path / "faults", tmp_path / "home")
    with (
        System(disk.root, **disk.environment) as system,
        Filing(system.url, passing=PASSING) as filing,
    ):
        for _ in range(2 * SIZE):
            for seconds in (JUMP, 0, -JUMP, JUMP, 0):
                disk.set_clock(seconds)
                filing.until(filing.accepted.count + 15)
        filing.stop()
        settle(system, filing.accepted)


class Skewed:
    """Five services in this process, each with a clock of its own, as on five machines."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home)
        prepare(self.settings, registry.load_all())
        publish(self.settings, DEMO)
        self._here = {name: self._assembly(name) for name in SERVICES}
        applications = {name: each.applications[name] for name, each in self._here.items()}
        for each in self._here.values():
            each.applications.update(applications)  # their internal clients find each other
        gateway = entrance(self._here["directory"], applications)
        transport = httpx.WSGITransport(app=gateway, raise_app_exceptions=False)
        self.client = httpx.Client(transport=transport, base_url="http://hemu")

    def _assembly(self, name: str) -> Assembly:
        skew = SKEWS.get(name, timedelta(0))

        def clock() -> datetime:
            return utc_now() + skew

        found = Assembly(self.settings, [registry.load(name)], wakeups=wakeups(), clock=clock)
        found.make_applications()
        return found

    @contextmanager
    def running(self) -> Iterator[None]:
        for each in self._here.values():
            each.runtime.start(each.embedded_roles())
        yield
        for each in self._here.values():
            each.runtime.stop()

    def file(self, accepted: Accepted) -> None:
        """Past the gateway, whose tokens a service an hour ahead does not take."""
        intake = self._here["intake"]
        holders = StoredHolders(intake.runtime.databases["intake"], intake.clock)  # of nobody
        own = door(intake.keys, holders, intake.clock)
        client = httpx.Client(
            transport=httpx.WSGITransport(app=intake.applications["intake"]),
            base_url="http://intake",
        )
        for sample in samples():
            kind = "disputes" if sample["kind"] == "dispute" else "leads"
            headers = {
                "Idempotency-Key": str(uuid4()),
                HEADER: own.exchange(None, None, "intake"),
            }
            response = client.post(f"/api/v1/{kind}", json=sample["body"], headers=headers)
            assert response.status_code == httpx.codes.CREATED, response.text
            accepted.note(response.json())


def test_with_clocks_that_differ_by_hours_tokens_are_refused_and_no_case_is_lost(
    tmp_path: Path,
) -> None:
    skewed, accepted = Skewed(tmp_path / "home"), Accepted()
    urls = {name: skewed.settings.database_url(name) for name in SERVICES}
    ready = registry.load("intake").ready
    with skewed.running():
        eventually(lambda: ready(skewed._here["intake"].runtime.databases["intake"]) is None, 30)

        refused = skewed.client.post("/intake/api/v1/disputes", json=samples()[0]["body"])
        assert refused.status_code == httpx.codes.UNAUTHORIZED
        assert refused.headers["Content-Type"] == "application/problem+json"

        for _ in range(2 * SIZE):
            skewed.file(accepted)
            time.sleep(0.1)

        def right() -> bool:
            found = wrong_in(urls, accepted)
            assert found == [], found[:5]
            return True

        eventually(right, 60)
