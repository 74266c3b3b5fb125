"""What somebody sees of a person who is not theirs to know: enough to tell two apart."""

from datetime import datetime

from shared.clock import day_in_china

PEOPLE = frozenset({"person", "household", "unknown"})
"""The kinds of party whose name is a person's; organisations have none to hide."""
MINOR = "minor"
PHONE_SHOWN = 11
"""A shorter number would be told by what is shown of it."""
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def masked_name(name: str) -> str:
    """王*兰, 王*: the first character and, from three on, the last; never how many between."""
    return f"{name[0]}*{name[-1]}" if len(name) > len("王兰") else f"{name[:1]}*"


def masked_minor(number: int) -> str:
    """未成年人A for the first of a case: of a child not even the family name is told."""
    return f"未成年人{_LETTERS[number % len(_LETTERS)]}"


def masked_phone(phone: str) -> str:
    """138****5678"""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) >= PHONE_SHOWN else "****"


def masked_day(instant: datetime) -> str:
    """2026-W10: a moment could be compared with when somebody was seen to report."""
    year, week, _ = day_in_china(instant).isocalendar()
    return f"{year}-W{week:02}"
