"""What the mediation service consists of."""

from pathlib import Path

from services.mediation import api, handlers, pages, queries, workers
from services.mediation.models import metadata
from services.mediation.policy import POLICY
from shared.events.directory import HandoverPublished
from shared.events.intake import DisputeRegistered
from shared.messaging.reactions import on
from shared.messaging.replica import DIRECTORY_REACTIONS
from shared.service import Service, Worker
from shared.web.holdings import holdings_blueprint

SERVICE = Service(
    name="mediation",
    folder=Path(__file__).parent,
    metadata=metadata,
    blueprints=(pages.blueprint, api.blueprint, holdings_blueprint(queries.holdings)),
    policy=POLICY,
    records=queries.records,
    reactions=(
        *DIRECTORY_REACTIONS,
        on(DisputeRegistered, handlers.route_dispute, prefetch=queries.routing_state),
        on(HandoverPublished, handlers.hand_over),
    ),
    workers=(Worker(name="dossiers", run=workers.copy_dossiers, every=0.5),),
)
