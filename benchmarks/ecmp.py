"""Every flow of an all-to-all hashed and placed, and its certificate checked: `python benchmarks/ecmp.py`."""

from __future__ import annotations

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import itertools

from benchmarks._cases import case, fabric, inputs
from benchmarks._measure import machine, rounded, timed
from benchmarks._results import write
from topo.analysis.network import switch_network
from topo.analysis.throughput import throughput
from topo.certificates import verify_certificate
from topo.fabric import Fabric

CASES = ("ft2-128-k16", "ft2-512-k32", "ft2-2048", "mpft-16384", "mrft-16384", "ft3-16384", "ft3-65536")
TARGET_S = {"mrft-16384": 15.0, "ft3-16384": 15.0}
CHECK_TARGET_S = {"mpft-16384": 10.0, "mrft-16384": 10.0, "ft3-16384": 10.0, "ft3-65536": 60.0}
WITH_NETWORKX = 128
"""GPUs up to which one path search a flow ends within a minute."""


def with_networkx(built: Fabric) -> float:
    """The most loaded link when every flow takes one of its shortest paths at random: throughput at one seed."""
    import networkx as nx

    net = switch_network(built)
    graph = nx.Graph(list(zip(net.u.tolist(), net.v.tolist(), strict=True)))
    draw, at = random.Random(0), net.at.tolist()
    load: dict[tuple[int, int], int] = {}
    for i, a in enumerate(at):
        for j, b in enumerate(at):
            if i != j and a != b:
                path = draw.choice(list(nx.all_shortest_paths(graph, a, b)))
                for hop in itertools.pairwise(path):
                    load[hop] = load.get(hop, 0) + 1
    return (len(at) - 1) / max(load.values())


def row(name: str) -> dict[str, object]:
    built = fabric(inputs(case(name)))
    flows = sum(n * (n - 1) for n in _plane_sizes(built))
    answer = throughput(built, "all-to-all", "ecmp:seeds=1")
    ours = timed(lambda: throughput(built, "all-to-all", "ecmp:seeds=1"), runs=3)
    checked = timed(lambda: verify_certificate(built, answer.certificate), runs=3)
    result: dict[str, object] = {
        "case": name,
        "flows": flows,
        "throughput, seed 1": float(f"{answer.network_lower:.4g}"),
        "topo wall s": float(f"{rounded(ours)['wall_ms'] / 1e3:.3g}"),
        "topo cpu s": float(f"{rounded(ours)['cpu_ms'] / 1e3:.3g}"),
        "target s": TARGET_S.get(name, ""),
        "check wall s": float(f"{rounded(checked)['wall_ms'] / 1e3:.3g}"),
        "check cpu s": float(f"{rounded(checked)['cpu_ms'] / 1e3:.3g}"),
        "check target s": CHECK_TARGET_S.get(name, ""),
    }
    if len(built.endpoints) <= WITH_NETWORKX:
        theirs = timed(lambda: with_networkx(built), runs=1)
        result |= {"networkx cpu s": float(f"{theirs.cpu_ms / 1e3:.3g}")}
        result |= {"networkx / topo": float(f"{theirs.cpu_ms / ours.cpu_ms:.3g}")}
    print(result, file=sys.stderr)
    return result


def _plane_sizes(built: Fabric) -> list[int]:
    import numpy as np

    return [int(n) for n in np.bincount(built.endpoints.plane)]


if __name__ == "__main__":
    write(
        "ecmp",
        "ECMP: every flow of an all-to-all, hashed and placed",
        [
            "One seed, one queue pair a flow, hashed per port; medians in one run, compiled code loaded.",
            "check: the certificate's flows placed again with numpy alone.",
            "networkx: a random one of all shortest paths for every flow, found flow by flow.",
        ],
        machine(),
        [row(name) for name in CASES],
    )
