"""The parties and their story, as copied from intake; masked for whom they are not."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session as OrmSession

from services.mediation.models import READY, Dossier
from services.mediation.policy import Sight
from shared.auth.sealing import Sealer

PEOPLE = frozenset({"person", "household", "unknown"})
SHORT_NAME = 2
PHONE = 11
"""Digits of a mobile number; a shorter one would be told by what is shown of it."""


class Party(msgspec.Struct, frozen=True, kw_only=True):
    side: str
    kind: str = "unknown"
    name: str | None = None
    phone: str | None = None
    birth_year: int | None = None
    vulnerable: tuple[str, ...] = ()
    consent: str = "unknown"

    def masked(self) -> "Party":
        person = self.kind in PEOPLE
        return msgspec.structs.replace(
            self,
            name=_masked_name(self.name) if self.name and person else self.name,
            phone=_masked_phone(self.phone) if self.phone else None,
            birth_year=None,
        )


class Place(msgspec.Struct, frozen=True, kw_only=True):
    area: str | None = None
    grid: str | None = None
    building: str | None = None


class Copied(msgspec.Struct, frozen=True, kw_only=True):
    """What is used of intake's dossier; whatever else stands in it is passed over."""

    narrative: str | None = None
    claims: tuple[str, ...] = ()
    amount: str | None = None
    since: str | None = None
    place: Place = Place()
    parties: tuple[Party, ...] = ()


_COPIED = msgspec.json.Decoder(Copied)


@dataclass(frozen=True, kw_only=True)
class DossierView:
    """``pending``, with ``problem`` when it has failed before, or ``ready``."""

    state: str
    problem: str | None
    masked: bool
    parties: Sequence[Party] = ()
    narrative: str | None = None
    claims: Sequence[str] = ()
    amount: str | None = None
    building: str | None = None


def dossier(session: OrmSession, case_id: UUID, sight: Sight, sealer: Sealer) -> DossierView:
    """Without the names, people are masked, and where they live is hidden. That the case itself
    may be read is checked before.
    """
    masked = not sight.names
    found = session.get(Dossier, case_id)
    if found is None or found.state != READY or found.sealed is None:
        return DossierView(state="pending", problem=found.problem if found else None, masked=masked)
    copied = _COPIED.decode(sealer.open(found.sealed, about=str(case_id)))
    return DossierView(
        state=READY,
        problem=None,
        masked=masked,
        parties=[party.masked() if masked else party for party in copied.parties],
        narrative=copied.narrative if sight.story else None,
        claims=copied.claims if sight.story else (),
        amount=copied.amount if sight.story else None,
        building=None if masked else copied.place.building,
    )


def _masked_name(name: str) -> str:
    """王*兰, 王*: never how many characters are between."""
    return f"{name[0]}*{name[-1]}" if len(name) > SHORT_NAME else f"{name[0]}*"


def _masked_phone(phone: str) -> str:
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= PHONE else "****"
