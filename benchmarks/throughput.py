"""Adaptive all-to-all throughput against the direct program, networkx and NetGraph: `python benchmarks/throughput.py`.

Also writes docs/throughput-growth.svg, how the time grows from 128 to 524,288 GPUs.
"""

from __future__ import annotations

import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks._cases import Case, fabric, inputs
from benchmarks._growth import growth_svg
from benchmarks._measure import machine, timed
from benchmarks._results import write
from topo.analysis.demand import all_to_all
from topo.analysis.network import SwitchNetwork
from topo.analysis.throughput import Throughput, throughput
from topo.certificates import verify_certificate
from topo.errors import LimitReachedError
from topo.fabric import Fabric

PEER_LIMIT_S = 120.0
PEER_PRECISION = 1e-7


@dataclass(frozen=True)
class Question:
    """A case, what it has lost, what is asked, and which peers can be asked the same."""

    case: Case
    lost: str = ""
    traffic: str = "all-to-all"
    target_s: float | None = None
    peers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        parts = [self.case.name, self.lost, "" if self.traffic == "all-to-all" else self.traffic]
        return ", ".join(p for p in parts if p)


STRANGER = "its names and family"
STRANGER_LESS = "its names, its family and 0.1 percent of its links"
ALL = ("glop", "pdlp", "networkx", "netgraph")
QUESTIONS = (
    Question(Case("ft2", 128, 16), peers=ALL),
    Question(Case("ft3", 128, 8, 2), peers=ALL),
    Question(Case("ft2", 512, 32), peers=ALL),
    Question(Case("ft3", 1024, 16), peers=("glop", "pdlp", "networkx")),
    Question(Case("ft2", 2048), peers=("pdlp", "networkx")),
    Question(Case("mpft", 4096), peers=()),
    Question(Case("ft3", 8192), peers=()),
    Question(Case("mpft", 16384), target_s=1.0),
    Question(Case("mrft", 16384), target_s=1.0),
    Question(Case("ft3", 16384), target_s=1.0),
    Question(Case("ft3", 16384), lost="one link"),
    Question(Case("ft3", 16384), lost="1 percent of links", target_s=60.0),
    Question(Case("mpft", 16384), traffic="gpu-all-to-all"),
    Question(Case("ft3", 32768)),
    Question(Case("ft3", 65536), target_s=4.0),
    Question(Case("ft3", 65536), lost=STRANGER, target_s=20.0),
    Question(Case("ft3", 65536), lost=STRANGER_LESS, target_s=60.0),
    Question(Case("ft3", 524288, 128), target_s=60.0),
)


def designed(one: Case) -> Fabric:
    """The shipped design of this name, whose hosts have a scale-up domain."""
    from topo.design import build, load_design

    return build(load_design(Path(__file__).resolve().parents[1] / "designs" / f"{one.name}.yaml"))


def damaged(whole: Fabric, lost: str) -> Fabric:
    inner = whole.links.id[~whole.is_endpoint_link]
    if lost == "one link":
        return whole.without(links=[int(inner[5])])
    if lost == "1 percent of links":
        picked = np.random.default_rng(1).choice(inner, len(inner) // 100, replace=False)
        return whole.without(links=picked.tolist())
    if lost == STRANGER_LESS:
        found = stranger(whole)
        inner = found.links.id[~found.is_endpoint_link]
        return found.without(links=np.random.default_rng(5).choice(inner, len(inner) // 1000, replace=False).tolist())
    return stranger(whole) if lost else whole


def stranger(whole: Fabric) -> Fabric:
    """The same switch graph as somebody else's networkx graph, in another order."""
    import networkx as nx

    from topo.importers.networkx_graph import from_networkx

    demand = all_to_all(whole)
    net = demand.network
    order = np.random.default_rng(2).permutation(net.switches)
    graph = nx.MultiGraph()
    for row in order.tolist():
        graph.add_node(f"s{row}", endpoints=int(net.endpoints_at[row]))
    for u, v, gbps, links in zip(net.u.tolist(), net.v.tolist(), net.gbps.tolist(), net.links.tolist(), strict=True):
        for _ in range(links):
            graph.add_edge(f"s{u}", f"s{v}", gbps=gbps / links)
    return from_networkx(graph)


def demands(whole: Fabric) -> tuple[SwitchNetwork, np.ndarray, np.ndarray]:
    """The network, its destinations, and a row of demands to each."""
    demand = all_to_all(whole)
    return demand.network, demand.destinations, demand.to_many(demand.destinations)


def direct(whole: Fabric, solver: str) -> float:
    """One variable for every arc and destination, as ready sparse matrices, by OR-Tools."""
    from scipy.sparse import block_diag, coo_array, csr_array, hstack, vstack

    from topo.solvers.linear import minimize

    net, destinations, wanted = demands(whole)
    arcs, n, k = 2 * net.edges, net.switches, len(destinations)
    ones = np.ones(arcs)
    flow = coo_array(
        (np.concatenate([ones, -ones]), (np.concatenate([net.tail, net.head]), np.tile(np.arange(arcs), 2)))
    )
    kept = [np.delete(np.arange(n), d) for d in destinations.tolist()]
    balance = block_diag([csr_array(flow)[rows] for rows in kept], format="csr")
    load = hstack([csr_array(coo_array((1 / net.capacity, (np.arange(arcs), np.arange(arcs)))))] * k)
    matrix = vstack(
        [hstack([balance, csr_array((balance.shape[0], 1))]), hstack([load, csr_array(-np.ones((arcs, 1)))])]
    )
    rhs = np.concatenate([*(row[rows] for row, rows in zip(wanted, kept, strict=True)), np.zeros(arcs)])
    lower = rhs.copy()
    lower[-arcs:] = -np.inf
    cost = np.zeros(arcs * k + 1)
    cost[-1] = 1.0
    top = np.full(len(cost), np.inf)
    found = minimize(cost, matrix, lower, rhs, np.zeros(len(cost)), top, solver, PEER_LIMIT_S, PEER_PRECISION)  # type: ignore[arg-type]
    return 1 / found.objective


def with_networkx(whole: Fabric) -> float:
    """Loads of an equal split over all shortest paths (edge betweenness of the leaves); the optimum on whole trees."""
    import networkx as nx

    net, destinations, wanted = demands(whole)
    graph = nx.Graph(list(zip(net.u.tolist(), net.v.tolist(), strict=True)))
    leaves = destinations.tolist()
    crossed = nx.edge_betweenness_centrality_subset(graph, leaves, leaves, normalized=False)
    per_pair = float(wanted.max())
    capacity = {frozenset(e): g for *e, g in zip(net.u.tolist(), net.v.tolist(), net.gbps.tolist(), strict=True)}
    # Betweenness of an undirected graph counts each of the two directions of a pair once in all.
    return min(capacity[frozenset(e)] / (per_pair * x) for e, x in crossed.items() if x)


def with_netgraph(whole: Fabric) -> float:
    """NetGraph's placement (TE_WCMP_UNLIM), bisected to 1 percent for the largest multiple that it places whole."""
    from ngraph import Link, Network, Node
    from ngraph.analysis.functions import demand_placement_analysis

    net, destinations, wanted = demands(whole)
    network = Network()
    for row in range(net.switches):
        network.add_node(Node(f"s{row}"))
    for u, v, gbps in zip(net.u.tolist(), net.v.tolist(), net.gbps.tolist(), strict=True):
        network.add_link(Link(f"s{u}", f"s{v}", capacity=gbps, cost=1))
    pairs = [
        (f"^s{u}$", f"^s{d}$", float(row[u]))
        for d, row in zip(destinations.tolist(), wanted, strict=True)
        for u in np.flatnonzero(row).tolist()
    ]

    def fits(t: float) -> bool:
        asked = [
            {"source": u, "target": v, "volume": t * x, "mode": "pairwise", "flow_policy": "TE_WCMP_UNLIM"}
            for u, v, x in pairs
        ]
        found = demand_placement_analysis(network, set(), set(), asked)
        return found.summary.total_placed >= found.summary.total_demand * (1 - 1e-6)

    low, high = 0.0, 2.0
    while high - low > 0.01:
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def plain(question: Question) -> bool:
    """Whole three-tier trees: what the growth is drawn of."""
    return question.case.family == "ft3" and not question.lost and question.traffic == "all-to-all"


PEERS = {
    "glop": lambda whole: direct(whole, "glop"),
    "pdlp": lambda whole: direct(whole, "pdlp"),
    "networkx": with_networkx,
    "netgraph": with_netgraph,
}


def row(question: Question) -> dict[str, object]:
    whole = designed(question.case) if question.traffic == "gpu-all-to-all" else fabric(inputs(question.case))
    less = damaged(whole, question.lost)
    baseline = None if less is whole or question.lost in (STRANGER, STRANGER_LESS) else whole
    answers: list[Throughput] = []

    def ask() -> None:
        answers.append(throughput(less, question.traffic, baseline=baseline))

    ours = timed(ask, runs=5)
    answer = answers[-1]
    start = time.process_time()
    verify_certificate(baseline or less, answer.certificate or {})
    checked = time.process_time() - start
    found: dict[str, object] = {
        "case": question.name,
        "network throughput": f"{answer.network_lower:.6f}",
        "gap": "exact" if answer.exact else f"{1 - answer.network_lower / answer.network_upper:.1e}",
        "topo s": digits(ours.cpu_ms / 1e3),
        "target s": question.target_s or "",
        "certificate checked s": digits(checked),
    }
    for name in question.peers:
        start = time.process_time()
        try:
            value = PEERS[name](whole)
        except LimitReachedError:
            found[f"{name} s"] = f"over {PEER_LIMIT_S:g}"
            found[f"{name} / topo"] = f"over {digits(PEER_LIMIT_S * 1e3 / ours.wall_ms):,.0f}"
            continue
        spent = time.process_time() - start
        found[f"{name} s"] = digits(spent)
        found[f"{name} / topo"] = digits(spent * 1e3 / ours.cpu_ms)
        found[f"{name} differs"] = f"{abs(value / answer.network_lower - 1):.0e}"
    print(found, file=sys.stderr, flush=True)
    return found


def digits(value: float) -> float:
    return float(f"{value:.3g}")


if __name__ == "__main__":
    throughput(fabric(inputs(Case("ft2", 128, 16))))  # imports apart
    rows = [row(question) for question in QUESTIONS]
    write(
        "throughput",
        "Adaptive all-to-all: topo against the direct program, networkx and NetGraph",
        [
            "Processor time in seconds, in one process and one run, imports and the generator apart; topo is the "
            "median of up to five runs and includes the search for symmetry, the exact solution and the certificate.",
            "glop, pdlp: the program with one variable per arc and destination, its matrix made by numpy, at most "
            f"{PEER_LIMIT_S:g} s on the clock. PDLP uses two threads and a precision of {PEER_PRECISION:g}.",
            "networkx: loads of an equal split over all shortest paths by edge betweenness, which on whole trees is "
            "the optimum; it proves nothing above.",
            "netgraph: placement bisected to 1 percent, a heuristic from below.",
            "`its names and family`: imported through networkx in another order, symmetry unknown.",
        ],
        machine(),
        rows,
    )
    sizes = {question.case.gpus: r for question, r in zip(QUESTIONS, rows, strict=True) if plain(question)}
    points = [(gpus, float(str(r["topo s"]))) for gpus, r in sorted(sizes.items())]
    peers = {
        name: [(q.case.gpus, float(str(r[f"{name} s"]))) for q, r in zip(QUESTIONS, rows, strict=True)
               if isinstance(r.get(f"{name} s"), float) and q.case.family == "ft3"]
        for name in ("glop", "pdlp")
    }  # fmt: skip
    assert all(math.isfinite(s) for _, s in points)
    target = Path(__file__).resolve().parents[1] / "docs" / "throughput-growth.svg"
    target.write_text(growth_svg({"topo": points, **peers}))
