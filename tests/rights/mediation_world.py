"""Disputes in mediation, one for each standing, with particulars that can be looked for."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, update
from werkzeug.test import TestResponse

from services.mediation.handlers import (
    Accept,
    Conclude,
    RecordSession,
    ScheduleSession,
    Seen,
    accept,
    conclude,
    record_session,
    schedule_session,
)
from services.mediation.lifecycle import Outcome
from services.mediation.models import NOTES, OPENINGS, REASONS, RECUSALS, Mediation
from services.mediation.workers import copy_dossiers
from shared.auth.actor import Actor
from shared.auth.door import HEADER
from shared.auth.sealing import Sealer
from shared.auth.tokens import signer
from shared.db.openings import BREAK_GLASS, REASON, Open, open_case
from tests.district import organisation
from tests.mediation.site import Site
from tests.registrations import dispute
from tests.rights.asking import Request, Standing

AREA, STREET = "350599001001", "350599001"
LONELY = "350599009009"
JOINT = {"facts": {"joint_room_requested": "yes"}}
WHY = Open(reason_code="safety", reason="核实安全")
CANARIES = {
    "name": "王小兰",
    "phone": "13800000001",
    "year": "1953",
    "building": "5栋302",
    "story": "楼上漏水到客厅",
    "child": "李小明",
    "notes": "双方各退一步",
}
DOSSIER = {
    "narrative": CANARIES["story"],
    "parties": [
        {
            "side": "applicant",
            "kind": "person",
            "name": CANARIES["name"],
            "phone": CANARIES["phone"],
            "birth_year": 1953,
        },
        {
            "side": "respondent",
            "kind": "person",
            "name": CANARIES["child"],
            "vulnerable": ["minor"],
        },
    ],
    "place": {"area": AREA, "building": CANARIES["building"]},
}


class Answering:
    """Intake, when it answers."""

    def get(self, service: str, path: str) -> object:
        return DOSSIER

    def post(self, service: str, path: str, body: object) -> object:
        raise NotImplementedError


class World:
    """``standings`` by their names in the table of expectations."""

    def __init__(self, site: Site) -> None:
        self.site = site
        site.know(organisation("lonely", "community_committee", LONELY), revision=2)
        self.standings: dict[str, Standing] = {}
        joint, other, ended = (self._joint() for _ in range(3))
        lonely = self._registered(area=LONELY)
        copy_dossiers(site.workplace(Answering()))
        for hour, case in enumerate((joint, other, ended), start=10):
            self._hold_session(case, hour)
        self._do(ended, "mediator", partial(conclude, command=Conclude(outcome=Outcome.FAILED)))
        self._stand(joint, ended, lonely)
        self._stand_opened(other)
        self._recuse(joint)

    def forget(self, answer: TestResponse) -> None:
        """An opening that somebody was given."""
        if answer.status_code == 201:
            opening = UUID(answer.get_json()["opening_id"])
            with self.site.database.transaction() as tx:
                tx.execute(delete(OPENINGS).where(OPENINGS.c.opening_id == opening))

    def unreview(self, _answer: TestResponse) -> None:
        with self.site.database.transaction() as tx:
            tx.execute(update(OPENINGS).values(reviewed_at=None, reviewed_by=None, result=None))

    def _stand(self, joint: UUID, ended: UUID, lonely: UUID) -> None:
        mediator = self._mediator(joint)
        add = self._add
        add("none", joint, "p-none", areas=("350599002",), organisation_id="o-023")
        add("holder", joint, mediator)
        add("committee", joint, "p-committee", organisation_id="o-021")
        add("area", joint, "p-area", areas=(STREET,))
        add("room", joint, "m-0042")
        add("room_ended", ended, "m-0042", areas=(STREET,), organisation_id="o-021")
        add("offered", lonely, "p-offered", organisation_id="lonely")

    def _stand_opened(self, case: UUID) -> None:
        self._add("holder_opened", case, self._mediator(case))
        self._add("committee_opened", case, "p-committee-o", organisation_id="o-021")
        self._add("area_opened", case, "p-area-o", areas=(STREET,))
        for member in (self._mediator(case), "p-committee-o", "p-area-o"):
            self._open(case, member, REASON)

    def _recuse(self, joint: UUID) -> None:
        """One who would have had every right, and one who had the case."""
        held = self._joint()
        mediator = self._mediator(held)
        self._open(joint, "p-recused", REASON)
        with self.site.database.transaction() as tx:
            for case, member in ((joint, "p-recused"), (held, mediator)):
                row = {"case_id": case, "member_id": member, "at": tx.now, "by": "m-0001"}
                tx.execute(insert(RECUSALS), row)
        self._add("recused", joint, "p-recused", areas=(STREET,), organisation_id="o-021")
        self._add("recused_holder", held, mediator)

    def _add(self, name: str, case: UUID, member_id: str, **more: Any) -> None:
        opening = self._open(case, "p-third", BREAK_GLASS)
        headers: dict[str, Mapping[str, str]] = {}

        def of(role: str) -> Mapping[str, str]:
            if role not in headers:
                who = Actor(
                    id=member_id,
                    roles=frozenset({role}),
                    authenticated_at=self.site.clock(),
                    second_factor=True,
                    **more,
                )
                sign = signer(self.site.keys, "directory", self.site.clock).sign
                headers[role] = {HEADER: sign(who, audience="mediation")}
            return headers[role]

        ids = {"case": str(case), "opening": str(opening)}
        self.standings[name] = Standing(ids=ids, headers=of)

    def _open(self, case: UUID, member_id: str, kind: str) -> UUID:
        sealer = Sealer(self.site.keys.secret("mediation"), REASONS)
        by = Actor(id=member_id, roles=frozenset({"pmc_director"}))
        with self.site.database.transaction(actor=by) as tx:
            return open_case(tx, OPENINGS, case, kind, WHY, sealer)

    def _registered(self, **changes: Any) -> UUID:
        event = dispute(**{"case_id": uuid4(), **changes})
        self.site.hear(event)
        return event.case_id

    def _joint(self) -> UUID:
        return self._registered(**JOINT)

    def _mediation(self, case: UUID) -> Mediation:
        with self.site.database.reading() as session:
            return session.get_one(Mediation, case)

    def _mediator(self, case: UUID) -> str:
        return self._mediation(case).mediator_id or ""

    def _hold_session(self, case: UUID, hour: int) -> None:
        sealer = Sealer(self.site.keys.secret("mediation"), NOTES)
        held = RecordSession(held_on=date(2026, 3, 2), parties_present=2, notes=CANARIES["notes"])
        self._do(case, "mediator", partial(accept, command=Accept(parties_consented=True)))
        day = date(2026, 3, 2)
        time = ScheduleSession(day=day, begins=hour * 60, minutes=60, place="joint_room")
        self._do(case, "mediator", partial(schedule_session, command=time))
        self._do(case, "mediator", partial(record_session, command=held, sealer=sealer))

    def _do(self, case: UUID, role: str, work: Any) -> None:
        by = Actor(id=self._mediator(case), roles=frozenset({role}))
        with self.site.database.transaction(actor=by) as tx:
            work(tx, Seen(case_id=case, version=self._mediation(case).version, by=by))


def requests(world: World) -> tuple[Request, ...]:
    """Each route of an action that concerns a case."""
    place = "/api/v1/mediations"
    case = f"{place}/{{case}}"
    read = "mediation.read"

    def looks(answer: TestResponse) -> frozenset[str]:
        notes = CANARIES["notes"] in answer.text
        return _seen(answer) | ({"notes"} if notes else set())

    def change(action: str, path: str, body: Mapping[str, Any]) -> Request:
        return Request(
            action=f"mediation.{action}",
            method="POST",
            path=f"{case}/{path}",
            allowed=412,
            read=read,
            body=body,
        )

    time = {"day": "2026-03-03", "begins": "10:00", "place": "committee"}
    session = {"held_on": "2026-03-02", "parties_present": 2}
    why = {"reason_code": "safety", "reason": "核实安全"}
    return (
        Request(action=read, method="GET", path=place, allowed=200, read=read, lists="case"),
        *(
            Request(action=read, method="GET", path=case + part, allowed=200, read=read)
            for part in ("/routing", "/timeline")
        ),
        Request(
            action=read,
            method="GET",
            path=case.replace("/api/v1", ""),
            allowed=200,
            read=read,
            looks=looks,
            unless=frozenset({"offered"}),
        ),
        Request(action=read, method="GET", path=case, allowed=200, read=read),
        Request(action="audit.read", method="GET", path=f"{case}/audit", allowed=200, read=read),
        change("accept", "accept", {"parties_consented": True}),
        change("schedule_session", "schedule-session", time),
        change("answer_session", "answer-session", {"comes": True}),
        change("record_session", "record-session", session),
        change("conclude", "conclude", {"outcome": "withdrawn"}),
        change("hand_to_police", "conclude", {"outcome": "handed_to_police"}),
        change("recuse", "recuse", {"member_id": "m-7777"}),
        Request(
            action="mediation.open",
            method="POST",
            path=f"{case}/open",
            allowed=201,
            read=read,
            body=why,
            after=world.forget,
        ),
        Request(
            action="mediation.break_glass",
            method="POST",
            path=f"{case}/break-glass",
            allowed=201,
            read=read,
            body=why,
            after=world.forget,
        ),
        Request(
            action="opening.review",
            method="GET",
            path="/api/v1/openings",
            allowed=200,
            read=read,
            lists="opening",
        ),
        Request(
            action="opening.review",
            method="POST",
            path=f"{case}/openings/{{opening}}/review",
            allowed=204,
            read=read,
            body={"result": "justified"},
            after=world.unreview,
        ),
        *(
            Request(
                action="room.read",
                method="GET",
                path=f"/api/v1/rooms{part}",
                allowed=200,
                read=read,
                lists="case",
                unless=without,
            )
            for part, without in (
                ("", frozenset({"offered"})),
                ("/week", frozenset({"offered", "room_ended"})),
            )
        ),
    )


def _seen(answer: TestResponse) -> frozenset[str]:
    return frozenset(
        kind for kind, text in CANARIES.items() if kind != "notes" and text in answer.text
    )
