"""How a search is run, apart from what is sought."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from topo.searching.running.wrong_space import AT_MOST


@dataclass(frozen=True)
class How:
    """Meaning as in `topo.api.search`."""

    jobs: int = 1
    scheduler: str = ""
    top: int = 1
    resume: bool = False
    at_most: int = AT_MOST
    time_limit_s: float = 60.0
    say: Callable[[str], None] = lambda text: None

    @property
    def alone(self) -> bool:
        """Whether one process judges, one candidate at a time."""
        return not self.scheduler and self.jobs <= 1
