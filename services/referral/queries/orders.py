"""Orders as those see them who may: the agency without the lead behind them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from services.referral.lifecycle import OrderState
from services.referral.models import Order, orders_of
from services.referral.policy import sees_as_agency
from services.referral.queries.leads import COUNTED
from shared.auth.actor import Actor
from shared.auth.sealing import Sealer
from shared.db.walks import Walk, counted, walked
from shared.errors import NotFound
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
    """``task`` says by language what to do, from codes alone; ``lead_id`` is None for an agency."""

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
    opened_at: datetime
    acknowledged_at: datetime | None
    objected_at: datetime | None
    objection: str | None
    replied_at: datetime | None
    result: str | None
    closed_at: datetime | None
    outcome: str | None
    version: int


@dataclass(frozen=True, kw_only=True)
class OrderView(OrderListed):
    """With what the officer wrote to the agency, and the agency's answer."""

    text: str | None
    reason: str | None
    reply: str | None


_MADE = {"lead_id", "agency", "area", "grid", "task"}
_SAME = {field.name for field in fields(OrderListed)} - _MADE


def orders(session: Session, wanted: OrderFilters, by: Actor) -> Sequence[OrderListed]:
    """Those within the actor's reach."""
    known = directory(session)
    walk = Walk(limit=wanted.limit, after=wanted.after, oldest_first=True)
    query = walked(Order, Order.opened_at, Order.order_id, _pieces(wanted, by), walk)
    return [OrderListed(**_listed(found, known, by)) for found in session.scalars(query)]


def order_counts(session: Session, by: Actor) -> Mapping[str, int]:
    """How many there are in each state, up to ``COUNTED``."""
    pieces = ((str(state), [Order.state == state, orders_of(by)]) for state in OrderState)
    return counted(session, Order, pieces, most=COUNTED)


def order(session: Session, order_id: UUID, by: Actor, words: Sealer | None) -> OrderView:
    """Raises NotFound, also for one out of the actor's reach."""
    found = session.scalar(select(Order).where(Order.order_id == order_id, orders_of(by)))
    if found is None:
        raise NotFound("There is no such record.")
    return view(found, directory(session), by, words)


def orders_about(
    session: Session, lead_id: UUID, by: Actor, words: Sealer | None
) -> Sequence[OrderView]:
    """All of one lead, the newest first. Whoever asks may read the lead: check that first."""
    known = directory(session)
    query = select(Order).where(Order.lead_id == lead_id).order_by(Order.opened_at.desc())
    return [view(found, known, by, words) for found in session.scalars(query)]


def view(found: Order, known: Directory, by: Actor, words: Sealer | None) -> OrderView:
    """``words`` opens what people wrote; without it that is not shown."""
    return OrderView(
        **_listed(found, known, by),
        text=_opened(words, found.text, f"{found.order_id}:text"),
        reason=_opened(words, found.reason, f"{found.order_id}:reason"),
        reply=_opened(words, found.reply, f"{found.order_id}:reply"),
    )


def _listed(found: Order, known: Directory, by: Actor) -> dict[str, Any]:
    return {name: getattr(found, name) for name in _SAME} | {
        "lead_id": None if sees_as_agency(by) else found.lead_id,
        "agency": named(known, found.agency_id),
        "area": area_named(known, found.area),
        "grid": area_named(known, found.grid) if found.grid else None,
        "task": {language: _task(found, known, language) for language in LANGUAGES},
    }


def _task(found: Order, known: Directory, language: str) -> str:
    duty = label("duty", found.duty, language) if found.duty else _NO_DUTY[language]
    area = known.area_name(found.grid or found.area, language)
    return _TASK[language].format(area=area, duty=duty)


def _opened(words: Sealer | None, sealed: bytes | None, about: str) -> str | None:
    return words.open(sealed, about=about).decode() if words and sealed else None


def _pieces(wanted: OrderFilters, by: Actor) -> Sequence[Sequence[ColumnElement[bool]]]:
    """Each agency has an index by state and time."""
    states = tuple(OrderState) if wanted.state is None else (wanted.state,)
    return [[Order.state == str(state), orders_of(by)] for state in states]
