"""Has parked cases and dead letters tried again, by the service that set them aside."""

from dataclasses import dataclass
from uuid import UUID

import msgspec

from shared.auth.actor import Actor
from shared.errors import Unavailable
from shared.messaging import backbone
from shared.readable import readable
from shared.telemetry import logger
from shared.web.platform import Platform

PATH = "/internal/v1/backbone/retry"


@dataclass(frozen=True, kw_only=True)
class Retry:
    """One parked case, one dead letter, or with neither all that the service has set aside."""

    service: str
    key: str | None = None
    id: int | None = None

    @property
    def case(self) -> UUID | None:
        """None where no one case is meant, or what was sent is the id of none."""
        try:
            return UUID(self.key) if self.key else None
        except ValueError:
            return None


@readable
class _Retrying(msgspec.Struct):
    retrying: int


def try_again(here: Platform, actor: Actor, wanted: Retry) -> int:
    """How many will be tried again soon. Asking twice does no harm: what was handled meanwhile is
    not there any more. Raises Unavailable when the service is away.
    """
    if wanted.service == here.database.name:
        with here.database.transaction(actor=actor) as tx:
            found = backbone.retry(tx, key=wanted.key, dead_letter_id=wanted.id)
    else:
        found = _ask(here, wanted)
    logger().info("retry.asked", service=wanted.service, count=found)
    return found


def _ask(here: Platform, wanted: Retry) -> int:
    body: dict[str, object] = {}
    if wanted.key is not None:
        body["key"] = wanted.key
    if wanted.id is not None:
        body["dead_letter_id"] = wanted.id
    answer = here.internal.post(wanted.service, PATH, body)
    try:
        return msgspec.convert(answer, _Retrying).retrying
    except msgspec.ValidationError as error:
        raise Unavailable("A part of the system is away. Please try again.") from error
