"""A constraint solver that Ctrl-C ends as it ends everything else.

CP-SAT takes SIGINT for itself while it works and afterwards leaves it at the system's default: the next one, in
whatever topo does by then, would kill the process, and nothing that was decided would be written.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any


def solved(solver: Any, model: Any) -> Any:
    """The status that a `CpSolver` gives of a model. It works in a thread, so that this one hears KeyboardInterrupt,
    which stops it and is raised."""
    solver.parameters.catch_sigint_signal = False
    with ThreadPoolExecutor(1) as alone:
        status = alone.submit(solver.solve, model)
        try:
            return status.result()
        finally:
            solver.stop_search()
