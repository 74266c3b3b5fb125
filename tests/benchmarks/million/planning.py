"""When each of so many cases was filed, and which played case it repeats.

The cases come over some years, ever more of them, on working days at working hours; streets differ
in how much happens there; nearly all that is old is over.
"""

import math
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from zlib import crc32

from services.intake.models.numbers import DISPUTE, LEAD, registration_number
from shared.messaging.topics import TOPIC_PARTITIONS
from tests.benchmarks.million.templates import CASES, Template

YEARS = 3
OLD = 45.0
"""Days after which a case is nearly always over."""
LEFT_OPEN = 0.02
LEADS = 0.12
AREA_WEIGHTS = {"350599001001": 0.55, "350599001002": 0.3, "350599002001": 0.15}
ROUTE_WEIGHTS = {"ordinary_mediation": 6.0, "street_mediation": 2.0, "agency_follow_up": 3.0}
PARTITIONS = TOPIC_PARTITIONS[CASES]

Row = tuple[int, int, str, str, float, int, str, int, int]
"""Number, template, head of the ids without and with dashes, time, running number, registration
number, partition, offset of the first event.
"""


@dataclass(frozen=True)
class _Pool:
    templates: Sequence[Template]
    weights: Sequence[float]

    def pick(self, random: Random) -> Template:
        return self.templates[bisect(self.weights, random.random() * self.weights[-1])]


class Plan:
    """``ends`` are the next offsets of the partitions, ``running`` the last running number of each
    kind: both are raised while the plan is made.
    """

    def __init__(
        self,
        templates: Sequence[Template],
        *,
        cases: int,
        now: datetime,
        ends: dict[int, int],
        running: dict[str, int],
    ) -> None:
        self.ends = ends
        self.running = running
        self._random = Random(cases)
        self._cases = cases
        self._now = now
        self._days = min(YEARS * 365, max(60, cases // 10))
        self._pools = {
            (kind, old): _pool(templates, kind, over=old)
            for kind in ("dispute", "lead")
            for old in (True, False)
        }
        self._young = {
            (kind, phase): _pool(templates, kind, days=phase)
            for kind in ("dispute", "lead")
            for phase in {int(each.days) for each in templates}
        }

    def rows(self) -> Iterator[Row]:
        for number, age in enumerate(sorted(map(self._age, range(self._cases)), reverse=True)):
            template = self._template(age)
            moment = self._now - timedelta(days=age)
            if template.kind == "lead":
                moment = moment.replace(second=0, microsecond=0)
            yield self._row(number, template, moment)

    def _row(self, number: int, template: Template, moment: datetime) -> Row:
        head, dashed = self._head(template.kind, moment)
        part = crc32(f"{dashed}0000".encode()) % PARTITIONS
        first = self.ends[part]
        self.ends[part] += template.events
        self.running[template.kind] += 1
        seq = self.running[template.kind]
        kind = DISPUTE if template.kind == "dispute" else LEAD
        text = registration_number(kind, template.area, moment, seq)
        at = moment.timestamp()
        return number, template.number, head, dashed, at, seq, text, part, first

    def _age(self, _number: int) -> float:
        """In days; at least a few minutes, so that nothing lies in the future."""
        days = self._days * math.pow(self._random.random(), 1.2)
        day, share = divmod(days, 1)
        return max(0.02, day + 0.3 * share + 0.01)

    def _template(self, age: float) -> Template:
        kind = "lead" if self._random.random() < LEADS else "dispute"
        if age > OLD:
            return self._pools[kind, self._random.random() > LEFT_OPEN].pick(self._random)
        most = max(phase for of, phase in self._young if of == kind and phase + 1 <= max(age, 1))
        return self._young[kind, most].pick(self._random)

    def _head(self, kind: str, moment: datetime) -> tuple[str, str]:
        """All of an id but its last four digits: of a dispute's it tells the time."""
        bits = f"{self._random.getrandbits(64):016x}"
        if kind == "dispute":
            text = f"{int(moment.timestamp() * 1000):012x}7{bits[:3]}8{bits[3:14]}"
        else:
            text = f"{self._random.getrandbits(48):012x}4{bits[:3]}8{bits[3:14]}"
        return text, f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _pool(
    templates: Sequence[Template], kind: str, *, over: bool | None = None, days: int | None = None
) -> _Pool:
    """``days``: those whose life has taken at most so many whole days."""
    found = [
        each
        for each in templates
        if each.kind == kind
        and (over is None or each.over == over)
        and (days is None or each.days < days + 1)
    ]
    weights = [
        AREA_WEIGHTS.get(each.area, 0.1) * ROUTE_WEIGHTS.get(each.route, 1.0) for each in found
    ]
    return _Pool(found, list(accumulate(weights)))
