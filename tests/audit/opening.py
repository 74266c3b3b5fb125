"""Every way of seeing more of a case, and of judging it afterwards, of mediation and referral."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from sqlalchemy import Table, select
from werkzeug.test import TestResponse

from services.mediation.models import OPENINGS
from services.referral.models import OPENED
from shared.auth.actor import Actor
from shared.auth.door import HEADER
from shared.auth.tokens import signer
from shared.db.openings import BREAK_GLASS
from tests.mediation import site as of_mediation
from tests.referral import site as of_referral
from tests.registrations import dispute

WHY = {
    "mediation": {"reason_code": "safety", "reason": "核实安全"},
    "referral": {"reason_code": "supervision", "reason": "核实办理"},
}
ELSEWHERE = of_mediation.actor("m-0010", "pmc_director", "o-024", "350599001")
"""A director of another committee that serves the area, too."""


@dataclass(frozen=True, kw_only=True)
class Opening:
    """``opener`` opens one case with a reason; ``breaker`` breaks the glass of another, which
    ``judge`` looks at.
    """

    site: of_mediation.Site | of_referral.Site
    service: str
    table: Table
    rule: str
    opener: tuple[Actor, UUID]
    breaker: tuple[Actor, UUID]
    judge: Actor

    def walk(self) -> Iterator[tuple[str, TestResponse]]:
        """The rule of each change, and what was answered; by API and by form."""
        opener, breaker = self.opener, self.breaker
        fresh = replace(breaker[0], authenticated_at=self.site.clock(), second_factor=True)
        for prefix in ("/api/v1", ""):
            yield self._post(prefix, "/open", opener[0], opener[1], WHY[self.service])
            yield self._post(prefix, "/break-glass", fresh, breaker[1], WHY[self.service])
            judged = {"result": "justified"}
            yield self._post(prefix, "/openings/{}/review", self.judge, breaker[1], judged)

    def _post(
        self, prefix: str, rest: str, who: Actor, case: UUID, body: Mapping[str, str]
    ) -> tuple[str, TestResponse]:
        rule = prefix + self.rule + rest.format("<uuid:opening_id>")
        place = re_placed(prefix + self.rule, case) + rest.format(self._waiting(case))
        sign = signer(self.site.keys, "directory", self.site.clock).sign
        headers = {HEADER: sign(who, audience=self.service)}
        client = self.site.client()
        if prefix:
            return rule, client.post(place, json=body, headers=headers)
        form = {**body, "request_key": str(uuid4())}
        return rule, client.post(place, data=form, headers=headers)

    def _waiting(self, case: UUID) -> UUID | None:
        columns = self.table.c
        mine = (columns.case_id == case, columns.kind == BREAK_GLASS)
        with self.site.database.reading() as session:
            return session.scalars(
                select(columns.opening_id).where(*mine, columns.reviewed_at.is_(None))
            ).first()


def re_placed(rule: str, case: UUID) -> str:
    """With the id in the place of its name."""
    before, _, after = rule.partition("<")
    return before + str(case) + after.partition(">")[2]


def of_a_mediation(site: of_mediation.Site) -> Opening:
    event = dispute(case_id=uuid4())
    site.hear(event)
    director = of_mediation.PEOPLE["pmc_director"]
    return Opening(
        site=site,
        service="mediation",
        table=OPENINGS,
        rule="/mediations/<uuid:case_id>",
        opener=(director, event.case_id),
        breaker=(ELSEWHERE, event.case_id),
        judge=director,
    )


def of_a_lead(site: of_referral.Site) -> Opening:
    sent, open_to_all = uuid4(), uuid4()
    site.hear(of_referral.for_prosecutor(sent))
    site.hear(of_referral.for_market(open_to_all))
    return Opening(
        site=site,
        service="referral",
        table=OPENED,
        rule="/leads/<uuid:lead_id>",
        opener=(of_referral.PEOPLE["chief"], sent),
        breaker=(of_referral.PEOPLE["proc_intake"], open_to_all),
        judge=of_referral.PEOPLE["officer"],
    )


def recused(site: of_mediation.Site) -> Iterator[tuple[str, TestResponse]]:
    event = dispute(case_id=uuid4())
    site.hear(event)
    headers = {**site.headers("pmc_director"), "If-Match": '"1"'}
    path = f"/api/v1/mediations/{event.case_id}/recuse"
    answer = site.client().post(path, json={"member_id": "m-7777"}, headers=headers)
    yield "/api/v1/mediations/<uuid:case_id>/recuse", answer
