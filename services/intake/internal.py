"""What other services may ask of intake, under their own identity and never through the gateway."""

from uuid import UUID

from flask import Blueprint

from services.intake.models.seals import Seals
from services.intake.queries.disputes import dossier
from services.intake.queries.leads import lead_texts
from shared.web.answer import Answer
from shared.web.context import reading, sealer
from shared.web.operation import operation

blueprint = Blueprint("internal", __name__, url_prefix="/internal/v1")


@blueprint.get("/dossiers/<uuid:case_id>")
@operation("dossier.read", shows=("parties", "narrative", "place"))
def dossier_of(case_id: UUID) -> Answer:
    with reading() as session:
        return Answer(dossier(session, Seals.made_by(sealer), case_id))


@blueprint.get("/leads/<uuid:lead_id>/texts")
@operation("lead_texts.read", shows=("text", "place"))
def texts_of(lead_id: UUID) -> Answer:
    with reading() as session:
        return Answer(lead_texts(session, Seals.made_by(sealer), lead_id))
