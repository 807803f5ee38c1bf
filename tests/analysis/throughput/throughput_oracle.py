"""The direct program, all destinations and arcs, without symmetry, from a networkx graph: by scipy's HiGHS, or by
OR-Tools' GLOP."""

from __future__ import annotations

from typing import Literal

import networkx as nx
import numpy as np
from ortools.linear_solver import pywraplp as linear_solver
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array

from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx


def imported(graph: nx.Graph, endpoints: int | list[int] = 1, gbps: float = 400.0) -> Fabric:
    """A fabric of a plain graph: endpoints per switch (one number, or one for each), links of one speed."""
    graph = nx.convert_node_labels_to_integers(graph)
    for i, node in enumerate(graph):
        graph.nodes[node]["endpoints"] = endpoints if isinstance(endpoints, int) else endpoints[i]
    for a, b in graph.edges():
        graph.edges[a, b].setdefault("gbps", gbps)
    return from_networkx(graph)


def direct(
    fabric: Fabric, scale: float | None = None, minimal: bool = False, solver: Literal["highs", "glop"] = "highs"
) -> float:
    """Throughput of all-to-all for the network alone; one variable for every arc and destination."""
    arcs: dict[tuple[int, int], float] = {}
    for row in range(len(fabric.links)):
        a, b = int(fabric.link_a[row]), int(fabric.link_b[row])
        if fabric.is_host[a] or fabric.is_host[b]:
            continue
        for pair in ((a, b), (b, a)):
            arcs[pair] = arcs.get(pair, 0.0) + float(fabric.links.gbps[row])
    nodes = sorted({int(s) for s in np.flatnonzero(~fabric.is_host)})
    graph = nx.Graph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from(arcs)
    weight = dict.fromkeys(nodes, 0.0)
    for row, switch in enumerate(fabric.endpoint_switch.tolist()):
        if switch >= 0:
            weight[switch] += float(fabric.endpoints.gbps[row])
    plane = {n: int(fabric.devices.plane[n]) for n in nodes}
    rate = float(fabric.endpoints.gbps[0])
    if scale is None:
        scale = 1 / max(sum(weight[m] for m in nodes if plane[m] == p) - rate for p in set(plane.values()))
    rows, columns, values, rhs, names = [], [], [], [], []
    keys = list(arcs)
    targets = [n for n in nodes if weight[n] > 0]
    z = len(keys) * len(targets)
    upper = np.full(z + 1, np.inf)
    equation = 0
    for k, target in enumerate(targets):
        hops = nx.single_source_shortest_path_length(graph, target)
        for n in nodes:
            if n == target or n not in hops:
                continue
            for i, (a, b) in enumerate(keys):
                if n in (a, b):
                    rows.append(equation)
                    columns.append(k * len(keys) + i)
                    values.append(1.0 if a == n else -1.0)
            same = plane[n] == plane[target]
            rhs.append(scale * weight[n] * weight[target] if same else 0.0)
            names.append((n, target))
            equation += 1
        for i, (a, b) in enumerate(keys):
            if a == target or a not in hops or (minimal and hops[a] != hops[b] + 1):
                upper[k * len(keys) + i] = 0.0
    if not any(rhs):
        return float("inf")
    equal = csr_array(coo_array((values, (rows, columns)), shape=(equation, z + 1)))
    load = coo_array(
        (np.ones(z), (np.tile(np.arange(len(keys)), len(targets)), np.arange(z))), shape=(len(keys), z + 1)
    ).tolil()
    load[:, z] = -np.array(list(arcs.values()))[:, None]
    cost = np.zeros(z + 1)
    cost[z] = 1.0
    if solver == "glop":
        return 1 / by_glop(cost, load.tocsr(), equal, np.array(rhs), upper)
    found = linprog(
        cost, load.tocsr(), np.zeros(len(keys)), equal, np.array(rhs), np.stack([np.zeros(z + 1), upper], axis=1)
    )
    assert found.status == 0, found.message
    return float(1 / found.fun)


def by_glop(cost: np.ndarray, at_most_zero: csr_array, equal: csr_array, rhs: np.ndarray, upper: np.ndarray) -> float:
    """The least cost x with at_most_zero x <= 0, equal x = rhs and 0 <= x <= upper, one row after the other."""
    model = linear_solver.Solver.CreateSolver("GLOP")
    x = [model.NumVar(0.0, float(u), "") for u in upper]
    for matrix, low, high in ((at_most_zero, np.full(at_most_zero.shape[0], -np.inf), None), (equal, rhs, rhs)):
        for row in range(matrix.shape[0]):
            mine = slice(matrix.indptr[row], matrix.indptr[row + 1])
            bound = model.Constraint(float(low[row]), 0.0 if high is None else float(high[row]))
            for column, value in zip(matrix.indices[mine], matrix.data[mine], strict=True):
                bound.SetCoefficient(x[column], float(value))
    for variable, price in zip(x, cost, strict=True):
        model.Objective().SetCoefficient(variable, float(price))
    model.Objective().SetMinimization()
    assert model.Solve() == linear_solver.Solver.OPTIMAL
    return float(model.Objective().Value())
