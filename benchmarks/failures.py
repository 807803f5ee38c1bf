"""All single failures, and who they cut off against networkx: `python benchmarks/failures.py`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks._cases import case, fabric, inputs
from benchmarks._measure import machine, rounded, timed
from benchmarks._results import write
from topo.analysis.failures import single_failures
from topo.fabric import Fabric

CASES = (
    "ft2-128-k16", "ft2-512-k32", "ft2-2048", "mrft-2048", "mpft-4096", "mpft-8192", "mpft-16384", "mrft-16384",
    "ft3-16384", "ft3-65536",
)  # fmt: skip
TARGET_S = {"ft3-16384": 20.0}
WITH_NETWORKX = 8192
"""GPUs up to which networkx answers within two minutes; twice as many take four times as long."""


def with_networkx(built: Fabric) -> int:
    """Hosts outside the largest component, for every single link and switch taken away in turn; the worst case."""
    import networkx as nx

    graph = nx.MultiGraph()
    graph.add_edges_from(zip(built.link_a.tolist(), built.link_b.tolist(), built.links.id.tolist(), strict=True))
    hosts = set(built.is_host.nonzero()[0].tolist())
    worst = 0
    for a, b, key in list(graph.edges(keys=True)):
        graph.remove_edge(a, b, key)
        worst = max(worst, _outside(graph, hosts))
        graph.add_edge(a, b, key)
    for switch in [n for n in graph if n not in hosts]:
        less = graph.copy()
        less.remove_node(switch)
        worst = max(worst, _outside(less, hosts))
    return worst


def _outside(graph: object, hosts: set[int]) -> int:
    import networkx as nx

    return len(hosts) - max(len(part & hosts) for part in nx.connected_components(graph))


def row(name: str) -> dict[str, object]:
    built = fabric(inputs(case(name)))
    rows = single_failures(built)
    ours = timed(lambda: single_failures(built), runs=3)
    result: dict[str, object] = {
        "case": name,
        "failures": sum(r.stands_for for r in rows),
        "orbits": len(rows),
        "least throughput": float(f"{min(r.lower for r in rows):.6g}"),
        "exact": all(r.lower == r.upper for r in rows),
        "topo cpu ms": rounded(ours)["cpu_ms"],
        "target ms": TARGET_S.get(name, 0) * 1e3 or "",
    }
    if len(built.endpoints) <= WITH_NETWORKX:
        cables_and_switches = [r for r in rows if r.what not in ("host", "nic", "plane")]
        start = time.process_time()
        worst = with_networkx(built)
        theirs_ms = (time.process_time() - start) * 1e3
        assert worst == max(len(r.lost.hosts) for r in cables_and_switches)
        result |= {
            "networkx cut-off cpu ms": float(f"{theirs_ms:.3g}"),
            "networkx / topo": float(f"{theirs_ms / ours.cpu_ms:.3g}"),
        }
    print(result, file=sys.stderr)
    return result


if __name__ == "__main__":
    write(
        "failures",
        "All single failures",
        [
            "Medians of processor time in milliseconds, in one process and one run.",
            "topo: every cable, NIC, host, switch and plane, each with the certified all-to-all throughput of the rest "
            "and with who is cut off, by one representative of each verified orbit.",
            "networkx: only who is cut off, every link and switch taken away in turn; it finds the same worst case.",
        ],
        machine(),
        [row(name) for name in CASES],
    )
