"""The breaker: when too much fails at once, stop parking and wait. A bad release then halts a
consumer instead of setting the whole day's cases aside.
"""

from collections import deque

CONSECUTIVE = 20
WINDOW = 200
SHARE = 0.05


class Breaker:
    """Open after more than 20 failures in a row, or more than 5 % of the last 200 events."""

    def __init__(self) -> None:
        self._recent: deque[bool] = deque(maxlen=WINDOW)
        self._in_a_row = 0
        self.open = False

    def succeeded(self, count: int = 1) -> None:
        """``count`` events were handled; closes it."""
        if count:
            if self.open:
                self._recent.clear()
            self.open = False
            self._in_a_row = 0
            self._recent.extend([True] * min(count, WINDOW))

    def failed(self) -> None:
        """One event was refused or broke a handler; may open it."""
        self._in_a_row += 1
        self._recent.append(False)
        full = len(self._recent) == WINDOW
        too_many = full and self._recent.count(False) > SHARE * WINDOW
        self.open = self._in_a_row > CONSECUTIVE or too_many
