"""The bisection of a network: bounds from below per component, splits from above, until they meet."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from topo.analysis.bisection.fold import Fold, fold
from topo.analysis.bisection.network import by_permutation
from topo.analysis.bisection.sides import Split, with_switches
from topo.analysis.bisection.way import Asked, Search, in_order
from topo.analysis.full_bisection import full_bisection_gbps
from topo.analysis.throughput.answer import lost_parts
from topo.certificates.bounds.share import HostRates, host_rates, local_share, permutation_share
from topo.certificates.kinds.worst_permutation import permuted
from topo.certificates.reading.cut import CutGraph, cut_graph, runs
from topo.fabric import Fabric
from topo.fabric.model import StrArray
from topo.interval import UNBOUNDED, Interval
from topo.solvers.budget import QUESTION_S, Budget

WHOLE_NETWORK = {"splits": "every split", "flow": "concurrent flow", "permutation": "worst permutation"}
"""Bounds of all components together, by their keys in a certificate."""

PERMUTATION_SHARE = 0.25
"""Of the limit, what the worst permutation may take that is asked for the share alone."""


@dataclass(frozen=True)
class Bisection:
    """The least capacity between halves of the hosts in Gb/s, as the interval `gbps`; `exact` where its ends are equal.

    `full_gbps` is half the endpoints at line rate, with an odd number of hosts the smaller half's share. `share` is the
    least share: the capacity between two halves over the line rate of the weaker one (unbounded for fewer than two
    hosts). `halves` names the hosts of the best split found, `weakest` those of the one with the least share;
    `upper_method` and `lower_method` tell how the ends were proved.
    """

    gbps: Interval
    full_gbps: float
    upper_method: str
    lower_method: str
    certificate: dict[str, Any] = field(repr=False)
    halves: tuple[StrArray, StrArray] = field(repr=False)
    share: Interval = UNBOUNDED
    weakest: tuple[StrArray, StrArray] | None = field(default=None, repr=False)
    weakest_gbps: tuple[float, float] = (0.0, 0.0)
    """The capacity between the halves of `weakest`, and the line rate of the weaker one."""

    @property
    def lower_gbps(self) -> float:
        """The proved lower end."""
        return self.gbps.floats()[0]

    @property
    def upper_gbps(self) -> float:
        """The capacity between the best halves found."""
        return self.gbps.floats()[1]

    @property
    def exact(self) -> bool:
        """Whether both ends are the same."""
        return self.gbps.exact

    @property
    def share_lower(self) -> float:
        """The proved lower end of the least share, infinite where the hosts have no halves."""
        return self.share.floats()[0]

    @property
    def share_upper(self) -> float:
        """The least share found, infinite where the hosts have no halves."""
        return self.share.floats()[1]

    def __repr__(self) -> str:
        proof = "exact" if self.exact else f"by {self.lower_method} and {self.upper_method}"
        return f"<Bisection of {self.gbps.text()} Gb/s, {self.share.text()} of full, {proof}>"


def bisection(
    fabric: Fabric, network: int | str = 0, time_limit_s: float = QUESTION_S, baseline: Fabric | None = None
) -> Bisection:
    """The bisection of one network (row or name), as an interval with its certificate.

    `baseline` is the intact fabric that `fabric` was made from by `without`; the certificate then refers to it.
    After `time_limit_s` no further split is tried, so the interval may be wider. Raises KeyError for an unknown
    network, LimitReachedError where the capacities have no common unit.
    """
    budget = Budget(time_limit_s)
    row = fabric.network_row(network) if isinstance(network, str) else network
    graph = cut_graph(fabric, row)
    shapes = _shapes(fabric, graph.parts)
    search = _first(graph, host_rates(fabric, row, graph))
    asked = Asked(fabric, baseline or fabric, row, graph, graph.parts, shapes, search, budget)
    for way in in_order():
        if way.accepts(asked):
            way.bounds(asked)
    return _answer(asked, _share(asked) if graph.hosts > 1 else {})


def _shapes(fabric: Fabric, parts: list[CutGraph]) -> list[Fold | None]:
    """The tree of each component; that of the first, where a component has the same edges between devices of the same
    tiers."""
    result: list[Fold | None] = []
    for part in parts:
        first = parts[0]
        alike = bool(result) and part.equals(first)
        alike = alike and np.array_equal(fabric.devices.tier[part.device], fabric.devices.tier[first.device])
        result.append(result[0] if alike else fold(fabric, part))
    return result


def _share(asked: Asked) -> dict[str, Any]:
    """What a certificate says of the share: both ends, the split with the least where it is not the one that cuts
    least, and the worst permutation where it proves more than the capacity does."""
    fabric, intact, graph, search, proof = asked.fabric, asked.intact, asked.graph, asked.search, asked.proof
    network, high = fabric.networks[asked.row], search.share(search.weakest)
    low = max(asked.shared, asked.lower * graph.unit / search.rates.most(), local_share(fabric, network))
    own: dict[str, Any] = {}
    if "permutation" in proof:
        low = max(low, permutation_share(fabric, network, permuted(fabric, intact, network, proof["permutation"])))
    elif low < high and len(search.rates.of_kind) > 1 and "splits" not in proof:
        _, result = by_permutation(fabric, intact, asked.row, PERMUTATION_SHARE * asked.budget.seconds)
        carried = permutation_share(fabric, network, permuted(fabric, intact, network, result)) if result else low
        if carried > low:
            low, own = carried, {"permutation": result}
    if search.share(search.best) > high:
        own |= _sides_of(graph, search.weakest)
    return {"lower": str(low), "upper": str(high), **own}


def _sides_of(graph: CutGraph, split: Split) -> dict[str, list[int]]:
    """Side A of a split as a certificate lists it."""
    hosts = np.arange(graph.nodes) < graph.hosts
    listed = (("hosts", split.on_a & hosts), ("switches", split.on_a & ~hosts))
    return {key: runs(graph.device[mask]) for key, mask in listed}


def _first(graph: CutGraph, rates: HostRates) -> Search:
    """The halves that the order of the hosts suggests: pods and groups are numbered one after another."""
    half = with_switches(graph, np.arange(graph.hosts // 2))
    search = Search(graph, rates, half, "first half of the hosts", half)
    search.offer(with_switches(graph, np.arange(0, graph.hosts, 2)[: graph.hosts // 2]), "every other host")
    return search


def _answer(asked: Asked, share: dict[str, Any]) -> Bisection:
    fabric, graph, search, proof = asked.fabric, asked.graph, asked.search, asked.proof
    split = search.best
    certificate = {
        "kind": "bisection",
        "network": fabric.networks[asked.row],
        **lost_parts(fabric, asked.intact),
        "unit_gbps": str(graph.unit),
        "lower": asked.lower,
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
    return Bisection(
        gbps=Interval(asked.lower * graph.unit, split.cut * graph.unit),
        full_gbps=full_bisection_gbps(fabric, asked.row),
        upper_method=search.method,
        lower_method=", ".join(methods) if methods else "none",
        certificate=certificate,
        halves=halves,
        share=Interval(Fraction(share["lower"]), Fraction(share["upper"])) if share else UNBOUNDED,
        weakest=weakest,
        weakest_gbps=(float(search.weakest.cut * graph.unit), float(search.rates.weaker(search.weakest.on_a))),
    )
