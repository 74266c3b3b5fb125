"""What the directory consists of."""

from pathlib import Path

from services.directory import api, internal, pages
from services.directory.models import Base
from services.directory.policy import POLICY
from shared.service import Service

SERVICE = Service(
    name="directory",
    folder=Path(__file__).parent,
    metadata=Base.metadata,
    blueprints=(pages.blueprint, api.blueprint, internal.blueprint),
    policy=POLICY,
)
