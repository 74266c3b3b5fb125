"""What time it is: instants are aware and in UTC; days are those of Asia/Shanghai."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


def day_in_china(instant: datetime) -> date:
    """The calendar day on which people in China see this instant."""
    return instant.astimezone(CHINA).date()
