"""How long a collective takes, and the bandwidths of nccl-tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from topo.analysis.collectives.aggregate import Summed, summed_all_to_all, summed_hierarchical
from topo.analysis.collectives.expert_messages import NODE_LIMITED, expert_chains, expert_messages, splits
from topo.analysis.collectives.experts import ExpertLayout, expected_copies, mean_copies
from topo.analysis.collectives.in_network import InNetwork, reduced
from topo.analysis.collectives.lowering import Forwarding, Load, lowered
from topo.analysis.collectives.operation import MOST_MESSAGES, algorithm_of, collective, phases
from topo.analysis.collectives.ranks import Ranks
from topo.analysis.collectives.steps import steps_us
from topo.analysis.demand import Demand, Flows, from_endpoint_pairs
from topo.analysis.network import SwitchNetwork, switch_network
from topo.analysis.routing import route, routing_name
from topo.analysis.symmetry import switch_proposals
from topo.analysis.throughput.bounds import bounds
from topo.analysis.throughput.problem import switch_problem
from topo.analysis.throughput.shortcut import split_and_cut
from topo.catalog import LatencyModel
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.solvers.budget import QUESTION_S

ADAPTIVE_LIMIT_S = QUESTION_S


@dataclass(frozen=True)
class CollectiveTime:
    """A collective of `size_bytes`. `network_us` has one time per hash seed (one without hashing): that of the most
    loaded switch-to-switch link; `endpoint_us` and `scale_up_us` are those of the most loaded endpoint link and of the
    busiest GPU's port into its scale-up domain. 0.0 where nothing is carried there. `steps_us` is the latency of its
    longest chain of messages, which comes on top; 0.0 where it was not asked for. `network_least_us` is below
    `network_us` where adaptive routing has an interval, or seeds differ. `unpipelined_us` is the time where the phases
    of the algorithm follow each other, steps included; equal to `time_us` where it has one phase. `in_network`:
    switches sum or copy."""

    collective: str
    algorithm: str
    routing: str
    ranks: int
    size_bytes: float
    factor: float
    network_us: tuple[float, ...]
    endpoint_us: float
    scale_up_us: float
    steps_us: float = 0.0
    network_least_us: float = 0.0
    unpipelined_us: float = 0.0
    in_network: bool = False

    @property
    def samples_us(self) -> tuple[float, ...]:
        """The time for each hash seed."""
        return tuple(max(us, self.endpoint_us, self.scale_up_us) + self.steps_us for us in self.network_us)

    @property
    def time_us(self) -> float:
        """The time; the mean over the seeds of a hashed routing."""
        return float(np.mean(self.samples_us))

    @property
    def bound_by(self) -> str:
        """What decides: network, endpoint, scale-up or steps."""
        parts = {"endpoint": self.endpoint_us, "scale-up": self.scale_up_us, "network": float(np.mean(self.network_us))}
        parts["steps"] = self.steps_us
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


@dataclass(frozen=True)
class _What:
    """What is timed, as the answer names it."""

    collective: str
    algorithm: str
    routing: str
    ranks: int
    size_bytes: float
    factor: float

    def times(self, network_us: tuple[float, ...], endpoint_us: float, scale_up_us: float) -> CollectiveTime:
        """Its times on the busiest links, without steps."""
        return CollectiveTime(
            self.collective, self.algorithm, self.routing, self.ranks, self.size_bytes, self.factor, network_us,
            endpoint_us, scale_up_us,
        )  # fmt: skip


def collective_time(
    fabric: Fabric,
    name: str,
    ranks: Ranks,
    size_bytes: float,
    algorithm: str = "",
    routing: str = "spray",
    forwarding: Forwarding = "plane",
    network: int = 0,
    model: LatencyModel | None = None,
    can: InNetwork | None = None,
) -> CollectiveTime:
    """The time of one collective, with that of its steps where a latency model is given; raises InputError for unknown
    names and for ranks that do not reach each other."""
    return concurrent_time(fabric, name, [ranks], size_bytes, algorithm, routing, forwarding, network, model, can)


def concurrent_time(
    fabric: Fabric,
    name: str,
    groups: list[Ranks],
    size_bytes: float,
    algorithm: str = "",
    routing: str = "spray",
    forwarding: Forwarding = "plane",
    network: int = 0,
    model: LatencyModel | None = None,
    can: InNetwork | None = None,
) -> CollectiveTime:
    """The same collective in several groups of equally many ranks at once, each with its own buffers: the time until
    all are done."""
    sizes = {len(ranks) for ranks in groups}
    if len(sizes) != 1:
        raise ParameterError("ranks", ", ".join(str(n) for n in sorted(sizes)), "groups differ in size", "equal groups")
    n = sizes.pop()
    factor = collective(name).factor(n)
    algorithm, chosen = algorithm_of(name, algorithm)
    what = _What(name, algorithm, routing, n, size_bytes, factor)
    net = switch_network(fabric, network)
    if chosen.in_network:
        if len(groups) > 1:
            raise ParameterError("--algorithm", algorithm, "is timed for one group of ranks at a time", "one group")
        return _in_network(fabric, net, groups[0], what, model, can)
    steps = steps_us(fabric, net, groups[0], chosen.chains(groups[0]), forwarding, model) if model else 0.0
    summed = _summed(fabric, net, groups, what, forwarding)
    if summed is not None:
        return _timed(fabric, summed.demand, summed.scale_up_us, steps, what)
    sent = [phases(name, ranks, size_bytes, algorithm) for ranks in groups]
    stages = [
        [lowered(fabric, net, r, own[i], forwarding) for r, own in zip(groups, sent, strict=True)]
        for i in range(len(sent[0]))
    ]
    loads = [load for stage in stages for load in stage]
    result = _timed(fabric, _demand(fabric, net, name, loads), _scale_up_us(loads), steps, what)
    if len(stages) == 1:
        return result
    apart = sum(
        _timed(fabric, _demand(fabric, net, name, stage), _scale_up_us(stage), 0.0, what).time_us for stage in stages
    )
    return replace(result, unpipelined_us=apart + steps)


def _in_network(
    fabric: Fabric,
    net: SwitchNetwork,
    ranks: Ranks,
    what: _What,
    model: LatencyModel | None,
    can: InNetwork | None,
) -> CollectiveTime:
    """What switches sum. A short message goes up its tree and down again, and twice over the scale-up domain."""
    result = reduced(fabric, net, ranks, what.size_bytes, can)
    steps = 0.0
    if model is not None:
        steps += 2 * model.scale_up_us if ranks.per_domain > 1 else 0.0
        steps += model.base_us + model.per_switch_us * (2 * result.depth - 1) if result.depth else 0.0
    one = what.times((result.network_us,), result.endpoint_us, result.scale_up_us)
    alone = max(result.network_us, result.endpoint_us) + result.scale_up_us + steps
    return replace(one, steps_us=steps, network_least_us=result.network_us, unpipelined_us=alone, in_network=True)


def _summed(
    fabric: Fabric, net: SwitchNetwork, groups: list[Ranks], what: _What, forwarding: Forwarding
) -> Summed | None:
    """An all-to-all of more messages than are written out, summed by switches; None for all else."""
    ranks = groups[0]
    if what.collective != "all-to-all" or len(groups) > 1:
        return None
    many = len(ranks) * (ranks.domains if what.algorithm == "hierarchical" else len(ranks))
    if many <= MOST_MESSAGES:
        return None
    ways = summed_hierarchical if what.algorithm == "hierarchical" else summed_all_to_all
    hashed = what.routing.partition(":")[0] not in ("spray", "adaptive")
    return ways(fabric, net, ranks, what.size_bytes, forwarding, hashed)


def expert_time(
    fabric: Fabric,
    name: str,
    ranks: Ranks,
    layout: ExpertLayout,
    tokens: int,
    token_bytes: float,
    routing: str = "spray",
    network: int = 0,
    model: LatencyModel | None = None,
) -> CollectiveTime:
    """Dispatch or combine of expert parallelism: groups of as many hosts as there are groups of experts, all at once,
    `tokens` a GPU. The size is what DeepEP counts: the bytes of a GPU's tokens once for each host they go to.

    Raises ParameterError where the ranks are no whole number of such groups.
    """
    net = switch_network(fabric, network)
    sent = expert_messages(ranks, layout, tokens * token_bytes, back=name == "combine")
    copies = mean_copies([expected_copies(layout, split) for split in splits(ranks, layout)])
    loads = [lowered(fabric, net, ranks, sent, "none")]
    steps = steps_us(fabric, net, ranks, expert_chains(ranks, layout), "none", model) if model else 0.0
    what = _What(name, NODE_LIMITED, routing, len(ranks), copies.hosts * tokens * token_bytes, 1.0)
    return _timed(fabric, _demand(fabric, net, name, loads), _scale_up_us(loads), steps, what)


def _timed(fabric: Fabric, demand: Demand, scale_up_us: float, steps: float, what: _What) -> CollectiveTime:
    limit = demand.endpoint_limit
    times, best = _network_us(fabric, demand, what.routing)
    result = what.times(times, _us(limit) if limit is not None else 0.0, scale_up_us)
    result = replace(result, steps_us=steps, network_least_us=best)
    return replace(result, unpipelined_us=result.time_us)


def _demand(fabric: Fabric, net: SwitchNetwork, name: str, loads: list[Load]) -> Demand:
    """The flows with bytes for Gb/s: t = 1 stands for 8 ns."""
    src, dst = np.concatenate([x.src for x in loads]), np.concatenate([x.dst for x in loads])
    size = np.concatenate([x.size for x in loads])
    pair, where = np.unique(src * len(net.endpoint) + dst, return_inverse=True)
    summed = np.bincount(where, size, len(pair)).astype(np.float64)
    demand = from_endpoint_pairs(fabric, net, name, Flows(pair // len(net.endpoint), pair % len(net.endpoint), summed))
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


def _network_us(fabric: Fabric, demand: Demand, routing: str) -> tuple[tuple[float, ...], float]:
    """The times of the most loaded link between switches, and the least that is possible: for adaptive routing those of
    the proved lower and upper end, otherwise one for each hash seed."""
    if demand.is_empty:
        return (0.0,), 0.0
    if routing == "adaptive":
        result = split_and_cut(fabric, demand)
        if result is None:
            problem = switch_problem(demand, switch_proposals(fabric, demand.network, demand.network.row), False)
            result = bounds(problem, ADAPTIVE_LIMIT_S)
        ends = [_us(end) if end is not None else 0.0 for end in (result.lower, result.upper)]
        return (ends[0],), ends[1]
    routing_name(routing)
    routed = route(fabric, demand, routing)
    if routed.samples is not None:
        times = tuple(_us(t) for t in routed.samples.values)
        return times, min(times)
    time = _us(routed.lower) if routed.lower is not None else 0.0
    return (time,), time
