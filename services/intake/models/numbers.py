"""Registration numbers: ``JF350599-2026-000123`` – kind, district, year in China, running number.

They are made from the row and not stored: the running number is the row's own.
"""

import re
from datetime import datetime

from shared.clock import day_in_china

DISPUTE, LEAD = "JF", "XS"
"""纠纷 and 线索"""

_NUMBER = re.compile(r"(?:[A-Z]{2}[0-9]{6}-?[0-9]{4}-?)?([0-9]{1,15})", re.IGNORECASE)


def registration_number(kind: str, area: str, filed_at: datetime, seq: int) -> str:
    return f"{kind}{area[:6]}-{day_in_china(filed_at).year}-{seq:06d}"


def running_number(text: str) -> int | None:
    """Of a number typed whole, or of its last part alone; None when it cannot be one."""
    found = _NUMBER.fullmatch(text.strip())
    return int(found[1]) if found else None
