"""How intake seals what it keeps: one key per purpose, so that no box opens as another's."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self
from uuid import UUID

import msgspec

from services.intake.models.filed import FiledDispute, FiledLead, Informant
from shared.auth.actor import Actor
from shared.auth.sealing import Sealer

_DISPUTE = msgspec.json.Decoder(FiledDispute)
_LEAD = msgspec.json.Decoder(FiledLead)
_INFORMANT = msgspec.json.Decoder(Informant)
_ENCODE = msgspec.json.Encoder().encode


@dataclass(frozen=True, kw_only=True)
class Seals:
    """Opening raises shared.auth.sealing.CannotOpen for a box of another case, or a changed one."""

    case: Sealer
    lead: Sealer
    informant: Sealer
    link: Sealer
    receipt: Sealer
    filer: Sealer

    @classmethod
    def made_by(cls, sealer: Callable[[str], Sealer]) -> Self:
        return cls(
            case=sealer("intake.case"),
            lead=sealer("intake.lead"),
            informant=sealer("intake.informant"),
            link=sealer("intake.link"),
            receipt=sealer("intake.receipt"),
            filer=sealer("intake.filer"),
        )

    def seal_dispute(self, case_id: UUID, filed: FiledDispute) -> bytes:
        return self.case.seal(_ENCODE(filed), about=str(case_id))

    def open_dispute(self, case_id: UUID, sealed: bytes) -> FiledDispute:
        return _DISPUTE.decode(self.case.open(sealed, about=str(case_id)))

    def seal_lead(self, lead_id: UUID, filed: FiledLead) -> bytes:
        return self.lead.seal(_ENCODE(filed), about=str(lead_id))

    def open_lead(self, lead_id: UUID, sealed: bytes) -> FiledLead:
        return _LEAD.decode(self.lead.open(sealed, about=str(lead_id)))

    def seal_informant(self, ref: UUID, informant: Informant) -> bytes:
        return self.informant.seal(_ENCODE(informant), about=str(ref))

    def open_informant(self, ref: UUID, sealed: bytes) -> Informant:
        return _INFORMANT.decode(self.informant.open(sealed, about=str(ref)))

    def link_of(self, case_id: UUID) -> str:
        """Where the link of a dispute stands."""
        return self.link.fingerprint(str(case_id))

    def seal_link(self, case_id: UUID, lead_id: UUID) -> bytes:
        return self.link.seal(lead_id.bytes, about=str(case_id))

    def open_link(self, case_id: UUID, sealed: bytes) -> UUID:
        return UUID(bytes=self.link.open(sealed, about=str(case_id)))

    def filer_of_lead(self, actor: Actor) -> str | None:
        return self.filer.fingerprint(actor.id) if actor.signed_in else None
