"""Events to send about."""

from uuid import UUID, uuid4

from shared.events.intake import CaseFacts, Danger, LeadRegistered, PublicInterest

NUMBER = "XS350599-2026-000001"


def lead(lead_id: UUID | None = None, *, revision: int = 1) -> LeadRegistered:
    return LeadRegistered(
        lead_id=lead_id or uuid4(),
        number=NUMBER,
        origin="application",
        area="350599001001",
        danger=Danger(),
        facts=CaseFacts(),
        public_interest=PublicInterest(),
        directory_revision=revision,
    )
