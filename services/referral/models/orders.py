"""Orders to agencies, and the moves they make."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from services.referral.lifecycle import ORDER_MOVES, OrderState, check_move
from services.referral.models.base import AREA, Base
from shared.errors import IllegalTransition
from shared.events.referral import OrderAcknowledged, OrderClosed, OrderObjected, OrderReplied


class Order(Base):
    """An agency has to act. ``text`` are the officer's words to it, ``reply`` the agency's, and
    ``reason`` says why an agency that had objected was chosen again; all three are sealed.
    """

    __tablename__ = "orders"

    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    lead_id: Mapped[UUID]
    number: Mapped[str]
    agency_id: Mapped[str]
    duty: Mapped[str | None]
    area: Mapped[str] = mapped_column(AREA)
    grid: Mapped[str | None] = mapped_column(AREA)
    urgent: Mapped[bool]
    state: Mapped[str]
    text: Mapped[bytes | None]
    reason: Mapped[bytes | None]
    opened_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    objected_at: Mapped[datetime | None]
    objection: Mapped[str | None]
    replied_at: Mapped[datetime | None]
    result: Mapped[str | None]
    reply: Mapped[bytes | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("orders_by_lead", "lead_id", "opened_at"),
        Index("orders_by_agency", "agency_id", "state", "opened_at", "order_id"),
        Index("orders_by_time", "opened_at", "order_id"),
        Index("orders_by_state", "state", "opened_at", "order_id"),
    )

    def acknowledge(self, now: datetime) -> OrderAcknowledged:
        self._move(OrderState.ACKNOWLEDGED)
        self.acknowledged_at = now
        return OrderAcknowledged(lead_id=self.lead_id, order_id=self.order_id)

    def object(self, reason: str, now: datetime) -> OrderObjected:
        self._move(OrderState.OBJECTED)
        self.objected_at, self.objection = now, reason
        return OrderObjected(lead_id=self.lead_id, order_id=self.order_id, reason=reason)

    def answer(self, result: str, reply: bytes, now: datetime) -> OrderReplied:
        self._move(OrderState.REPLIED)
        self.replied_at, self.result, self.reply = now, result, reply
        return OrderReplied(lead_id=self.lead_id, order_id=self.order_id, result=result)

    def judge(self, outcome: str, now: datetime) -> OrderClosed:
        """The officer has looked whether the reply is true; there must be one."""
        if self.state != OrderState.REPLIED:
            raise IllegalTransition(self.state, OrderState.CLOSED, kind="order_state")
        return self.end(outcome, now)

    def end(self, outcome: str, now: datetime) -> OrderClosed:
        self._move(OrderState.CLOSED)
        self.closed_at, self.outcome = now, outcome
        return OrderClosed(lead_id=self.lead_id, order_id=self.order_id, outcome=outcome)

    def _move(self, wanted: OrderState) -> None:
        check_move(ORDER_MOVES, OrderState(self.state), wanted)
        self.state = wanted


_ORDERS = Base.metadata.tables["orders"]
Index(
    "orders_one_at_a_time",
    _ORDERS.c.lead_id,
    unique=True,
    sqlite_where=_ORDERS.c.state.in_(("opened", "acknowledged", "replied")),
    postgresql_where=_ORDERS.c.state.in_(("opened", "acknowledged", "replied")),
)
