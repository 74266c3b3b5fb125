"""A lead in referral that an agency had and the procuratorate has now, seen from every standing."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, update
from werkzeug.test import TestResponse

from services.referral.handlers import NewOrder, Seen, Transfer, order_agency, transfer_lead
from services.referral.models import OPENED, REASON_PURPOSE
from services.referral.workers import copy_texts
from shared.auth.actor import Actor
from shared.auth.door import HEADER
from shared.auth.sealing import Sealer
from shared.auth.tokens import signer
from shared.db.openings import BREAK_GLASS, REASON, Open, open_case
from tests.referral.site import CANARY, MARKET, PEOPLE, PROCURATORATE, Intake, Site, for_officer
from tests.rights.asking import Request, Standing

STREET = "350599001"
WORDS, NOTE = "请到店核查油烟", "附两次投诉记录"
TEXTS = {"narrative": CANARY}
WHY = Open(reason_code="supervision", reason="核实办理")


class World:
    """``standings`` by their names in the table of expectations."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.standings: dict[str, Standing] = {}
        lead, ids = self._lead()
        self._add("none", lead, ids, "p-none", areas=("350599002",), organisation_id="o-041")
        self._add("holder", lead, ids, site.reviews(lead)[0].member_id)
        self._add("procuratorate", lead, ids, "p-proc", organisation_id=PROCURATORATE)
        self._add("area", lead, ids, "p-area", areas=(STREET,))
        self._add("agency", lead, ids, "p-agency", organisation_id=MARKET)
        self._add("procuratorate_opened", lead, ids, "p-proc-o", organisation_id=PROCURATORATE)
        self._add("area_opened", lead, ids, "p-area-o", areas=(STREET,))
        for member in ("p-proc-o", "p-area-o"):
            self._open(lead, member, REASON)

    def forget(self, answer: TestResponse) -> None:
        """An opening that somebody was given."""
        if answer.status_code == 201:
            opening = UUID(answer.get_json()["opening_id"])
            with self.site.database.transaction() as tx:
                tx.execute(delete(OPENED).where(OPENED.c.opening_id == opening))

    def unreview(self, _answer: TestResponse) -> None:
        with self.site.database.transaction() as tx:
            tx.execute(update(OPENED).values(reviewed_at=None, reviewed_by=None, result=None))

    def _lead(self) -> tuple[UUID, Mapping[str, str]]:
        lead, site = uuid4(), self.site
        site.hear(for_officer(lead))
        copy_texts(site.workplace(Intake(texts={lead: TEXTS})))
        officer = PEOPLE["officer"]
        with site.database.transaction(actor=officer) as tx:
            seen = Seen(id=lead, version=site.lead(lead).version, by=officer)
            order_agency(tx, seen, NewOrder(agency_id=MARKET, text=WORDS), site.words)
        with site.database.transaction(actor=officer) as tx:
            seen = Seen(id=lead, version=site.lead(lead).version, by=officer)
            transfer_lead(tx, seen, Transfer(note=NOTE), site.words)
        order, review = site.orders(lead)[0], site.reviews(lead)[0]
        return lead, {
            "lead": str(lead),
            "order": str(order.order_id),
            "review": str(review.review_id),
        }

    def _add(
        self, name: str, lead: UUID, ids: Mapping[str, str], member_id: str, **more: Any
    ) -> None:
        opening = self._open(lead, "p-third", BREAK_GLASS)
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
                headers[role] = {HEADER: sign(who, audience="referral")}
            return headers[role]

        self.standings[name] = Standing(ids={**ids, "opening": str(opening)}, headers=of)

    def _open(self, lead: UUID, member_id: str, kind: str) -> UUID:
        sealer = Sealer(self.site.keys.secret("referral"), REASON_PURPOSE)
        by = Actor(id=member_id, roles=frozenset({"chief_prosecutor"}))
        with self.site.database.transaction(actor=by) as tx:
            return open_case(tx, OPENED, lead, kind, WHY, sealer)


def requests(world: World) -> tuple[Request, ...]:
    """Each route of an action that concerns a lead, an order or a review."""
    api = "/api/v1"
    lead, order, review = (f"{api}/{kind}s/{{{kind}}}" for kind in ("lead", "order", "review"))

    def read(action: str, path: str, **more: Any) -> Request:
        return Request(action=action, method="GET", path=path, allowed=200, read=action, **more)

    def opening(action: str, path: str) -> Request:
        return Request(
            action=action,
            method="POST",
            path=path,
            allowed=201,
            read="lead.read",
            body=why,
            after=world.forget,
        )

    def change(action: str, path: str, read: str, body: Mapping[str, Any] | None) -> Request:
        return Request(action=action, method="POST", path=path, allowed=412, read=read, body=body)

    why = {"reason_code": "supervision", "reason": "核实办理"}
    reply = {"result": "fixed", "text": "已整改"}
    return (
        read("lead.read", f"{api}/leads", lists="lead"),
        read("lead.read", lead, looks=_in_file),
        read("lead.read", f"{lead}/routing"),
        read("lead.read", f"{lead}/timeline"),
        read("lead.read", "/leads/{lead}"),
        Request(
            action="audit.read",
            method="GET",
            path=f"{lead}/audit",
            allowed=200,
            read="lead.read",
        ),
        change("lead.order", f"{lead}/order", "lead.read", {"agency_id": "o-041"}),
        change("lead.transfer", f"{lead}/transfer", "lead.read", {}),
        change("lead.close", f"{lead}/close", "lead.read", {}),
        opening("lead.open", f"{lead}/open"),
        opening("lead.break_glass", f"{lead}/break-glass"),
        Request(
            action="opening.review",
            method="GET",
            path=f"{api}/openings",
            allowed=200,
            read="lead.read",
            lists="opening",
        ),
        Request(
            action="opening.review",
            method="POST",
            allowed=204,
            read="lead.read",
            path=f"{lead}/openings/{{opening}}/review",
            body={"result": "justified"},
            after=world.unreview,
        ),
        read("order.read", f"{api}/orders", lists="order"),
        read("order.read", order, looks=_in_order),
        read("order.read", "/orders/{order}"),
        change("order.acknowledge", f"{order}/acknowledge", "order.read", None),
        change("order.object", f"{order}/object", "order.read", {"reason": "not_our_duty"}),
        change("order.reply", f"{order}/reply", "order.read", reply),
        change("order.close", f"{order}/close", "order.read", {"outcome": "fixed"}),
        read("review.read", review, looks=_in_review),
        change("review.acknowledge", f"{review}/acknowledge", "review.read", None),
        change("review.return", f"{review}/close", "review.read", {"outcome": "returned"}),
        change("review.close", f"{review}/close", "review.read", {"outcome": "filed"}),
    )


def _in_file(answer: TestResponse) -> frozenset[str]:
    """A chief prosecutor who has not said why sees orders and reviews, and not what was told."""
    found = answer.get_json()
    kinds = {"moment"} if found["registered_at"] else set()
    if found["text"]["narrative"] != CANARY:
        return frozenset(kinds)
    kinds.add("text")
    kinds |= {"words"} if any(one["text"] == WORDS for one in found["orders"]) else set()
    kinds |= {"note"} if any(one["note"] == NOTE for one in found["reviews"]) else set()
    return frozenset(kinds)


def _in_order(answer: TestResponse) -> frozenset[str]:
    """What is never in an order counts as shown to those who see all."""
    found = answer.get_json()
    kinds = {"words"} if found["text"] == WORDS else set()
    kinds |= {"moment", "text", "note"} if found["opened_at"] else set()
    return frozenset(kinds)


def _in_review(answer: TestResponse) -> frozenset[str]:
    found = answer.get_json()["note"] == NOTE
    return frozenset({"note", "moment", "text", "words"}) if found else frozenset()
