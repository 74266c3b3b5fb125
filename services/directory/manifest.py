"""What the directory consists of."""

from pathlib import Path

from services.directory import api, internal, queries
from services.directory.models import Base
from services.directory.pages import BLUEPRINTS
from services.directory.policy import POLICY
from services.directory.queries import person
from services.directory.workers import SWEEP
from shared.service import Service

SERVICE = Service(
    name="directory",
    folder=Path(__file__).parent,
    metadata=Base.metadata,
    blueprints=(*BLUEPRINTS, *api.BLUEPRINTS, internal.blueprint),
    policy=POLICY,
    records=queries.records,
    workers=(SWEEP,),
    person=person,
)
