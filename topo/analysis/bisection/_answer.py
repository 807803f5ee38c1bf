"""The bisection of a network: bounds from below per component, splits from above, until they meet."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from topo.analysis.bisection._fold import Fold, fold, packings, whole_tree
from topo.analysis.bisection._grid import by_grid
from topo.analysis.bisection._moves import by_moves
from topo.analysis.bisection._network import by_flow, by_permutation
from topo.analysis.bisection._partition import partition
from topo.analysis.bisection._share import cheapest_split, hosts_on_a
from topo.analysis.bisection._sides import Split, improved, with_switches
from topo.analysis.bisection._spectral import by_vector, spectral
from topo.analysis.bisection._splits import by_all_splits
from topo.analysis.bisection._sweep import by_sweep
from topo.analysis.bisection._triangles import SWITCHES_AT_MOST as TRIANGLES_AT_MOST
from topo.analysis.full_bisection import full_bisection_gbps
from topo.analysis.throughput.answer import lost_parts
from topo.certificates.bounds.flow import permuted, units_proved
from topo.certificates.bounds.share import HostRates, host_rates, local_share, permutation_share
from topo.certificates.bounds.tree import tree_bound
from topo.certificates.reading.cut import CutGraph, cut_graph, runs
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, StrArray
from topo.solvers.budget import Budget, now

SEEDS = 6
SEEDS_OF_SMALL = 24
SMALL = 400
"""Switches up to which a network is small: more partitions are tried."""
SEARCHES = 4
FLOW_SHARE = 0.25
"""Share of the limit for a concurrent flow, which closes a gap in a few seconds or hardly ever."""
TRIANGLES_SHARE = 1 / 3
"""Share of the limit after which no bound is strengthened by triangles."""
NEAR_BY_FLOW = 0.98
"""Where the bounds are as near as this, no flow is sought: it rarely closes so small a gap and may cost much."""
WHOLE_NETWORK = {"splits": "every split", "flow": "concurrent flow", "permutation": "worst permutation"}
"""Bounds of all components together, by their keys in a certificate."""
NEAR = 0.9
"""Where a packing of trees proves this much of a component's cut, no eigenvalue is asked."""

_Bound = tuple[int, dict[str, Any]]
"""What is proved for a component, in units, and how; 0 where nothing is."""


@dataclass(frozen=True)
class Bisection:
    """The least capacity between halves of the hosts lies in [lower_gbps, upper_gbps]; `exact` where these are equal.

    `full_gbps` is half the endpoints at line rate, with an odd number of hosts the smaller half's share. The least
    share lies in [share_lower, share_upper]: the capacity between two halves over the line rate of the weaker one (both
    infinite for fewer than two hosts). `halves` names the hosts of the best split found, `weakest` those of the one
    with the least share; `upper_method` and `lower_method` tell how the ends were proved.
    """

    lower_gbps: float
    upper_gbps: float
    full_gbps: float
    exact: bool
    upper_method: str
    lower_method: str
    certificate: dict[str, Any] = field(repr=False)
    halves: tuple[StrArray, StrArray] = field(repr=False)
    share_lower: float = math.inf
    share_upper: float = math.inf
    weakest: tuple[StrArray, StrArray] | None = field(default=None, repr=False)
    weakest_gbps: tuple[float, float] = (0.0, 0.0)
    """The capacity between the halves of `weakest`, and the line rate of the weaker one."""


@dataclass
class _Search:
    """The best split so far by capacity, and by share of the weaker half's line rate (in units of both)."""

    graph: CutGraph
    rates: HostRates
    best: Split
    method: str
    weakest: Split

    def offer(self, split: Split, method: str) -> None:
        if split.cut < self.best.cut:
            self.best, self.method = split, method
        if self.share(split) < self.share(self.weakest):
            self.weakest = split

    def share(self, split: Split) -> Fraction:
        """The capacity of a split over the line rate of its weaker half."""
        if self.graph.hosts < 2:
            return Fraction(split.cut)
        return split.cut * self.graph.unit / self.rates.weaker(split.on_a)


def bisection(
    fabric: Fabric, network: int | str = 0, time_limit_s: float = 60.0, baseline: Fabric | None = None
) -> Bisection:
    """The bisection of one network (row or name), as an interval with its certificate.

    `baseline` is the intact fabric that `fabric` was made from by `without`; the certificate then refers to it.
    After `time_limit_s` no further split is tried, so the interval may be wider. Raises KeyError for an unknown
    network, LimitReachedError where the capacities have no common unit.
    """
    start = now()
    row = fabric.network_row(network) if isinstance(network, str) else network
    intact = baseline or fabric
    graph = cut_graph(fabric, row)
    parts = [graph.part(c) for c in range(int(graph.component.max(initial=-1)) + 1)]
    shapes = [fold(fabric, part) for part in parts]
    bounds = [_tree(part, shape, component) for component, (part, shape) in enumerate(zip(parts, shapes, strict=True))]
    search = _first(graph, host_rates(fabric, row, graph))
    if len(parts) == 1 and not bounds[0][0]:
        _of_grid(search, parts[0], bounds)
    for part, shape in zip(parts, shapes, strict=True):
        if shape is not None and _sum(bounds) < search.best.cut:
            _split_by_tree(search, part, shape)
    for split, method in _splits(search):
        if _sum(bounds) >= search.best.cut or now() - start > time_limit_s / 2:
            break
        search.offer(split(), method)
    _close_in(search, parts, bounds, start, time_limit_s)
    lower = _sum(bounds)
    proof: dict[str, Any] = {"bounds": [bound for value, bound in bounds if value > 0]}
    share: dict[str, Any] = {}
    unlike = len(search.rates.of_kind) > 1
    every = by_all_splits(graph, search.rates, time_limit_s) if lower < search.best.cut or unlike else None
    if every is not None:
        search.offer(every.least, "every split gone through")
        search.offer(every.shared, "every split gone through")
        lower, proof = every.least.cut, {"bounds": [], "splits": every.proof}
        share["lower"] = every.share
    for key, ask in (("permutation", by_permutation), ("flow", by_flow)):
        left = time_limit_s - (now() - start)
        if lower < search.best.cut * NEAR_BY_FLOW and left > 0:
            gbps, found = ask(fabric, intact, row, min(left, FLOW_SHARE * time_limit_s))
            proved = units_proved(gbps, graph.unit)
            if proved > lower:
                lower, proof = proved, {"bounds": [], key: found}
    if graph.hosts > 1:
        share = _share(fabric, intact, row, search, lower, proof, share.get("lower", Fraction(0)))
    return _answer(fabric, intact, row, search, lower, proof, share)


def _share(
    fabric: Fabric, intact: Fabric, row: int, search: _Search, lower: int, proof: dict[str, Any], known: Fraction
) -> dict[str, Any]:
    """What a certificate says of the share: both ends, the split with the least where it is not the one that cuts
    least, and the worst permutation where it proves more than the capacity does."""
    graph, network = search.graph, fabric.networks[row]
    high = search.share(search.weakest)
    low = max(known, lower * graph.unit / search.rates.most(), local_share(fabric, network))
    own: dict[str, Any] = {}
    if "permutation" in proof:
        low = max(low, permutation_share(fabric, network, permuted(fabric, intact, network, proof["permutation"])))
    elif low < high and len(search.rates.of_kind) > 1 and "splits" not in proof:
        _, found = by_permutation(fabric, intact, row, 0.0)
        carried = permutation_share(fabric, network, permuted(fabric, intact, network, found)) if found else low
        if carried > low:
            low, own = carried, {"permutation": found}
    if search.share(search.best) > high:
        own |= _sides_of(graph, search.weakest)
    return {"lower": str(low), "upper": str(high), **own}


def _sides_of(graph: CutGraph, split: Split) -> dict[str, list[int]]:
    """Side A of a split as a certificate lists it."""
    hosts = np.arange(graph.nodes) < graph.hosts
    listed = (("hosts", split.on_a & hosts), ("switches", split.on_a & ~hosts))
    return {key: runs(graph.device[mask]) for key, mask in listed}


def _of_grid(search: _Search, part: CutGraph, bounds: list[_Bound]) -> None:
    """The exact answer where the only component is a grid: its bound, and its split is offered."""
    found = by_grid(part, 0)
    if found is not None:
        bounds[0] = found.value, found.bound
        search.offer(found.split, "sides of a grid by counting")


def _close_in(search: _Search, parts: list[CutGraph], bounds: list[_Bound], start: float, time_limit_s: float) -> None:
    """Tightens bounds and split in turn: bounds without triangles; single moves, unless trees alone tell the bounds;
    then bounds of small components with triangles, and of all towards a cut that fell."""
    for deadline in (start, start + TRIANGLES_SHARE * time_limit_s):
        again, before = deadline > start, search.best.cut
        trees = all(bound.get("method") == "tree" for _, bound in bounds)
        if again and not trees and _sum(bounds) < before and now() - start <= time_limit_s / 2:
            _moved(search)
        for component, part in enumerate(parts):
            asked = not again or search.best.cut < before or part.nodes - part.hosts <= TRIANGLES_AT_MOST
            if asked and _sum(bounds) < search.best.cut and now() - start <= time_limit_s:
                bounds[component] = _tightened(
                    search, part, component, bounds[component], deadline, Budget(time_limit_s)
                )


def _sum(bounds: list[_Bound]) -> int:
    return sum(value for value, _ in bounds)


def _first(graph: CutGraph, rates: HostRates) -> _Search:
    """The halves that the order of the hosts suggests: pods and groups are numbered one after another."""
    half = with_switches(graph, np.arange(graph.hosts // 2))
    search = _Search(graph, rates, half, "first half of the hosts", half)
    search.offer(with_switches(graph, np.arange(0, graph.hosts, 2)[: graph.hosts // 2]), "every other host")
    return search


def _splits(search: _Search) -> Iterator[tuple[Callable[[], Split], str]]:
    """What is tried next to cut less, with the name of its method."""
    graph = search.graph
    yield lambda: improved(graph, search.best), f"{search.method}, improved"
    switches = graph.nodes - graph.hosts
    if graph.component.max(initial=-1) == 0 and switches > 2 and graph.hosts > 1:
        yield lambda: by_vector(graph), "second eigenvector, improved by minimum cuts"
    for seed in range(SEEDS_OF_SMALL if switches <= SMALL else SEEDS):
        yield partial(partition, graph, seed), "graph partition (METIS), improved by minimum cuts"


def _moved(search: _Search) -> None:
    """Searches from the best split and from drawn sides, until one of the latter ends where the best is."""
    for seed in range(SEARCHES):
        found = by_moves(search.graph, search.best if seed == 0 else None, seed)
        if found is None or (seed > 0 and found.cut == search.best.cut):
            return
        search.offer(found, "switches moved one by one (tabu search), improved by minimum cuts")


def _tightened(
    search: _Search, part: CutGraph, component: int, known: _Bound, deadline: float, limit: Budget
) -> _Bound:
    """The best of a component's known bound, a sweep and an eigenvalue; the split of a sweep is offered."""
    if known[1].get("method") == "sweep":
        return known
    swept = by_sweep(part, component)
    if swept is not None:
        if search.graph.component.max(initial=-1) == 0:
            search.offer(swept.split, "cheapest sides by a sweep over the switches")
        return max(known, (swept.value, swept.bound), key=lambda bound: bound[0])
    cut = _own_cut(search.graph, part, component, search.best.on_a)
    if known[0] >= cut * NEAR and known[1].get("method") == "tree":
        return known
    return max(known, spectral(part, component, cut, deadline, limit), key=lambda bound: bound[0])


def _own_cut(graph: CutGraph, part: CutGraph, component: int, on_a: BoolArray) -> int:
    mine = graph.component == component
    mine[: graph.hosts] = True
    return part.cut(on_a[mine])


def _tree(part: CutGraph, shape: Fold | None, component: int) -> _Bound:
    """The best packing bound of a component and what it proves; 0 where it is no tree."""
    best: _Bound = (0, {})
    for bound in packings(part, shape) if shape is not None else []:
        try:
            value = tree_bound(part, bound)
        except CertificateError:
            continue
        if value > best[0]:
            best = value, {**bound, "component": component}
    return best


def _split_by_tree(search: _Search, part: CutGraph, shape: Fold) -> None:
    tree, members = whole_tree(part, shape)
    try:
        counts = cheapest_split(tree, part.hosts)
    except CertificateError:
        return
    split = with_switches(search.graph, hosts_on_a(members, counts, part.hosts))
    search.offer(split, "hosts shared out over the tree's leaves and pods")


def _answer(
    fabric: Fabric,
    intact: Fabric,
    network: int,
    search: _Search,
    lower: int,
    proof: dict[str, Any],
    share: dict[str, Any],
) -> Bisection:
    graph, split = search.graph, search.best
    certificate = {
        "kind": "bisection",
        "network": fabric.networks[network],
        **lost_parts(fabric, intact),
        "unit_gbps": str(graph.unit),
        "lower": lower,
        "upper": split.cut,
        **_sides_of(graph, split),
        **proof,
        **({"share": share} if share else {}),
    }
    names = fabric.devices.name[graph.device[: graph.hosts]]
    sides = [one.on_a[: graph.hosts] for one in (split, search.weakest)]
    halves, weakest = ((names[on_a], names[~on_a]) for on_a in sides)
    methods = sorted({f"{b['method']}{' with triangles' * ('triangles' in b)}" for b in proof["bounds"]})
    methods += [name for key, name in WHOLE_NETWORK.items() if key in proof]
    ends = [float(Fraction(share[key])) if share else math.inf for key in ("lower", "upper")]
    return Bisection(
        lower_gbps=float(lower * graph.unit),
        upper_gbps=float(split.cut * graph.unit),
        full_gbps=full_bisection_gbps(fabric, network),
        exact=lower == split.cut,
        upper_method=search.method,
        lower_method=", ".join(methods) if methods else "none",
        certificate=certificate,
        halves=halves,
        share_lower=ends[0],
        share_upper=ends[1],
        weakest=weakest,
        weakest_gbps=(float(search.weakest.cut * graph.unit), float(search.rates.weaker(search.weakest.on_a))),
    )
