"""The JSON API of operations: flows, lag, what is set aside, and the ledger."""

from flask import Blueprint

from services.ops import queries
from services.ops.handlers import Retry, try_again
from services.ops.schemas import (
    FailuresSchema,
    FlowDetailSchema,
    FlowsSchema,
    LagsSchema,
    ReconciliationSchema,
    RetryingSchema,
    RetrySchema,
    Wanted,
    WantedSchema,
    place_of,
)
from shared.web.answer import Answer
from shared.web.context import audit_act, current_actor, platform, reading
from shared.web.operation import operation
from shared.web.paging import cut

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")


@blueprint.get("/flows")
@operation("flow.read", query=WantedSchema(), answer=FlowsSchema())
def flows(wanted: Wanted) -> Answer:
    """Cases and how far each is, the newest first."""
    parked = queries.recent_look(platform()).parked_subjects
    with reading() as session:
        rows = queries.listed(session, wanted.filters(parked))
    shown, following = cut(rows, wanted.limit, place_of)
    return Answer({"items": shown}, next_cursor=following)


@blueprint.get("/flows/<wanted>")
@operation("flow.read", answer=FlowDetailSchema())
def flow(wanted: str) -> Answer:
    """One case, by its id or its registration number, with every event about it."""
    look = queries.recent_look(platform())
    with reading() as session:
        found = queries.find(session, wanted, look.parked_subjects)
        hops = queries.hops_of(session, found.subject)
    parked = look.parked(found.subject)
    first = next(({"service": name, **vars(case)} for name, case in parked.items()), None)
    return Answer(
        {
            **vars(found),
            "stands": queries.stands(found, parked, platform().clock()),
            "hops": hops,
            "parked": first,
        }
    )


@blueprint.get("/lag")
@operation("flow.read", answer=LagsSchema())
def lag() -> Answer:
    """How far behind each service is."""
    look = queries.recent_look(platform())
    return Answer({"items": queries.lags(look), "away": look.away})


@blueprint.get("/dead-letters")
@operation("flow.read", answer=FailuresSchema())
def dead_letters() -> Answer:
    """What the services have set aside, the oldest first; the oldest 200 of each kind a service."""
    look = queries.recent_look(platform())
    with reading() as session:
        found = queries.failures(session, look)
    return Answer({"items": found, "away": look.away})


@blueprint.post("/dead-letters/retry")
@operation("flow.retry", body=RetrySchema(), answer=RetryingSchema())
def retry(command: Retry) -> Answer:
    """Have one parked case, one dead letter, or all that a service has set aside tried again."""
    # No idempotency key is kept: asking twice does no harm, and our database must not be locked
    # while another service answers.
    audit_act(command.case)
    found = try_again(platform(), current_actor(), command)
    queries.forget_looks(platform())
    return Answer({"retrying": found})


@blueprint.get("/reconciliation")
@operation("flow.read", answer=ReconciliationSchema())
def reconciliation() -> Answer:
    """Accepted = routed + waiting + parked; what is unexplained is named."""
    found = queries.reconcile(platform())
    return Answer({**vars(found), "in_words": queries.health(found).in_words})
