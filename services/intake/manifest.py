"""What intake consists of."""

from pathlib import Path

from services.intake import api, internal
from services.intake.handlers import outcomes
from services.intake.models import metadata, sealed_metadata
from services.intake.pages import filing, looking
from services.intake.policy import POLICY
from services.intake.queries.places import why_not_ready
from shared.events.mediation import (
    DisputeAccepted,
    DisputeConcluded,
    DisputeRouted,
    MediatorAssigned,
    ProsecutorAssigned,
    RoomOpened,
    SessionRecorded,
)
from shared.events.referral import (
    LeadClosed,
    LeadRouted,
    OfficerAssigned,
    OrderAcknowledged,
    OrderClosed,
    OrderObjected,
    OrderOpened,
    OrderReplied,
    ReviewAcknowledged,
    ReviewAssigned,
    ReviewClosed,
    ReviewOpened,
)
from shared.messaging.reactions import on
from shared.messaging.replica import DIRECTORY_REACTIONS
from shared.service import Service

SERVICE = Service(
    name="intake",
    folder=Path(__file__).parent,
    metadata=metadata,
    sealed=sealed_metadata,
    blueprints=(filing.blueprint, looking.blueprint, api.blueprint, internal.blueprint),
    policy=POLICY,
    ready=why_not_ready,
    reactions=(
        *DIRECTORY_REACTIONS,
        on(DisputeRouted, outcomes.note_dispute_route),
        on(MediatorAssigned, outcomes.note_mediator),
        on(RoomOpened, outcomes.note_room),
        on(ProsecutorAssigned, outcomes.note_prosecutor),
        on(DisputeAccepted, outcomes.note_acceptance),
        on(SessionRecorded, outcomes.note_session),
        on(DisputeConcluded, outcomes.note_conclusion),
        on(LeadRouted, outcomes.note_lead_route),
        on(OfficerAssigned, outcomes.note_officer),
        on(OrderOpened, outcomes.note_order),
        on(OrderAcknowledged, outcomes.note_order_taken),
        on(OrderObjected, outcomes.note_objection),
        on(OrderReplied, outcomes.note_reply),
        on(OrderClosed, outcomes.note_order_end),
        on(ReviewOpened, outcomes.note_review),
        on(ReviewAssigned, outcomes.note_reviewer),
        on(ReviewAcknowledged, outcomes.note_review_begun),
        on(ReviewClosed, outcomes.note_review_result),
        on(LeadClosed, outcomes.note_lead_end),
    ),
)
