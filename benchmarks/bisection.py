"""Bisection intervals and named cuts, against networkx's maximum flow: `python benchmarks/bisection.py`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from collections.abc import Callable

import numpy as np

from benchmarks._cases import case, fabric, inputs
from benchmarks._measure import machine, rounded, timed
from benchmarks._results import write
from topo.analysis.bisection import bisection, cut_capacity
from topo.certificates import verify_certificate
from topo.certificates.reading.cut import cut_graph
from topo.design import build
from topo.design.loader import parse_design
from topo.fabric import Fabric

WITH_NETWORKX = 16384
"""GPUs up to which networkx answers within a minute."""


def tree(name: str) -> Callable[[], Fabric]:
    return lambda: fabric(inputs(case(name)))


def flat(gpus: int, words: str) -> Callable[[], Fabric]:
    network = f"{{switch: nvidia-qm9700, {words}}}"
    return lambda: build(parse_design(f"name: d\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {network}\n"))


def degraded() -> Fabric:
    """One percent of the switch-to-switch links of a three-tier tree lost, seed 1."""
    whole = tree("ft3-16384")()
    pool = np.flatnonzero(~whole.is_endpoint_link)
    drawn = np.random.default_rng(1).choice(pool, len(pool) // 100, replace=False)
    return whole.without(links=whole.links.id[drawn].tolist())


PARTLY_FILLED = "slim-fly-16384, partly filled"
TARGET_S = {"mpft-16384": 2.0, "mrft-16384": 2.0, "ft3-16384": 2.0, "slim-fly-16928": 2.0, PARTLY_FILLED: 2.0}
CASES: dict[str, Callable[[], Fabric]] = {
    **{
        name: tree(name)
        for name in ("ft2-128-k16", "ft2-512-k32", "ft2-2048", "mpft-16384", "mrft-16384", "ft3-16384", "ft3-65536")
    },
    "ft3-16384 less 1 percent": degraded,
    "slim-fly q=29": flat(26912, "family: slim-fly, q: 29, p: 16"),
    "slim-fly-16928": flat(16928, "family: slim-fly, q: 23, p: 16"),
    PARTLY_FILLED: flat(16384, "family: slim-fly, q: 23, p: 16"),
    "slim-fly q=29, 20,000 GPUs": flat(20000, "family: slim-fly, q: 29, p: 16"),
    "jellyfish-16384": flat(16384, "family: jellyfish"),
    "hyperx-16384": flat(16384, "family: hyperx"),
    "hyperx, 12,000 GPUs": flat(12000, "family: hyperx, shape: [8, 8, 16], width: [2, 2, 1], p: 16"),
    "dragonfly, 10,000 GPUs": flat(10000, "family: dragonfly, p: 16, a: 32, h: 16"),
}


def with_networkx(built: Fabric) -> int:
    """The maximum flow between the first and the second half of the hosts, preflow-push, the graph built too."""
    import networkx as nx

    graph = cut_graph(built, 0)
    net = nx.Graph()
    rows = zip(graph.u.tolist(), graph.v.tolist(), graph.capacity.tolist(), strict=True)
    net.add_weighted_edges_from(rows, weight="capacity")
    for host in range(graph.hosts):
        net.add_edge("a" if host < graph.hosts // 2 else "b", host)
    value: int = nx.maximum_flow_value(net, "a", "b")
    return value


def row(name: str, make: Callable[[], Fabric]) -> dict[str, object]:
    built = make()
    found = bisection(built)
    text = json.dumps(found.certificate)
    hosts = built.devices.name[built.is_host].tolist()
    half = len(hosts) // 2
    ours = timed(lambda: cut_capacity(built, hosts[:half], hosts[half:]), runs=5)
    result: dict[str, object] = {
        "case": name,
        "lower Gb/s": found.lower_gbps,
        "upper Gb/s": found.upper_gbps,
        "gap": float(f"{1 - found.lower_gbps / found.upper_gbps:.3g}"),
        "bisection cpu ms": rounded(timed(lambda: bisection(built), runs=5))["cpu_ms"],
        "target ms": TARGET_S.get(name, 0) * 1e3 or "",
        "check cpu ms": rounded(timed(lambda: verify_certificate(built, json.loads(text)), runs=5))["cpu_ms"],
        "certificate bytes": len(text),
        "named cut cpu ms": rounded(ours)["cpu_ms"],
    }
    if len(built.endpoints) <= WITH_NETWORKX:
        capacity = with_networkx(built) * float(cut_graph(built, 0).unit)
        assert capacity == cut_capacity(built, hosts[:half], hosts[half:]).gbps
        theirs = timed(lambda: with_networkx(built), runs=3)
        result |= {
            "networkx cut cpu ms": rounded(theirs)["cpu_ms"],
            "networkx / topo": float(f"{theirs.cpu_ms / ours.cpu_ms:.3g}"),
        }
    print(result, file=sys.stderr)
    return result


if __name__ == "__main__":
    write(
        "bisection",
        "Bisection and named cuts",
        [
            "Medians of processor time in milliseconds, in one process and one run.",
            "bisection: the interval with its certificate. check: the certificate from its JSON text, numpy alone.",
            "named cut: maximum flow between the first and the second half of the hosts with its certificate; networkx "
            "answers the same question by preflow-push and gets the same number. It has no bisection of its own.",
        ],
        machine(),
        [row(name, make) for name, make in CASES.items()],
    )
