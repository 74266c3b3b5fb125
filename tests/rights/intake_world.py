"""A dispute and a lead as intake knows them, seen from every standing."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from werkzeug.test import TestResponse

from services.intake.manifest import SERVICE
from shared.auth.actor import Actor
from shared.auth.door import HEADER
from shared.auth.tokens import signer
from shared.events.mediation import DisputeConcluded, MediatorAssigned, RoomOpened
from shared.events.referral import ReviewOpened
from tests.intake.bodies import DISPUTE, LEAD, NAME, PHONE
from tests.intake.site import Site
from tests.rights.asking import Request, Standing

STREET = "350599001"


class World:
    """``disputes`` and ``leads``: standings by their names in the table of expectations."""

    def __init__(self, site: Site) -> None:
        self.site = site
        resident = Actor(id="p-own", roles=frozenset({"resident"}))
        mine = site.filed("disputes", DISPUTE, resident)["case_id"]
        ended = site.filed("disputes", DISPUTE, resident)["case_id"]
        lead = site.filed("leads", LEAD, resident)["lead_id"]
        for case in (mine, ended):
            self._mediated(UUID(case))
        site.hear(DisputeConcluded(case_id=UUID(ended), outcome="failed", state="terminated"))
        self._reviewed(UUID(lead))
        where: Mapping[str, Any] = {"areas": (STREET,)}
        self.disputes = {
            "none": self._as(mine, "p-none", areas=("350599002",), organisation_id="o-023"),
            "own": self._as(mine, "p-own"),
            "holder": self._as(mine, "m-0002"),
            "committee": self._as(mine, "p-committee", organisation_id="o-021"),
            "area": self._as(mine, "p-area", **where),
            "room": self._as(mine, "m-0042"),
            "room_ended": self._as(ended, "m-0042", organisation_id="o-021", **where),
        }
        self.leads = {
            "none": self._as(lead, "p-none", areas=("350599002",), organisation_id="o-041"),
            "own": self._as(lead, "p-own"),
            "holder": self._as(lead, "m-0042"),
            "procuratorate": self._as(lead, "p-proc", organisation_id="o-035"),
            "area": self._as(lead, "p-area", **where),
        }

    def _mediated(self, case: UUID) -> None:
        who = {"mediator_id": "m-0002", "organisation_id": "o-021"}
        self.site.hear(
            MediatorAssigned(case_id=case, member_id="m-0002", organisation_id="o-021"),
            RoomOpened(case_id=case, room_id=case, prosecutor_id="m-0042", **who),
        )

    def _reviewed(self, lead: UUID) -> None:
        opened = ReviewOpened(
            lead_id=lead, review_id=lead, procuratorate_id="o-035", member_id="m-0042"
        )
        self.site.hear(opened, source="referral")

    def _as(self, case: str, member_id: str, **more: Any) -> Standing:
        sign = signer(self.site.platform.keys, "directory", self.site.clock).sign

        def headers(role: str) -> Mapping[str, str]:
            who = Actor(id=member_id, roles=frozenset({role}), **more)
            return {HEADER: sign(who, audience=SERVICE.name)}

        return Standing(ids={"case": case}, headers=headers)


def requests(kind: str, action: str) -> tuple[Request, ...]:
    """``kind``: disputes or leads."""
    api, page = f"/api/v1/{kind}", f"/{kind}"

    def read(path: str, **more: Any) -> Request:
        return Request(action=action, method="GET", path=path, allowed=200, read=action, **more)

    return (
        read(api, lists="case"),
        read(page, lists="case"),
        read(f"{api}/{{case}}", looks=_in_dispute if kind == "disputes" else _in_lead),
        read(f"{page}/{{case}}"),
        Request(
            action=action.replace("read", "audit"),
            method="GET",
            path=f"{api}/{{case}}/audit",
            allowed=200,
            read=action.replace("read", "audit"),
        ),
    )


def _in_dispute(answer: TestResponse) -> frozenset[str]:
    told = {"name": NAME, "phone": PHONE, "story": str(DISPUTE["narrative"])}
    return frozenset(kind for kind, text in told.items() if text in answer.text)


def _in_lead(answer: TestResponse) -> frozenset[str]:
    """All of it or nothing: who told it is in no answer."""
    told = str(LEAD["narrative"]) in answer.text
    return frozenset({"name", "phone", "story"}) if told else frozenset()
