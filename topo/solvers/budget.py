"""How long a question may take: the one reader of the clock.

Where work can be counted beforehand (arcs times destinations, entries of a table), what is tried follows from the limit
alone, `allows`, and the answer is the same on a slow machine; the clock is read only where it cannot.
"""

from __future__ import annotations

import math
from time import monotonic

QUESTION_S = 60.0
"""The limit of a question where nobody gives one; what has no limit of its own takes a share of it."""


def now() -> float:
    """Seconds on a clock that only goes forward; ends of time are told on it."""
    return monotonic()


class Budget:
    """`seconds` from now on. A share of one ends with it at the latest."""

    def __init__(self, seconds: float = math.inf, end: float = math.inf) -> None:
        self.seconds = seconds
        self._start = now()
        self.end = min(self._start + seconds, end)

    def left(self) -> float:
        """Seconds that are left, at least 0."""
        return max(self.end - now(), 0.0)

    def used(self) -> float:
        """Seconds since it was made."""
        return now() - self._start

    @property
    def spent(self) -> bool:
        """Whether nothing is left."""
        return now() > self.end

    def share(self, part: float) -> Budget:
        """A part of what is left."""
        return Budget(part * self.left(), self.end)

    def allows(self, work: float, per_s: float) -> bool:
        """Whether so much work fits, of which a slow core does `per_s` a second: by the limit, not by the clock."""
        return work <= per_s * self.seconds
