"""What the mediation service consists of."""

from pathlib import Path

from services.mediation import api, handlers, pages, queries, workers
from services.mediation.models import metadata
from services.mediation.policy import POLICY
from shared.events.intake import DisputeRegistered
from shared.messaging.reactions import on
from shared.messaging.replica import DIRECTORY_REACTIONS
from shared.service import Service, Worker

SERVICE = Service(
    name="mediation",
    folder=Path(__file__).parent,
    metadata=metadata,
    blueprints=(pages.blueprint, api.blueprint),
    policy=POLICY,
    reactions=(
        *DIRECTORY_REACTIONS,
        on(DisputeRegistered, handlers.route_dispute, prefetch=queries.routing_state),
    ),
    workers=(Worker(name="dossiers", run=workers.copy_dossiers, every=0.5),),
)
