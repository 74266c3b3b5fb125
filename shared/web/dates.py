"""Times as people read them: ``9月18日 周五 14:30``, ``Fri 18 Sep, 14:30``; days are China's.

The year stands only where it is not this year's.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import format_date

from shared.clock import CHINA, day_in_china
from shared.web.i18n import Language, translate

_PATTERNS: dict[Language, tuple[str, str, str, str]] = {
    "zh": ("M月d日", "y年M月d日", "M月d日 EEEE", "y年M月d日 EEEE"),
    "en": ("d MMM", "d MMM y", "EEEE d MMMM", "EEEE d MMMM y"),
}
SOON = timedelta(days=3)
"""Within this time a deadline is shown as one that comes."""
MORNING, NOON, EVENING = 5, 12, 18
"""The hours of China from which they are wished."""


def day(when: date | datetime, now: datetime, language: Language) -> str:
    """``9月18日``, ``18 Sep``."""
    short, with_year, _, _ = _PATTERNS[language]
    found = _day(when)
    return _written(found, short if found.year == day_in_china(now).year else with_year)


def whole_day(when: date | datetime, now: datetime, language: Language) -> str:
    """``9月18日 星期五``, ``Friday 18 September``."""
    _, _, short, with_year = _PATTERNS[language]
    found = _day(when)
    return _written(found, short if found.year == day_in_china(now).year else with_year)


def clock(when: datetime) -> str:
    return when.astimezone(CHINA).strftime("%H:%M")


def moment(when: datetime, now: datetime, language: Language) -> str:
    """``今天 14:30``, ``昨天 14:30``, else the day and the time."""
    days = (day_in_china(when) - day_in_china(now)).days
    words = {
        0: translate("Today"),
        -1: translate("Yesterday"),
        1: translate("Tomorrow"),
    }.get(days)
    if words is not None:
        return f"{words} {clock(when)}"
    between = " " if language == "zh" else ", "
    return f"{day(when, now, language)}{between}{clock(when)}"


@dataclass(frozen=True, kw_only=True)
class Left:
    """How long until a deadline: ``tone`` is ``late``, ``soon`` or empty."""

    tone: str
    words: str


def left(deadline: datetime, now: datetime) -> Left:
    """In calendar days, by the days of China."""
    if deadline < now:
        return Left(tone="late", words=_late(deadline, now))
    days = (day_in_china(deadline) - day_in_china(now)).days
    if days == 0:
        words = translate("Today, by %(time)s", time=clock(deadline))
    elif days == 1:
        words = translate("Tomorrow %(time)s", time=clock(deadline))
    else:
        words = translate("%(days)s days left", days=days)
    return Left(tone="soon" if deadline - now <= SOON else "", words=words)


def greeting(now: datetime) -> str:
    hour = now.astimezone(CHINA).hour
    if MORNING <= hour < NOON:
        return translate("Good morning")
    return translate("Good afternoon") if NOON <= hour < EVENING else translate("Good evening")


def age(since: datetime, now: datetime) -> int:
    """In days, by the days of China."""
    return (day_in_china(now) - day_in_china(since)).days


def waited(since: datetime, now: datetime) -> str:
    """How long already: ``等了 3 天``, ``For 3 days``."""
    days = age(since, now)
    if days <= 0:
        return translate("Since today")
    if days == 1:
        return translate("For 1 day")
    return translate("For %(days)s days", days=days)


def _late(deadline: datetime, now: datetime) -> str:
    days = age(deadline, now)
    if days == 0:
        return translate("Overdue since %(time)s", time=clock(deadline))
    if days == 1:
        return translate("1 day overdue")
    return translate("%(days)s days overdue", days=days)


def _written(when: date, pattern: str) -> str:
    return str(format_date(when, pattern))


def _day(when: date | datetime) -> date:
    return day_in_china(when) if isinstance(when, datetime) else when
