"""Plays the cases that are multiplied: filed, taken up, worked on and ended, over HTTP.

All cases go through the same phases together, so that the time of an event tells its phase; a
real case takes days from one to the next.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import Any

import httpx

from services.directory.data import DEMO, load_district
from shared.auth.actor import Actor
from shared.clock import day_in_china, utc_now
from tests.e2e.filing import file
from tests.e2e.system import System, samples
from tests.eventually import eventually
from tests.holders import Tokens

AREAS = ("350599001001", "350599001002", "350599002001")
GRIDS = ("001", "002", "003")
FILERS = ("m-0002", "m-0003", "m-0005", "m-0008", "m-0022", "m-0025", "m-0028", None)
CATEGORIES = ("neighbour.water_leak", "property_management.parking", "labour.wage", "medical.any")
PHASE_DAYS = (0.0, 1.0, 6.0, 15.0)
"""After how many days cases come into each phase."""
SETTLED, REFUSED, FAILED = "settled_written", "refused", "failed"
LIVES = ((0, SETTLED), (1, SETTLED), (2, SETTLED), (3, SETTLED), (3, REFUSED), (3, FAILED))
"""In which phase a case's life ends, and how."""


@dataclass(frozen=True, kw_only=True)
class Played:
    """A case of the seed: how far it is played, and how it ends then."""

    subject: str
    area: str
    last_phase: int
    outcome: str


@dataclass(kw_only=True)
class Seed:
    """``begun`` are the moments at which the phases began."""

    played: list[Played] = field(default_factory=list)
    begun: list[datetime] = field(default_factory=list)


class Playing:
    """One system in which the cases are played."""

    def __init__(self, system: System, *, kinds: int | None = None) -> None:
        """``kinds``: only so many kinds of dispute and of lead, for a small and quick seed."""
        self._system = system
        self._kinds = kinds
        self._district = load_district(DEMO)
        self._tokens = Tokens(system.seen_settings)
        self._client = httpx.Client(base_url=system.url, timeout=30)

    def play(self) -> Seed:
        seed = Seed()
        for phase in (self._file, self._take_up, self._work_on, self._end):
            seed.begun.append(utc_now())
            with ThreadPoolExecutor(max_workers=8) as threads:
                for found in threads.map(lambda step: step(), list(phase(seed))):
                    seed.played.extend(found)
            eventually(self._quiet, seconds=60)
        self._client.close()
        return seed

    def _file(self, _seed: Seed) -> Iterator[Callable[[], list[Played]]]:
        lives = list(product(LIVES, AREAS))
        for body in self._disputes():
            for number, (life, area) in enumerate(lives):
                yield _calling(self._file_dispute, body, life, area, number)
        for body in self._leads():
            for number, (life, area) in enumerate(lives):
                yield _calling(self._file_lead, body, life, area, number)

    def _disputes(self) -> Sequence[Mapping[str, Any]]:
        bodies = [each["body"] for each in samples() if each["kind"] == "dispute"]
        bodies += [{**bodies[0], "category": category} for category in CATEGORIES]
        bodies += [{**bodies[0], "amount": "80000.00"}]
        return self._some(bodies)

    def _leads(self) -> Sequence[Mapping[str, Any]]:
        bodies = [each["body"] for each in samples() if each["kind"] == "lead"]
        first = bodies[0]
        bodies += [
            {**first, "public_interest": {**first["public_interest"], **more}}
            for more in ({"serious": "yes"}, {"affects_others": "no", "field": None})
        ]
        return self._some(
            [
                {name: value for name, value in each.items() if name != "informant"}
                for each in bodies
            ]
        )

    def _some(self, bodies: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """As many as are wanted, of different kinds."""
        wanted = self._kinds or len(bodies)
        return bodies[:: max(1, len(bodies) // wanted)][:wanted]

    def _file_dispute(
        self, body: Mapping[str, Any], life: tuple[int, str], area: str, number: int
    ) -> list[Played]:
        place = {**body["place"], "area": area, "grid": area + GRIDS[number % len(GRIDS)]}
        filer = FILERS[number % len(FILERS)]
        headers = self._as(filer) if filer else {}
        with httpx.Client(base_url=self._system.url, headers=headers, timeout=30) as client:
            told = file(client, {**body, "place": place}).json()
        last_phase, outcome = life
        found = [Played(subject=told["case_id"], area=area, last_phase=last_phase, outcome=outcome)]
        if own := told.get("lead"):
            found.append(
                Played(subject=own["lead_id"], area=area, last_phase=last_phase, outcome=outcome)
            )
        return found

    def _file_lead(
        self, body: Mapping[str, Any], life: tuple[int, str], area: str, number: int
    ) -> list[Played]:
        place = {**body["place"], "area": area, "grid": area + GRIDS[number % len(GRIDS)]}
        answer = self._client.post("/intake/api/v1/leads", json={**body, "place": place})
        answer.raise_for_status()
        last_phase, outcome = life
        lead_id = answer.json()["lead_id"]
        return [Played(subject=lead_id, area=area, last_phase=last_phase, outcome=outcome)]

    def _take_up(self, seed: Seed) -> Iterator[Callable[[], list[Played]]]:
        return self._each(seed, 1, self._take_up_dispute, self._take_up_lead)

    def _work_on(self, seed: Seed) -> Iterator[Callable[[], list[Played]]]:
        return self._each(seed, 2, self._hold_session, self._answer_lead)

    def _end(self, seed: Seed) -> Iterator[Callable[[], list[Played]]]:
        return self._each(seed, 3, self._conclude, self._close_lead)

    def _each(
        self,
        seed: Seed,
        phase: int,
        on_dispute: Callable[[Played, Mapping[str, Any]], None],
        on_lead: Callable[[Played, Mapping[str, Any]], None],
    ) -> Iterator[Callable[[], list[Played]]]:
        for played in list(seed.played):
            if played.last_phase >= phase:
                yield _calling(self._one, played, on_dispute, on_lead)

    def _one(
        self,
        played: Played,
        on_dispute: Callable[[Played, Mapping[str, Any]], None],
        on_lead: Callable[[Played, Mapping[str, Any]], None],
    ) -> list[Played]:
        path = f"/mediation/api/v1/mediations/{played.subject}"
        found = self._client.get(path, headers=self._office(played))
        if found.status_code == httpx.codes.OK:
            on_dispute(played, found.json())
            return []
        path = f"/referral/api/v1/leads/{played.subject}"
        officer = self._officer(played)
        on_lead(played, self._client.get(path, headers=officer).raise_for_status().json())
        return []

    def _take_up_dispute(self, played: Played, case: Mapping[str, Any]) -> None:
        if case["state"] == "consent_pending" and played.outcome != REFUSED:
            self._do(case, "mediation", "mediations", "accept", {"parties_consented": True})

    def _hold_session(self, played: Played, case: Mapping[str, Any]) -> None:
        if case["state"] == "accepted":
            body = {
                "held_on": day_in_china(utc_now()).isoformat(),
                "parties_present": 2,
                "notes": f"双方同意分担修理费用。{played.subject[:4]}",
            }
            self._do(case, "mediation", "mediations", "record-session", body)

    def _conclude(self, played: Played, case: Mapping[str, Any]) -> None:
        if case["state"] in {"consent_pending", "accepted", "in_mediation"}:
            outcome = played.outcome if case["state"] == "in_mediation" else REFUSED
            self._do(case, "mediation", "mediations", "conclude", {"outcome": outcome})
        elif case["state"] == "safety_hold":
            to_police = {"outcome": "handed_to_police"}
            self._do(case, "mediation", "mediations", "conclude", to_police)

    def _take_up_lead(self, _played: Played, lead: Mapping[str, Any]) -> None:
        for order in lead["orders"]:
            self._do(order, "referral", "orders", "acknowledge", {})
        for review in lead["reviews"]:
            self._do(review, "referral", "reviews", "acknowledge", {})

    def _answer_lead(self, _played: Played, lead: Mapping[str, Any]) -> None:
        for order in lead["orders"]:
            body = {"result": "fixed", "text": "已到现场核查并督促整改。"}
            self._do(order, "referral", "orders", "reply", body)
        for review in lead["reviews"]:
            self._do(review, "referral", "reviews", "close", {"outcome": "not_filed"})

    def _close_lead(self, played: Played, lead: Mapping[str, Any]) -> None:
        for order in lead["orders"]:
            body = {"outcome": "fixed"}
            self._do(order, "referral", "orders", "close", body, self._officer(played))
        path = f"/referral/api/v1/leads/{played.subject}"
        now = self._client.get(path, headers=self._officer(played)).json()
        if now["state"] in {"screening", "feedback_due"}:
            outcome = {"outcome": "insufficient_facts"} if now["state"] == "screening" else {}
            self._do(now, "referral", "leads", "close", outcome, self._officer(played))

    def _do(
        self,
        seen: Mapping[str, Any],
        service: str,
        things: str,
        action: str,
        body: Mapping[str, Any],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        names = {"orders": "order_id", "reviews": "review_id", "leads": "lead_id"}
        path = f"/{service}/api/v1/{things}/{seen[names.get(things, 'case_id')]}/{action}"
        headers = dict(headers or self._holder(seen)) | {"If-Match": f'"{seen["version"]}"'}
        content = None if action == "acknowledge" else body
        self._client.post(path, headers=headers, json=content).raise_for_status()

    def _holder(self, seen: Mapping[str, Any]) -> Mapping[str, str]:
        """Who has it to act: the mediator, the agency's handler, the procuratorate's officer."""
        if "agency" in seen:
            return self._as(self._somebody(seen["agency"]["id"], "agency_handler"))
        if "procuratorate" in seen:
            return self._as(seen["member"]["id"])
        if seen.get("mediator"):
            return self._as(seen["mediator"]["id"])
        return self._as(self._somebody(seen["committee"]["id"], "pmc_director"))

    def _office(self, played: Played) -> Mapping[str, str]:
        return self._as(self._of_the_street(played, "judicial_office"))

    def _officer(self, played: Played) -> Mapping[str, str]:
        return self._as(self._of_the_street(played, "referral_officer"))

    def _of_the_street(self, played: Played, role: str) -> str:
        return next(
            each.id
            for each in self._district.members
            if role in each.roles and any(played.area.startswith(area) for area in each.areas)
        )

    def _somebody(self, organisation_id: str, role: str) -> str:
        return next(
            each.id
            for each in self._district.members
            if each.organisation_id == organisation_id and role in each.roles
        )

    def _as(self, member_id: str) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._tokens.of(Actor(id=member_id, roles=frozenset()))}"
        }

    def _quiet(self) -> bool:
        """Everything is decided, read by everybody, and copied."""
        headers = self._as("m-0036")
        found = self._client.get("/ops/api/v1/lag", headers=headers).json()
        lag = all(each["unpublished"] == 0 and not each["total_lag"] for each in found["items"])
        ledger = self._client.get("/ops/api/v1/reconciliation", headers=headers).json()
        return lag and ledger["waiting"] == 0 and ledger["unexplained"] == 0


def _calling(work: Callable[..., Any], *arguments: object) -> Callable[[], Any]:
    return lambda: work(*arguments) or []
