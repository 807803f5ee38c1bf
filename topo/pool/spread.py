"""A pool as whoever does the parts of one question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from topo.errors import InputError
from topo.pool.outcome import Crash
from topo.pool.pool import Pool

T = TypeVar("T")
R = TypeVar("R")


class Spread:
    """Has a pool do tasks; a mistake or a crash in one of them is raised here."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @property
    def width(self) -> int:
        """How many tasks are done at once."""
        return self._pool.width

    def __call__(self, work: Callable[[T], R], tasks: Sequence[T], /) -> list[R]:
        """What `work` gives for each task, in their order."""
        result: list[R] = []
        for one in self._pool.outcomes(work, tasks):
            if isinstance(one, InputError):
                raise one
            if isinstance(one, Crash):
                raise one.error()
            result.append(one)
        return result
