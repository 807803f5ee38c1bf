"""How long a collective takes, and the bandwidths of nccl-tests."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from topo.analysis.collectives.lowering import Forwarding, Load, lowered
from topo.analysis.collectives.messages import collective, messages
from topo.analysis.collectives.ranks import Ranks
from topo.analysis.demand import Demand, from_endpoint_pairs
from topo.analysis.network import SwitchNetwork, switch_network
from topo.analysis.routing import route
from topo.analysis.throughput.bounds import bounds
from topo.analysis.throughput.problem import switch_problem
from topo.errors import ParameterError
from topo.fabric import Fabric

ADAPTIVE_LIMIT_S = 60.0


@dataclass(frozen=True)
class CollectiveTime:
    """A collective of `size_bytes`. `network_us` has one time per hash seed (one without hashing): that of the most
    loaded switch-to-switch link; `endpoint_us` and `scale_up_us` are those of the most loaded endpoint link and of the
    busiest GPU's port into its scale-up domain. 0.0 where nothing is carried there."""

    collective: str
    algorithm: str
    routing: str
    ranks: int
    size_bytes: float
    factor: float
    network_us: tuple[float, ...]
    endpoint_us: float
    scale_up_us: float

    @property
    def samples_us(self) -> tuple[float, ...]:
        """The time for each hash seed."""
        return tuple(max(us, self.endpoint_us, self.scale_up_us) for us in self.network_us)

    @property
    def time_us(self) -> float:
        """The time; the mean over the seeds of a hashed routing."""
        return float(np.mean(self.samples_us))

    @property
    def bound_by(self) -> str:
        """What decides: network, endpoint or scale-up."""
        parts = {"endpoint": self.endpoint_us, "scale-up": self.scale_up_us, "network": float(np.mean(self.network_us))}
        return max(parts, key=lambda name: parts[name])

    @property
    def algbw_gbytes_per_s(self) -> float:
        """Size over time."""
        return self.size_bytes / self.time_us / 1e3

    @property
    def busbw_gbytes_per_s(self) -> float:
        """The algorithm bandwidth times the collective's factor: comparable with the speed of a NIC."""
        return self.algbw_gbytes_per_s * self.factor

    @property
    def busbw_samples(self) -> tuple[float, ...]:
        """The bus bandwidth for each hash seed."""
        return tuple(self.size_bytes / us / 1e3 * self.factor for us in self.samples_us)


def collective_time(
    fabric: Fabric,
    name: str,
    ranks: Ranks,
    size_bytes: float,
    algorithm: str = "",
    routing: str = "spray",
    forwarding: Forwarding = "plane",
    network: int = 0,
) -> CollectiveTime:
    """The time of one collective; raises InputError for unknown names and for ranks that do not reach each other."""
    return concurrent_time(fabric, name, [ranks], size_bytes, algorithm, routing, forwarding, network)


def concurrent_time(
    fabric: Fabric,
    name: str,
    groups: list[Ranks],
    size_bytes: float,
    algorithm: str = "",
    routing: str = "spray",
    forwarding: Forwarding = "plane",
    network: int = 0,
) -> CollectiveTime:
    """The same collective in several groups of equally many ranks at once, each with its own buffers: the time until
    all are done."""
    sizes = {len(ranks) for ranks in groups}
    if len(sizes) != 1:
        raise ParameterError("ranks", ", ".join(str(n) for n in sorted(sizes)), "groups differ in size", "equal groups")
    n = sizes.pop()
    net = switch_network(fabric, network)
    loads = [lowered(fabric, net, r, messages(name, r, size_bytes, algorithm), forwarding) for r in groups]
    demand = _demand(fabric, net, name, loads)
    scale_up = _scale_up_us(loads)
    limit = demand.endpoint_limit
    return CollectiveTime(
        name,
        algorithm or next(iter(collective(name).algorithms)),
        routing,
        n,
        size_bytes,
        collective(name).factor(n),
        _network_us(fabric, demand, routing),
        _us(limit) if limit is not None else 0.0,
        scale_up,
    )


def _demand(fabric: Fabric, net: SwitchNetwork, name: str, loads: list[Load]) -> Demand:
    """The flows with bytes for Gb/s: t = 1 stands for 8 ns."""
    src, dst = np.concatenate([x.src for x in loads]), np.concatenate([x.dst for x in loads])
    size = np.concatenate([x.size for x in loads])
    pair, where = np.unique(src * len(net.endpoint) + dst, return_inverse=True)
    summed = np.bincount(where, size, len(pair)).astype(np.float64)
    demand = from_endpoint_pairs(fabric, net, name, pair // len(net.endpoint), pair % len(net.endpoint), summed)
    if demand.cut_off:
        raise ParameterError("ranks", demand.cut_off[0], "no path joins this endpoint to a peer", "connected ranks")
    return demand


def _us(t: Fraction | float) -> float:
    return 8e-3 / float(t)


def _scale_up_us(loads: list[Load]) -> float:
    """The time of the busiest GPU; groups may share GPUs by forwarding."""
    gpu, where = np.unique(np.concatenate([x.scale_up_gpu for x in loads]), return_inverse=True)
    out, into = (
        np.bincount(where, np.concatenate([getattr(x, side) for x in loads]), len(gpu))
        for side in ("scale_up_out", "scale_up_in")
    )
    rate = np.ones(len(gpu))
    rate[where] = np.concatenate([x.scale_up_gbps for x in loads])
    return float((np.maximum(out, into) / rate).max(initial=0.0)) * 8e-3


def _network_us(fabric: Fabric, demand: Demand, routing: str) -> tuple[float, ...]:
    """The time of the most loaded link between switches; for adaptive routing that of the proved lower bound."""
    if demand.is_empty:
        return (0.0,)
    if routing == "adaptive":
        found = bounds(switch_problem(demand, [], False), ADAPTIVE_LIMIT_S)
        return (_us(found.lower),) if found.lower is not None else (0.0,)
    routed = route(fabric, demand, routing)
    if routed.samples is not None:
        return tuple(_us(t) for t in routed.samples.values)
    return (_us(routed.lower),) if routed.lower is not None else (0.0,)
