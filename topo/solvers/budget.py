"""How long a question may take: the one reader of the clock.

Where work can be counted beforehand (arcs times destinations, entries of a table), what is tried follows from the limit
alone, `allows`, and the answer is the same on a slow machine; the clock is read only where it cannot.

Within `counted_time` no clock is read: each look at it takes LOOK_S, and what loops `spend` is the work that they have
done, in seconds of a slow core. The same questions then have the same answers however fast or busy the machine is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

QUESTION_S = 60.0
"""The limit of a question where nobody gives one; what has no limit of its own takes a share of it."""


LOOK_S = 1e-3
"""What one look at the clock counts as where time is counted: loops look at it once a turn."""
_COUNTED: ContextVar[list[float] | None] = ContextVar("_COUNTED", default=None)


def now() -> float:
    """Seconds on a clock that only goes forward; ends of time are told on it."""
    counted = _COUNTED.get()
    if counted is None:
        return monotonic()
    counted[0] += LOOK_S
    return counted[0]


def spend(work: float, per_s: float) -> None:
    """Counts work that was done, of which a slow core does `per_s` a second; nothing where the clock is read."""
    counted = _COUNTED.get()
    if counted is not None:
        counted[0] += work / per_s


def is_counted() -> bool:
    """Whether time is counted work here."""
    return _COUNTED.get() is not None


@contextmanager
def counted_time() -> Iterator[None]:
    """Within, time starts at 0 and is counted work."""
    token = _COUNTED.set([0.0])
    try:
        yield
    finally:
        _COUNTED.reset(token)


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
