"""What the operations service consists of."""

from pathlib import Path

from services.ops import api, handlers, pages
from services.ops.models import metadata
from services.ops.policy import POLICY
from shared.messaging.reactions import on_every
from shared.messaging.replica import DIRECTORY_REACTIONS
from shared.service import Service

SERVICE = Service(
    name="ops",
    folder=Path(__file__).parent,
    metadata=metadata,
    blueprints=(pages.blueprint, api.blueprint),
    policy=POLICY,
    reactions=(*DIRECTORY_REACTIONS, on_every(handlers.record_hop)),
)
