"""The interface, and who stands behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Protocol, TypeVar

from topo.pool.outcome import Outcome

T = TypeVar("T")
R = TypeVar("R")


class Pool(Protocol):
    """Does tasks; a context that leaves no process behind, whatever happens."""

    width: int
    """How many tasks can be done at once."""

    def outcomes(
        self,
        work: Callable[[T], R],
        tasks: Sequence[T],
        done: Callable[[int, Outcome[R]], None] = lambda i, result: None,
    ) -> list[Outcome[R]]:
        """The outcomes in the order of the tasks; `done` is called with the number of each and its outcome as it is
        there. Raises ConnectionError where whoever does the tasks is lost."""

    def __enter__(self) -> Pool:
        """The pool itself."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> Any:
        """Ends what was started."""


def open_pool(jobs: int, scheduler: str = "") -> Pool:
    """So many processes of this machine, or the workers of the Dask scheduler at an address. Raises InputError where
    there is none, or it runs another topo."""
    if scheduler:
        from topo.pool.cluster import Cluster

        return Cluster(scheduler)
    from topo.pool.local import Local

    return Local(jobs)
