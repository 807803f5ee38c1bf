"""The workers of a Dask cluster (the extra `cluster`): the same tasks, the same outcomes."""

from __future__ import annotations

import socket
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from types import TracebackType
from typing import Any, TypeVar

from topo.errors import InputError, Problem
from topo.extras import how_to_install
from topo.pool.outcome import ENDED, Crash, Outcome, outcome
from topo.version import __version__

T = TypeVar("T")
R = TypeVar("R")

REACHED_S = 15
"""A scheduler that does not answer within so many seconds is not there."""
OPTION = "--scheduler"


def _reach(comm: Any, address: str) -> None:
    """Raises OSError or ValueError where nothing listens: a client that fails while it starts leaves a lock
    behind, which the next one of this process waits for."""
    protocol, place = comm.parse_address(address)
    if protocol in ("tcp", "tls"):
        socket.create_connection(comm.addressing.parse_host_port(place), timeout=REACHED_S).close()


class Cluster:
    """A Dask cluster, by the address of its scheduler. Its workers need this version of topo, and catalogs of one's
    own at the same paths."""

    def __init__(self, address: str) -> None:
        try:
            import distributed
        except ImportError:
            hint = how_to_install("distributed")
            raise InputError(Problem("Dask is not installed", OPTION, address, hint=hint)) from None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                library: Any = distributed
                _reach(library.comm, address)
                self._client: Any = library.Client(address, timeout=REACHED_S, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            reason = "no scheduler answers there" + (": it is no address" if isinstance(error, ValueError) else "")
            hint = "`dask scheduler` starts one and prints its address"
            raise InputError(Problem(reason, OPTION, address, "tcp://HOST:8786", hint)) from None
        versions = self._client.run(_version)
        if not versions:
            self._client.close()
            raise InputError(Problem("the scheduler has no workers", OPTION, address, hint="start dask worker ADDRESS"))
        other = {version for version in versions.values() if version != __version__}
        if other:
            self._client.close()
            message = f"its workers run topo {', '.join(sorted(other))}"
            raise InputError(Problem(message, OPTION, address, __version__))
        self.width = max(sum(self._client.nthreads().values()), 1)

    def __enter__(self) -> Cluster:
        """The pool itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leaves the cluster as it was."""
        if error is None or not isinstance(error, ConnectionError):
            self._client.close(timeout=5)

    def outcomes(
        self,
        work: Callable[[T], R],
        tasks: Sequence[T],
        done: Callable[[int, Outcome[R]], None] = lambda i, result: None,
    ) -> list[Outcome[R]]:
        """As `Pool.outcomes` says. Dask gives the task of a worker that ended to another one, three times."""
        import distributed

        library: Any = distributed
        futures = [self._client.submit(partial(outcome, work), task, pure=False) for task in tasks]
        number = {future.key: i for i, future in enumerate(futures)}
        result: dict[int, Outcome[R]] = {}
        for future in library.as_completed(futures, loop=self._client.loop, raise_errors=False):
            i = number[future.key]
            if future.status == "finished":
                result[i] = future.result()
            elif future.status == "error":
                result[i] = _crash(future.exception())
            else:
                raise ConnectionError(f"task {i + 1} of {len(tasks)} is {future.status}")
            done(i, result[i])
        if len(result) < len(tasks):
            raise ConnectionError("the connection is closed")
        return [result[i] for i in range(len(tasks))]


def _crash(error: BaseException) -> Crash:
    if type(error).__name__ == "KilledWorker":
        return Crash(ENDED)
    return Crash(f"{type(error).__name__}: {error}")


def _version() -> str:
    return __version__
