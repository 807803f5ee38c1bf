"""The bandwidth that no schedule of a collective can beat on a fabric, with the sets of nodes that prove it.

All-gather and reduce-scatter: the set of nodes whose ranks have the most to send for what can leave it, found exactly
by maximum flow towards one GPU of each kind (Zhao et al., "ForestColl", arXiv 2402.06787; the ratio by Dinkelbach's
iteration). Nodes that no walk tells apart, once that GPU is marked, are one node of the flow: a flow of the whole graph
averages to one of theirs. The proof is the set alone and trusts none of this. All-reduce and all-to-all are bounded by
the best of the natural sets (`natural`) and the all-gather's; an all-to-all by a concurrent flow too, where one is at
hand (`exchange`), which shows as well that the bound is reached.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from topo.analysis.collectives.exchange import MET, exchange
from topo.analysis.collectives.lowering import Forwarding
from topo.analysis.collectives.natural import natural, single
from topo.analysis.collectives.packing import as_certificate, packed
from topo.analysis.collectives.ranks import Ranks
from topo.certificates.kinds.collective import OPERATIONS, bound_of, runs_of
from topo.certificates.reading.cut import mask_of, runs
from topo.certificates.reading.rank_graph import RankGraph, gpu_keys, rank_graph
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, IntArray
from topo.solvers.maxflow import min_cut

MOST_KINDS = 64
"""Kinds of GPUs towards which the flow is computed; where a fabric has more, a spread of them stands for all."""


@dataclass(frozen=True)
class Optimum:
    """No schedule has more than `algbw_gbps` (size over time), as `certificate` proves. `complete`: some schedule
    reaches it. Of an all-to-all `flow` proves that; of others no cut is tighter, of those towards one GPU of each kind,
    and where none is some trees reach it (ForestColl, theorem 1)."""

    operation: str
    algbw_gbps: Fraction
    complete: bool
    certificate: dict[str, Any]
    flow: dict[str, Any] | None = None

    @property
    def by(self) -> str:
        """What bounds: a cut, or a flow."""
        return "cut" if self.certificate["kind"] == "collective" else "flow"

    def time_us(self, size_bytes: float) -> float:
        """The least time for a size."""
        return size_bytes * 8e-3 / float(self.algbw_gbps)


def optima(
    fabric: Fabric,
    ranks: Ranks,
    network: int = 0,
    forwarding: Forwarding = "plane",
    wanted: tuple[str, ...] = OPERATIONS,
) -> dict[str, Optimum]:
    """The bound of each wanted operation that has one, by name. Raises ParameterError where ranks cannot reach each
    other."""
    wanted = tuple(name for name in OPERATIONS if name in wanted)
    if not wanted or len(ranks) < 2:
        return {}
    keys = gpu_keys(fabric, ranks.host, ranks.gpu)
    relays = forwarding != "none" and _needs_relays(fabric, ranks, network)
    graph = rank_graph(fabric, network, keys, relays)
    root = int(np.searchsorted(graph.key, keys[0]))
    best, complete = _gather_set(graph)
    result = {}
    for name in wanted:
        label = single(best)
        whole = complete
        if name == "broadcast":
            side, whole = _broadcast_set(graph, root)
            label = single(side)
        elif name in ("all-reduce", "all-to-all"):
            label = natural(fabric, graph, name, best)
            # A reduce-scatter and an all-gather, each at half of its optimum at the same time, are an all-reduce.
            twice = 2 * bound_of(graph, name, label) if name == "all-reduce" else 0
            whole = name == "all-reduce" and complete and twice == bound_of(graph, "all-gather", single(best))
        bound = graph.unit * bound_of(graph, name, label, root)
        if not bound:
            raise ParameterError("ranks", len(ranks), "do not all reach each other", "connected ranks")
        certificate = {
            "kind": "collective",
            "network": fabric.networks[network],
            "operation": name,
            "ranks": runs(np.sort(keys)),
            "relays": relays,
            **({"root": int(keys[0])} if name == "broadcast" else {}),
            "blocks": runs_of(label),
            "claim": {"algbw_gbps": str(bound)},
        }
        result[name] = Optimum(name, bound, whole, certificate)
    if "all-to-all" in result:
        result["all-to-all"] = _with_flow(fabric, ranks, network, result["all-to-all"])
    return result


def _with_flow(fabric: Fabric, ranks: Ranks, network: int, cut: Optimum) -> Optimum:
    """The bound of an all-to-all with what a flow tells of it, where there is one."""
    flow = exchange(fabric, ranks, network)
    if flow is None:
        return cut
    tighter = flow.upper is not None and flow.upper < cut.algbw_gbps
    bound = flow.upper if tighter and flow.upper is not None else cut.algbw_gbps
    reached = flow.lower * MET >= bound
    proof = flow.certificate if tighter else cut.certificate
    return Optimum(cut.operation, bound, reached, proof, flow.certificate if reached else None)


def _needs_relays(fabric: Fabric, ranks: Ranks, network: int) -> bool:
    """Some rank has no NIC of its own in a plane that another has: its domain must pass messages on."""
    ends = fabric.endpoints
    selected = np.flatnonzero((ends.network == network) & (fabric.endpoint_switch >= 0) & (ends.gpu_count > 0))
    planes = int(ends.plane[selected].max(initial=0)) + 1
    width = int(fabric.devices.gpus.max(initial=1))
    reach = np.zeros((len(fabric.devices) * width, planes), dtype=np.bool_)
    for k in range(int(ends.gpu_count[selected].max(initial=0))):
        rows = selected[ends.gpu_count[selected] > k]
        reach[gpu_keys(fabric, ends.host[rows], ends.gpu_first[rows] + k), ends.plane[rows]] = True
    own = reach[gpu_keys(fabric, ranks.host, ranks.gpu)]
    return bool((own.any(axis=0) & ~own).any()) or not own.any()


def refined(graph: RankGraph, colour: IntArray) -> IntArray:
    """Shape (nodes,): the coarsest classes that refine `colour` and whose members have the same capacity to each class,
    up to collisions of 64-bit hashes."""
    kinds = len(np.unique(colour))
    speed = np.unique(graph.capacity, return_inverse=True)[1].reshape(-1).astype(np.uint64)
    while True:
        near = np.zeros(graph.nodes, dtype=np.uint64)
        mixed = colour.astype(np.uint64)
        for here, there in ((graph.u, graph.v), (graph.v, graph.u)):
            np.add.at(near, here, _mix(mixed[there] * np.uint64(len(speed) + 1) + speed + np.uint64(1)))
        colour = np.unique(_mix(near) + _mix(mixed + np.uint64(1 << 40)), return_inverse=True)[1].reshape(-1)
        now = int(colour.max(initial=-1)) + 1
        if now == kinds:
            return colour
        kinds = now


def _mix(x: np.ndarray[Any, np.dtype[np.uint64]]) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """A hash of whole numbers (splitmix64's finaliser; Steele, Lea, Flood, OOPSLA 2014)."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _kinds(graph: RankGraph, colour: IntArray) -> tuple[IntArray, bool]:
    """One rank of each class, and whether all classes are among them."""
    _, first = np.unique(colour[graph.rank], return_index=True)
    some = graph.rank[np.sort(first)]
    if len(some) <= MOST_KINDS:
        return some, True
    return some[np.linspace(0, len(some) - 1, MOST_KINDS).astype(np.int64)], False


@dataclass(frozen=True)
class _Quotient:
    """Classes of nodes as one node each, with the summed capacity between them and the ranks in each."""

    colour: IntArray
    u: IntArray
    v: IntArray
    capacity: IntArray
    ranks: IntArray

    def least_cut(self, source: IntArray, target: int, scale: int) -> BoolArray:
        """Shape (nodes of the graph,): the source's side of a least cut towards a class, where capacities count `scale`
        fold and `source[c]` leads from an added node to class c."""
        n = len(self.ranks)
        fed = np.flatnonzero(source)
        u, v = np.concatenate([self.u, np.full(len(fed), n)]), np.concatenate([self.v, fed])
        cut = min_cut(n + 1, u, v, np.concatenate([self.capacity * scale, source[fed]]), n, target)
        return np.asarray(cut.side[self.colour])


def _quotient(graph: RankGraph, colour: IntArray) -> _Quotient:
    n = int(colour.max()) + 1
    a, b = colour[graph.u], colour[graph.v]
    apart = a != b
    pair, row = np.unique(np.minimum(a, b)[apart] * n + np.maximum(a, b)[apart], return_inverse=True)
    capacity = np.zeros(len(pair), dtype=np.int64)
    np.add.at(capacity, row.reshape(-1), graph.capacity[apart])
    u, v = np.divmod(pair, n)
    return _Quotient(colour, u, v, capacity, np.bincount(colour[graph.rank], minlength=n))


def _gather_set(graph: RankGraph) -> tuple[BoolArray, bool]:
    """The set with the most ranks for what leaves it, of those that miss a rank; and whether every kind was asked."""
    plain = refined(graph, graph.is_rank.astype(np.int64))
    targets, complete = _kinds(graph, plain)
    best = np.ones(graph.nodes, dtype=np.bool_)
    best[targets[0]] = False
    many, out = len(graph.rank) - 1, graph.out(best)
    for target in targets.tolist():
        alone = np.ones(graph.nodes, dtype=np.bool_)
        alone[target] = False
        if (len(graph.rank) - 1) * out > many * graph.out(alone):
            best, many, out = alone, len(graph.rank) - 1, graph.out(alone)
        marked = np.array(plain)
        marked[target] = int(plain.max()) + 1
        quotient = _quotient(graph, refined(graph, marked))
        sink = int(quotient.colour[target])
        while out:
            source = np.where(np.arange(len(quotient.ranks)) == sink, 0, quotient.ranks * out)
            side = quotient.least_cut(source, sink, many)
            k, leaving = int(side[graph.rank].sum()), graph.out(side)
            if k * out <= many * leaving:
                break
            best, many, out = side, k, leaving
    return best, complete


def _broadcast_set(graph: RankGraph, root: int) -> tuple[BoolArray, bool]:
    """The set with the root that least can leave, of those that miss a rank."""
    marked = graph.is_rank.astype(np.int64)
    marked[root] = 2
    colour = refined(graph, marked)
    targets, complete = _kinds(graph, np.where(np.arange(graph.nodes) == root, -1, colour))
    best: BoolArray | None = None
    for target in targets[targets != root].tolist():
        at = np.array(colour)
        at[target] = int(colour.max()) + 1
        quotient = _quotient(graph, refined(graph, at))
        source = np.zeros(len(quotient.ranks), dtype=np.int64)
        source[quotient.colour[root]] = int(graph.out(np.arange(graph.nodes) == root)) + 1
        side = quotient.least_cut(source, int(quotient.colour[target]), 1)
        if best is None or graph.out(side) < graph.out(best):
            best = side
    assert best is not None
    return best, complete


def schedule(fabric: Fabric, optimum: Optimum, limit_s: float = 60.0) -> dict[str, Any] | None:
    """A certificate of kind `collective-trees` that reaches the bound of an operation: None where no trees do (an
    all-reduce's two halves may be better than twice the all-gather) and for an all-to-all. Raises LimitReachedError
    where time ends first."""
    proof = optimum.certificate
    if optimum.operation == "all-to-all":
        return None
    size = len(fabric.devices) * int(fabric.devices.gpus.max(initial=1))
    row = fabric.network_row(proof["network"])
    graph = rank_graph(fabric, row, np.flatnonzero(mask_of(proof["ranks"], size)), proof["relays"])
    roots = graph.rank.tolist()
    rate = optimum.algbw_gbps / graph.unit / len(roots)
    if optimum.operation == "broadcast":
        roots = [int(np.searchsorted(graph.key, proof["root"]))]
        rate = optimum.algbw_gbps / graph.unit
    if optimum.operation == "all-reduce":
        rate *= 2
    try:
        result = packed(graph, roots, rate, limit_s)
    except ValueError:
        return None
    head = {key: value for key, value in proof.items() if key != "blocks"}
    return as_certificate(graph, result, head)
