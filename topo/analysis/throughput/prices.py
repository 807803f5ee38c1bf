"""The certificate of a worst permutation: prices per arc orbit, and the permutation that is shown."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from topo.analysis.demand import Demand, WorstCase
from topo.analysis.symmetry import network_symmetry
from topo.analysis.throughput.proof import generators_proof
from topo.certificates import orbit_shares, permutations_bound
from topo.certificates._flow_graph import switch_graph
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray

SPLITS = {"spray": "port", "spray:split=next-hop": "next-hop"}
MOST_ARCS = 512
"""Unlike arcs that get prices."""
MOST_STEPS = 1 << 32
"""Arcs times switches times unlike arcs for which prices are sought."""
MOST_LOSS = Fraction(1, 10**6)


def permutations_proof(
    fabric: Fabric, network: int, demand: Demand, shown: dict[str, Any], ends: Mapping[str, Fraction | None]
) -> tuple[dict[str, Any], Mapping[str, Fraction | None]]:
    """The certificate around that of the permutation `shown`, and the bounds it proves of all permutations: those given
    with lower ends that the prices prove; as given where there are none, and then only 0 is proved from below."""
    worst = demand.worst
    assert worst is not None
    routing = shown["question"]["routing"]
    question = {"traffic": demand.traffic, "routing": routing}
    keys = ("fabric", "network", "switch_graph")
    certificate: dict[str, Any] = {"kind": "permutations", **{key: shown[key] for key in keys}, "question": question}
    if worst.of in SPLITS and routing in (worst.of, "adaptive"):
        question["split"] = SPLITS[worst.of]
        certificate |= _prices(fabric, network, demand, worst, certificate)
    low: Fraction | None = Fraction(0)
    if "prices" in certificate:
        low = permutations_bound(fabric, switch_graph(fabric, fabric.networks[network]), certificate)
        stated = ends["network_lower"]
        low = low if stated is None or low is None else min(low, stated)
        if low is not None and stated is not None and low < stated * (1 - MOST_LOSS):
            del certificate["prices"]
            low = Fraction(0)
    bounds = dict(ends)
    bounds["network_lower"] = low
    limit = worst.endpoint_lower
    bounds["lower"] = limit if low is None else low if limit is None else min(low, limit)
    claim = {key: str(value) for key, value in bounds.items() if value is not None}
    return {**certificate, "shown": shown, "claim": claim}, bounds if "prices" in certificate else ends


def _prices(
    fabric: Fabric, network: int, demand: Demand, worst: WorstCase, certificate: Mapping[str, Any]
) -> dict[str, Any]:
    """`generators` and `prices`; nothing where there are too many unlike arcs."""
    net = demand.network
    symmetry = network_symmetry(fabric, net, network)
    unlike = len(np.unique(symmetry.arc_orbit))
    if unlike > MOST_ARCS or unlike * 2 * net.edges * net.switches > MOST_STEPS:
        return {}
    generators = generators_proof(symmetry)
    graph = switch_graph(fabric, fabric.networks[network])
    rates = np.bincount(graph.at, graph.rate, net.switches).astype(np.float64)
    prices: list[dict[str, Any]] = []
    for one in orbit_shares(fabric, graph, {**certificate, "generators": generators}):
        a = _senders_prices(one.share, rates[one.senders])
        pairs = np.stack([one.senders[a > 0], a[a > 0]], axis=1).ravel().tolist()
        prices.append({"arc": list(one.arc), "scale": one.scale, "a": pairs})
    return {"generators": generators, "prices": prices}


def _senders_prices(share: IntArray, rate: FloatArray) -> IntArray:
    """Prices of senders for shares (receivers, senders): all on the senders, none, or those of a linear program,
    whichever bounds the arc's load best."""
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    whole = share.max(axis=0, initial=0)
    none = np.zeros(len(rate), dtype=np.int64)
    best = min((whole, none), key=lambda a: _bound(share, a, rate))
    to, source = np.nonzero(share)
    alone = (len(np.unique(to)) == 1) or (len(np.unique(source)) == 1)
    if alone or not len(to):
        return np.asarray(best)
    n, rows = len(rate), np.arange(len(to))
    one = np.ones(2 * len(to))
    matrix = coo_array((one, (np.tile(rows, 2), np.concatenate([source, n + to]))), shape=(len(to), 2 * n))
    most = float(share.max())
    limit = -share[to, source] / most
    solve: Any = linprog
    solved = solve(np.tile(rate, 2), A_ub=-matrix.tocsr(), b_ub=limit, bounds=(0, None), method="highs")
    if not solved.success:
        return np.asarray(best)
    found = np.rint(solved.x[:n] * most).astype(np.int64)
    return min((best, found), key=lambda a: _bound(share, a, rate))


def _bound(share: IntArray, a: IntArray, rate: FloatArray) -> float:
    b = np.maximum((share - a[None, :]).max(axis=1, initial=0), 0)
    return float(a @ rate + b @ rate)
