"""The pages of operations: the whole at a glance, one case hop by hop, and what is set aside."""

from collections.abc import Sequence
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug import Response

from services.ops import queries
from services.ops.handlers import Retry, try_again
from services.ops.policy import POLICY
from services.ops.schemas import (
    LookedUp,
    LookedUpSchema,
    Retried,
    RetriedSchema,
    RetrySchema,
    Wanted,
    WantedSchema,
    place_of,
)
from shared.clock import CHINA
from shared.web.context import audit_act, current_actor, platform, reading
from shared.web.counts import open_count
from shared.web.forms import nested
from shared.web.i18n import language, translate
from shared.web.operation import page
from shared.web.paging import cut

blueprint = Blueprint("pages", __name__)

RETRY = RetrySchema()
SLOW_MS = 1_000.0
"""A machine that took longer for a step was held up by something."""


@blueprint.get("/")
@page("flow.read")
def start() -> Response:
    return redirect(url_for(".flows"), 303)


@blueprint.get("/flows")
@page("flow.read", query=WantedSchema())
def flows(wanted: Wanted) -> str:
    here = platform()
    ledger = queries.reconcile(here)
    with reading() as session:
        rows = queries.listed(session, wanted.filters(ledger.look.parked_subjects))
        stuck = queries.failures(session, ledger.look)
    shown, following = cut(rows, wanted.limit, place_of)
    return _render(
        "ops/flows.html",
        ledger=ledger,
        health=queries.health(ledger),
        lags=queries.lags(ledger.look),
        activity=queries.activity(here),
        groups=queries.groups(stuck),
        rows=shown,
        wanted=wanted,
        stands=lambda flow: queries.stands(flow, ledger.look.parked(flow.subject), ledger.at)[
            language()
        ],
        here=_flows_url,
        next_url=_flows_url(cursor=following) if following else None,
    )


@blueprint.get("/find")
@page("flow.read", query=LookedUpSchema())
def find(wanted: LookedUp) -> Response:
    """From a number or an id to its page."""
    number = wanted.number or wanted.case
    if number is None:
        return redirect(url_for(".flows"), 303)
    with reading() as session:
        found = queries.find(session, number, ())
    return redirect(url_for(".flow", wanted=found.subject), 303)


@blueprint.get("/flows/<wanted>")
@page("flow.read")
def flow(wanted: str) -> str:
    here = platform()
    look = queries.recent_look(here)
    with reading() as session:
        found = queries.find(session, wanted, look.parked_subjects)
        hops = queries.hops_of(session, found.subject)
    parked = look.parked(found.subject)
    return _render(
        "ops/flow.html",
        flow=found,
        hops=hops,
        parked=parked,
        away=_names(look.away),
        stands=queries.stands(found, parked, here.clock())[language()],
        lanes=list(dict.fromkeys(hop.source for hop in hops)),
        slow=SLOW_MS,
    )


@blueprint.post("/flows/<wanted>/retry")
@page("flow.retry")
def retry_flow(wanted: str) -> Response:
    """The service that set the case aside is named in the form."""
    command = RETRY.read(nested(request.form))
    _retry(Retry(service=command.service, key=wanted))
    return redirect(url_for(".flow", wanted=wanted), 303)


@blueprint.get("/dead-letters")
@page("flow.read", query=RetriedSchema())
def dead_letters(wanted: Retried) -> str:
    look = queries.recent_look(platform())
    with reading() as session:
        found = queries.failures(session, look)
    return _render(
        "ops/dead_letters.html",
        groups=queries.groups(found),
        count=len(found),
        services=sorted({failure.service for failure in found}),
        away=_names(look.away),
        retried=wanted.retried,
    )


@blueprint.get("/dead-letters/count")
@page("flow.read")
def count_dead_letters() -> str:
    """For the navigation."""
    with reading() as session:
        found = queries.failures(session, queries.recent_look(platform()))
    return open_count([len(found)])


@blueprint.post("/dead-letters/retry")
@page("flow.retry")
def retry() -> Response:
    """One, or all of a service."""
    found = _retry(RETRY.read(nested(request.form)))
    return redirect(url_for(".dead_letters", retried=found), 303)


def _retry(command: Retry) -> int:
    audit_act(command.case)
    found = try_again(platform(), current_actor(), command)
    queries.forget_looks(platform())
    return found


def _render(template: str, **values: object) -> str:
    now = platform().clock()
    return render_template(
        template,
        **values,
        now=now,
        may_retry=POLICY.allows(current_actor(), "flow.retry"),
        service_name=lambda name: queries.service_name(name, language()),
        span=lambda seconds: queries.span(seconds, language()),
        translated=translate,
        moment=lambda at: at.astimezone(CHINA).strftime("%m-%d %H:%M:%S.%f")[:-3],
        ago=lambda since: queries.span((now - since).total_seconds(), language()),
    )


def _names(services: Sequence[str]) -> list[str]:
    return [queries.service_name(name, language()) for name in services]


def _flows_url(**changes: str | None) -> str:
    """The list with other filters; from its beginning unless a cursor is given."""
    kept = {name: value for name, value in request.args.items() if name != "cursor"}
    filters = {name: value for name, value in {**kept, **changes}.items() if value}
    return url_for(".flows") + (f"?{urlencode(filters)}" if filters else "")
