"""What the referral service consists of."""

from pathlib import Path

from services.referral import api, handlers, pages, queries, workers
from services.referral.models import metadata
from services.referral.pages import home, openings
from services.referral.policy import POLICY
from shared.db import Database
from shared.events.directory import HandoverPublished
from shared.events.intake import LeadRegistered
from shared.messaging.reactions import on
from shared.messaging.replica import DIRECTORY_REACTIONS, applied_revision
from shared.service import Service, Worker
from shared.web.holdings import holdings_blueprint


def why_not_ready(database: Database) -> str | None:
    """Without the directory nobody has a name, and nothing can be given to anybody."""
    with database.reading() as session:
        return None if applied_revision(session) else "the directory has not arrived"


SERVICE = Service(
    name="referral",
    folder=Path(__file__).parent,
    metadata=metadata,
    blueprints=(
        pages.blueprint,
        home.blueprint,
        openings.blueprint,
        api.blueprint,
        holdings_blueprint(queries.holdings),
    ),
    policy=POLICY,
    records=queries.records,
    reactions=(
        *DIRECTORY_REACTIONS,
        on(LeadRegistered, handlers.route_lead, prefetch=queries.routing_state),
        on(HandoverPublished, handlers.hand_over),
    ),
    workers=(Worker(name="texts", run=workers.copy_texts, every=0.5),),
    ready=why_not_ready,
)
