"""The parties and their story, as copied from intake; masked for whom they are not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy.orm import Session as OrmSession

from services.mediation.models import READY, Dossier, Mediation
from services.mediation.policy import CHILD, NAME, PARTICULARS, PHONE, STORY, WHEREABOUTS
from services.mediation.relations import shown
from shared.auth.masks import MINOR, PEOPLE, masked_minor, masked_name, masked_phone
from shared.auth.policy import FULL
from shared.auth.sealing import Sealer
from shared.db.scope import Found

CODES = frozenset({"side", "kind", "vulnerable", "consent"})
"""What is shown of a party to everybody who may see the case; all else is masked or left out."""


class Party(msgspec.Struct, frozen=True, kw_only=True):
    side: str
    kind: str = "unknown"
    name: str | None = None
    phone: str | None = None
    birth_year: int | None = None
    vulnerable: tuple[str, ...] = ()
    consent: str = "unknown"


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


def dossier(session: OrmSession, case: Found[Mediation], sealer: Sealer) -> DossierView:
    """As far as the case's mask leaves it."""
    told = shown(case)
    masked = NAME not in told
    found = session.get(Dossier, case.row.case_id)
    if found is None or found.state != READY or found.sealed is None:
        return DossierView(state="pending", problem=found.problem if found else None, masked=masked)
    copied = _COPIED.decode(sealer.open(found.sealed, about=str(found.case_id)))
    return DossierView(
        state=READY,
        problem=None,
        masked=masked,
        parties=list(_parties(copied.parties, told)),
        narrative=copied.narrative if STORY in told else None,
        claims=copied.claims if STORY in told else (),
        amount=copied.amount if STORY in told else None,
        building=copied.place.building if _where(case) else None,
    )


def _where(case: Found[Mediation]) -> bool:
    """Where somebody lives who must be kept safe is told to nobody who has not said why."""
    held = case.row.safety_hold
    return WHEREABOUTS in shown(case) and (not held or case.decision.mask == FULL)


def _parties(parties: Sequence[Party], told: frozenset[str]) -> Iterator[Party]:
    children = 0
    for party in parties:
        child = MINOR in party.vulnerable and CHILD not in told
        codes = {name: getattr(party, name) for name in CODES}
        if child:
            yield Party(**codes, name=masked_minor(children))
            children += 1
        else:
            year = party.birth_year if PARTICULARS in told else None
            phone = _phone(party, told)
            yield Party(**codes, name=_name(party, told), phone=phone, birth_year=year)


def _name(party: Party, told: frozenset[str]) -> str | None:
    if not party.name or party.kind not in PEOPLE or NAME in told:
        return party.name
    return masked_name(party.name)


def _phone(party: Party, told: frozenset[str]) -> str | None:
    if not party.phone or PHONE in told:
        return party.phone
    return masked_phone(party.phone)
