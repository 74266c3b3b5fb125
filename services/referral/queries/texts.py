"""What was written about a lead, as copied from intake. Who wrote it never comes here."""

from dataclasses import dataclass
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from services.referral.models import PENDING, READY, LeadText
from shared.auth.sealing import Sealer
from shared.readable import readable

WITHHELD = "withheld"


class Suspect(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the lead is about."""

    kind: str = "unknown"
    name: str | None = None
    details: str | None = None


@readable
class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of intake's answer; whatever else stands in it is passed over."""

    narrative: str | None = None
    suspect: Suspect | None = None
    building: str | None = None


@dataclass(frozen=True, kw_only=True)
class TextView:
    """``state`` is pending, ready, or withheld from the reader."""

    state: str
    narrative: str | None = None
    suspect: Suspect | None = None
    building: str | None = None


_COPIED = msgspec.json.Decoder(Copied)


def text(session: Session, lead_id: UUID, texts: Sealer | None) -> TextView:
    """``texts`` opens it; without it, it is withheld.

    Whoever asks may read the lead: check that first.
    """
    if texts is None:
        return TextView(state=WITHHELD)
    found = session.get(LeadText, lead_id)
    if found is None or found.sealed is None:
        return TextView(state=PENDING)
    copied = _COPIED.decode(texts.open(found.sealed, about=str(lead_id)))
    return TextView(
        state=READY,
        narrative=copied.narrative,
        suspect=copied.suspect,
        building=copied.building,
    )
