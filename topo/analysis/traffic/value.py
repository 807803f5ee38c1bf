"""What a traffic pattern is, and what patterns share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np

from topo.analysis.demand import Demand, Flows, endpoint_names, from_endpoint_pairs
from topo.analysis.network import SwitchNetwork, switch_network
from topo.catalog.models import Strict
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray


@dataclass(frozen=True)
class Question:
    """The network that a traffic is asked of. `baseline` is the intact fabric where `fabric` has lost something:
    patterns are laid out over its endpoints, so that a failure moves no flow. A pattern that is searched for may take
    about `time_limit_s`."""

    fabric: Fabric
    network: str | int = 0
    baseline: Fabric | None = None
    time_limit_s: float = 60.0

    @cached_property
    def net(self) -> SwitchNetwork:
        """The network as it is."""
        return switch_network(self.fabric, self.network)

    @cached_property
    def intact(self) -> SwitchNetwork:
        """The network as it was planned."""
        return self.net if self.baseline is None else switch_network(self.baseline, self.network)

    @cached_property
    def now(self) -> IntArray:
        """Shape (endpoints of `intact`,): the position of each in `net`, -1 for those that are cut off."""
        if self.baseline is None:
            return np.arange(len(self.net.endpoint))
        alive = endpoint_names(self.fabric, self.net.endpoint)
        row = {name: position for position, name in enumerate(alive)}
        return np.array([row.get(n, -1) for n in endpoint_names(self.baseline, self.intact.endpoint)], dtype=np.int64)


P = TypeVar("P", bound=Strict)


@dataclass(frozen=True)
class Traffic(Generic[P]):
    """A traffic pattern: its parameters, and the demand it makes."""

    title: str
    params: type[P]
    demand: Callable[[Question, P], Demand]


def by_plane(net: SwitchNetwork) -> list[IntArray]:
    """Positions of the endpoints of each plane, in the network's order: by host, NIC and NIC port."""
    return [np.flatnonzero(net.endpoint_plane == plane) for plane in np.unique(net.endpoint_plane)]


def joined(parts: Sequence[tuple[IntArray, IntArray]]) -> tuple[IntArray, IntArray]:
    """Sources and destinations of all planes, one after the other."""
    none = np.zeros(0, dtype=np.int64)
    return np.concatenate([none, *(src for src, _ in parts)]), np.concatenate([none, *(dst for _, dst in parts)])


def line_rate_flows(question: Question, traffic: str, src: IntArray, dst: IntArray, share: FloatArray) -> Demand:
    """Flows between positions in `question.intact`, each in proportion to its share and to the product of the two line
    rates, scaled so that the most demanding endpoint sends at its line rate. Endpoints that are cut off lose theirs."""
    rate = question.intact.endpoint_gbps
    gbps = share * rate[src] * rate[dst]
    sent = np.bincount(src, weights=gbps, minlength=len(rate))
    busiest = float((sent / rate).max(initial=0.0)) if len(rate) else 0.0
    return placed_flows(question, traffic, src, dst, gbps / busiest if busiest else gbps)


def placed_flows(question: Question, traffic: str, src: IntArray, dst: IntArray, gbps: FloatArray) -> Demand:
    """Flows of the given Gb/s between positions in `question.intact`, without those of endpoints that are cut off."""
    src, dst = question.now[src], question.now[dst]
    alive = (src >= 0) & (dst >= 0)
    return from_endpoint_pairs(
        question.fabric, question.net, traffic, Flows(src[alive], dst[alive], gbps[alive]), question.baseline
    )
