"""Takes the checkpoints of the service whose witness this one is.

Internal: answers that service only, and never comes through the gateway.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint
from marshmallow import ValidationError

from shared.audit.chain import CHECKPOINT_ROWS
from shared.audit.ring import witness_of, witnessed_by
from shared.audit.witnessing import DIGEST, Offered, keep, newest
from shared.auth.policy import Policy
from shared.service import Service
from shared.settings import SERVICES
from shared.telemetry import logger
from shared.web.answer import Answer
from shared.web.context import platform, reading, service, unaudited
from shared.web.fields import Text, WholeNumber
from shared.web.operation import Operation
from shared.web.schema import CommandSchema

ACTION = "checkpoint.keep"
HASH, SIGNATURE, TIME = 64, 128, 40


@dataclass(frozen=True, kw_only=True)
class _Offer:
    first: int
    seq: int
    hash: str
    at: str
    signature: str
    digests: str

    def read(self) -> Offered:
        """Raises marshmallow.ValidationError."""
        try:
            return Offered(
                first=self.first,
                seq=self.seq,
                hash=bytes.fromhex(self.hash),
                at=_instant(self.at),
                signature=bytes.fromhex(self.signature),
                digests=bytes.fromhex(self.digests),
            )
        except ValueError as error:
            raise ValidationError("This is no checkpoint.") from error


class _OfferSchema(CommandSchema[_Offer]):
    command = _Offer

    first = WholeNumber(minimum=1, required=True)
    seq = WholeNumber(minimum=1, required=True)
    hash = Text(min_length=HASH, max_length=HASH, required=True)
    at = Text(max_length=TIME, required=True)
    signature = Text(min_length=SIGNATURE, max_length=SIGNATURE, required=True)
    digests = Text(max_length=CHECKPOINT_ROWS * DIGEST * 2, required=True)


class Witnessing(Operation):
    """For the one service whose witness this is."""

    def policy(self, of: Service) -> Policy:
        those = {f"service:{one}" for one in SERVICES if witness_of(one) == of.name}
        return Policy({ACTION: frozenset(those)})


def _newest() -> Answer:
    with reading() as session:
        return Answer({"seq": newest(session, witnessed_by(service().name))})


def _keep(offer: _Offer) -> Answer:
    offered, other = offer.read(), witnessed_by(service().name)
    with unaudited() as tx:
        refusal = keep(tx, other, offered, platform().keys.verifying(other))
    if refusal is not None:
        logger().error("audit.checkpoint_refused", of=other, seq=offered.seq, reason=refusal)
    return Answer({"refused": refusal})


def witness_blueprint() -> Blueprint:
    """The routes, for any service."""
    blueprint = Blueprint("witness", __name__, url_prefix="/internal/v1/checkpoints")
    for method, view, body in (("GET", _newest, None), ("POST", _keep, _OfferSchema())):
        options: dict[str, Any] = {"body": body, "query": None, "answer": None}
        inside = Witnessing(view, ACTION, status=200, conditional=False, **options)
        blueprint.add_url_rule("", view.__name__.strip("_"), inside, methods=[method])
    return blueprint


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return found
