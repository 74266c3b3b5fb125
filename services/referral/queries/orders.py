"""Orders as those see them who may: the agency without the lead behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from services.referral.lifecycle import OrderState
from services.referral.models import Lead, Order
from services.referral.policy import MOMENT, POLICY, READ, SHOWN, WORDS
from services.referral.queries.leads import COUNTED
from services.referral.relations import load_order, of_order, orders_of, orders_within
from shared.auth.actor import Viewer
from shared.auth.masks import masked_day
from shared.auth.relations import Relation
from shared.auth.sealing import Sealer
from shared.db.scope import Found, labelled, relations_of
from shared.db.walks import Walk, counted, walked
from shared.messaging.replica import LANGUAGES, Directory, Named, area_named, directory, named
from shared.words import label

_TASK = {
    "zh": "请到{area}核查：{duty}。依法处理后，在这里答复查到了什么、做了什么。",
    "en": "Please check in {area}: {duty}. Act as the law requires, and answer here what you found "
    "and what you did.",
}
_NO_DUTY = {"zh": "影响公共利益的情况", "en": "a matter of public interest"}


@dataclass(frozen=True, kw_only=True)
class OrderFilters:
    """``after``: the place of the last row that was seen. Urgent or not, the oldest come first."""

    state: str | None = None
    after: tuple[datetime, UUID] | None = None
    limit: int = 50


@dataclass(frozen=True, kw_only=True)
class OrderListed:
    """``task`` says by language what to do, from codes alone. An agency gets neither ``lead_id``
    nor ``opened_at``, but the week of it. ``place`` is where it stands in the list.
    """

    order_id: UUID
    lead_id: UUID | None
    number: str
    agency: Named | None
    duty: str | None
    area: Named
    grid: Named | None
    urgent: bool
    state: str
    task: Mapping[str, str]
    opened_at: datetime | None
    opened_week: str
    acknowledged_at: datetime | None
    objected_at: datetime | None
    objection: str | None
    replied_at: datetime | None
    result: str | None
    closed_at: datetime | None
    outcome: str | None
    version: int
    place: datetime


@dataclass(frozen=True, kw_only=True)
class OrderView(OrderListed):
    """With what the officer wrote to the agency, and the agency's answer."""

    text: str | None
    reason: str | None
    reply: str | None
    relations: frozenset[Relation]


_READ = "order.read"
_MADE = {"lead_id", "agency", "area", "grid", "task", "opened_at", "opened_week", "place"}
_SAME = {field.name for field in fields(OrderListed)} - _MADE


def orders(session: Session, viewer: Viewer, wanted: OrderFilters) -> Sequence[OrderListed]:
    """Those within the actor's reach."""
    known = directory(session)
    walk = Walk(limit=wanted.limit, after=wanted.after, oldest_first=True)
    query = walked(Order, Order.opened_at, Order.order_id, _pieces(wanted, viewer), walk)
    rows = session.execute(query.add_columns(*labelled(of_order(viewer))))
    return [OrderListed(**_listed(row[0], relations_of(row), known, viewer)) for row in rows]


def order_counts(
    session: Session, viewer: Viewer, states: Sequence[OrderState] = tuple(OrderState)
) -> Mapping[str, int]:
    """How many there are in each of these states, up to ``COUNTED``."""
    reach = orders_within(viewer, _READ)
    pieces = ((str(state), [Order.state == state, reach]) for state in states)
    return counted(session, Order, pieces, most=COUNTED)


def order(session: Session, viewer: Viewer, order_id: UUID, words: Sealer | None) -> OrderView:
    """``words`` opens what people wrote, for those who may read it. Raises NotFound, also for one
    out of the actor's reach.
    """
    found = load_order(session, viewer, _READ, order_id)
    return _view(found, directory(session), viewer, words)


def numbered_order(session: Session, viewer: Viewer, number: str) -> UUID | None:
    """The newest order within the actor's reach that has this number, which is its lead's."""
    return session.scalar(
        select(Order.order_id)
        .join(Lead, Lead.lead_id == Order.lead_id)
        .where(Lead.number == number, orders_within(viewer, _READ))
        .order_by(Order.opened_at.desc())
        .limit(1)
    )


def orders_about(
    session: Session, viewer: Viewer, lead_id: UUID, words: Sealer | None
) -> Sequence[OrderView]:
    """Those of one lead that the actor may read, the newest first."""
    known = directory(session)
    return [
        _view(found, known, viewer, words) for found in orders_of(session, viewer, _READ, lead_id)
    ]


def _view(found: Found[Order], known: Directory, viewer: Viewer, words: Sealer | None) -> OrderView:
    order, told = found.row, SHOWN[found.decision.mask]
    opener = words if WORDS in told else None
    return OrderView(
        **_listed(order, found.relations, known, viewer),
        text=_opened(opener, order.text, f"{order.order_id}:text"),
        reason=_opened(opener, order.reason, f"{order.order_id}:reason"),
        reply=_opened(opener, order.reply, f"{order.order_id}:reply"),
        relations=found.relations,
    )


def _listed(
    found: Order, relations: frozenset[Relation], known: Directory, viewer: Viewer
) -> dict[str, Any]:
    """The lead is named to those who may see leads, the moment to those whom the mask leaves it."""
    told = SHOWN[POLICY.decide(viewer.actor, _READ, relations).mask]
    return {name: getattr(found, name) for name in _SAME} | {
        "lead_id": found.lead_id if POLICY.allows(viewer.actor, READ) else None,
        "agency": named(known, found.agency_id),
        "area": area_named(known, found.area),
        "grid": area_named(known, found.grid) if found.grid else None,
        "task": {language: _task(found, known, language) for language in LANGUAGES},
        "opened_at": found.opened_at if MOMENT in told else None,
        "opened_week": masked_day(found.opened_at),
        "place": found.opened_at,
    }


def _task(found: Order, known: Directory, language: str) -> str:
    duty = label("duty", found.duty, language) if found.duty else _NO_DUTY[language]
    area = known.area_name(found.grid or found.area, language)
    return _TASK[language].format(area=area, duty=duty)


def _opened(words: Sealer | None, sealed: bytes | None, about: str) -> str | None:
    return words.open(sealed, about=about).decode() if words and sealed else None


def _pieces(wanted: OrderFilters, viewer: Viewer) -> Sequence[Sequence[ColumnElement[bool]]]:
    """Each agency has an index by state and time."""
    states = tuple(OrderState) if wanted.state is None else (wanted.state,)
    reach = orders_within(viewer, _READ)
    return [[Order.state == str(state), reach] for state in states]
