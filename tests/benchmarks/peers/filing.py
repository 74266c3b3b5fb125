"""What both ways of the peer to file a dispute have in common: who asks, and the rows to keep."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated
from uuid import UUID

import jwt
import orjson
from fastapi import Depends, Header, HTTPException, status
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel
from uuid_utils.compat import uuid7

from services.intake.models.numbers import DISPUTE, registration_number
from services.intake.models.receipts import grouped, new_receipt
from shared.auth.keys import Keyring
from shared.auth.sealing import Sealer
from shared.telemetry.trace import new_traceparent
from tests.benchmarks.peers.filed import FiledDispute, Registered
from tests.benchmarks.peers.intake_records import Dispute, Idempotency, KeyCounter, OutboxEntry

KEYS = Keyring(Path(os.environ["PEER_KEYS"]))
ISSUER_KEY = KEYS.verifying("directory")
SECRET = KEYS.secret("intake")
CASES, IDEMPOTENCY, RECEIPTS = (
    Sealer(SECRET, purpose) for purpose in ("intake.case", "idempotency", "intake.receipt")
)
ROUTE = "POST /api/v1/disputes"


class Actor(BaseModel):
    sub: str
    roles: list[str]


def get_actor(shown: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> Actor:
    try:
        claims = jwt.decode(
            shown.credentials,
            ISSUER_KEY,
            algorithms=["EdDSA"],
            audience="intake",
            issuer="directory",
        )
    except jwt.PyJWTError as error:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "could not validate") from error
    return Actor(**claims)


ActorDep = Annotated[Actor, Depends(get_actor)]
KeyDep = Annotated[str, Header(alias="Idempotency-Key", min_length=8, max_length=200)]


@dataclass(frozen=True, kw_only=True)
class Filing:
    """One request, and the rows that it makes."""

    filed: FiledDispute
    actor: Actor
    key: str
    case_id: UUID
    receipt: str
    now: datetime

    @classmethod
    def of(cls, filed: FiledDispute, actor: Actor, key: str) -> "Filing":
        return cls(
            filed=filed,
            actor=actor,
            key=key,
            case_id=uuid7(),
            receipt=new_receipt(),
            now=datetime.now(UTC),
        )

    @cached_property
    def place(self) -> tuple[str, str, str]:
        """The primary key of the idempotency row."""
        return IDEMPOTENCY.fingerprint(self.actor.sub), ROUTE, self.key

    @cached_property
    def fingerprint(self) -> str:
        content = orjson.dumps(self.filed.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)
        return IDEMPOTENCY.fingerprint(content.decode())

    def idempotency(self) -> Idempotency:
        principal, route, key = self.place
        return Idempotency(
            principal=principal,
            route=route,
            key=key,
            fingerprint=self.fingerprint,
            created=self.now,
        )

    def dispute(self) -> Dispute:
        filed, place = self.filed, self.filed.place
        return Dispute(
            id=self.case_id,
            receipt=RECEIPTS.fingerprint(self.receipt),
            filer=self.actor.sub,
            filed_at=self.now,
            category=filed.category,
            community=place.area[:12],
            area=place.area,
            grid=place.grid,
            state="registered",
            changed_at=self.now,
            sealed=CASES.seal(filed.model_dump_json().encode(), about=str(self.case_id)),
        )

    def answer(self, dispute: Dispute) -> Registered:
        return Registered(
            case_id=str(self.case_id),
            registration_no=registration_number(
                DISPUTE, self.filed.place.area, self.now, dispute.seq
            ),
            receipt=grouped(self.receipt),
            questions=[],
        )

    def sealed_answer(self, answer: Registered) -> bytes:
        return IDEMPOTENCY.seal(answer.model_dump_json().encode(), about="\n".join(self.place))

    def announced(self, answer: Registered, revision: int) -> tuple[KeyCounter, OutboxEntry]:
        event_id, subject = uuid7(), str(self.case_id)
        return (
            KeyCounter(key=subject, last=1, correlation_id=event_id),
            OutboxEntry(
                event_id=event_id,
                topic="hemu.cases",
                key=subject,
                kseq=1,
                type="intake.dispute.registered.v1",
                time=self.now,
                actor=self.actor.sub,
                correlation_id=event_id,
                traceparent=new_traceparent(),
                data=orjson.dumps(self._event(answer, revision)),
            ),
        )

    def _event(self, answer: Registered, revision: int) -> dict[str, object]:
        filed = self.filed
        return {
            "case_id": answer.case_id,
            "number": answer.registration_no,
            "category": filed.category,
            "origin": filed.origin,
            "area": filed.place.area,
            "grid": filed.place.grid,
            "amount_fen": None if filed.amount is None else int(filed.amount * 100),
            "since": filed.since,
            "parties": [
                party.model_dump(include={"side", "kind", "consent", "vulnerable"})
                for party in filed.parties
            ],
            "handled_before": [
                {"by": one.by, "status": one.status, "entrusted": one.entrust_letter is not None}
                for one in filed.handled_before
            ],
            "danger": filed.danger.model_dump(),
            "facts": filed.facts.model_dump(),
            "public_interest": filed.public_interest.model_dump(
                exclude={"people_affected", "agency_informed_on"}
            ),
            "questions": [],
            "directory_revision": revision,
        }


def replayed(filing: Filing, found: Idempotency | None) -> Registered:
    """The answer that was given before."""
    if found is None or found.fingerprint != filing.fingerprint:
        raise HTTPException(status.HTTP_409_CONFLICT, "this key was used for another request")
    opened = IDEMPOTENCY.open(found.answer, about="\n".join(filing.place))
    return Registered.model_validate_json(opened)


def not_ready() -> HTTPException:
    return HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE, "the directory has not arrived")
