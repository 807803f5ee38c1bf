"""The answer to one question about failures."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from topo.analysis.failures._lost import Lost


@dataclass(frozen=True)
class FailureRow:
    """`count` things of kind `what` fail at once: then the traffic fits [lower, upper] times, 1.0 being line rate in
    the intact fabric. The failure examined is named by `worst` and stands for `stands_for` failures in all.

    `cut_off` counts the GPUs that reach nobody any more; their demands are dropped. math.inf: nothing is carried.
    """

    what: str
    count: int
    stands_for: int
    traffic: str
    routing: str
    lower: float
    upper: float
    worst: str
    cut_off: int
    lost: Lost = field(repr=False)
    certificate: dict[str, Any] | None = field(default=None, repr=False)
    links: tuple[int, ...] = field(default=(), repr=False)
    """What fails: ids of links."""
    devices: tuple[str, ...] = field(default=(), repr=False)
    """What fails: names of devices."""

    def to_json(self) -> dict[str, Any]:
        """The row as the report's keys; unbounded ends are absent."""
        names = ("what", "count", "stands_for", "traffic", "routing", "worst", "cut_off")
        ends = {key: getattr(self, key) for key in ("lower", "upper") if math.isfinite(getattr(self, key))}
        cut = {"hosts_cut_off": len(self.lost.hosts)} if self.lost.hosts else {}
        return {**{key: getattr(self, key) for key in names}, **ends, **cut}
