"""The generators against networkx and infragraph, side by side in one run: `python benchmarks/generate.py`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from typing import TYPE_CHECKING

from benchmarks._cases import CASES, Case, fabric, inputs
from benchmarks._measure import Timing, machine, rounded, timed
from benchmarks._results import write

if TYPE_CHECKING:
    import networkx as nx

    from topo.fabric import Fabric

INFRAGRAPH = {"ft2-128-k16": 2, "ft2-512-k32": 2, "ft2-2048": 2, "ft3-128-k8": 3}
"""Cases of which infragraph's fat-tree has the same switches and links, and their tiers."""

TARGETS_MS = {"mpft-16384": 20, "mrft-16384": 20, "ft3-16384": 20, "ft3-65536": 100}


def with_networkx(built: Fabric) -> nx.MultiGraph:
    """The same graph, its columns handed over as lists: what networkx alone needs to hold it."""
    import networkx as nx

    graph = nx.MultiGraph()
    names = built.devices.name.tolist()
    tiers, planes = built.devices.tier.tolist(), built.devices.plane.tolist()
    graph.add_nodes_from((n, {"tier": t, "plane": p}) for n, t, p in zip(names, tiers, planes, strict=True))
    ends = built.link_a.tolist(), built.link_b.tolist(), built.links.gbps.tolist(), built.links.rail.tolist()
    graph.add_edges_from((names[a], names[b], {"gbps": g, "rail": r}) for a, b, g, r in zip(*ends, strict=True))
    return graph


def with_infragraph(one: Case, tiers: int) -> nx.Graph:
    """infragraph's fat-tree of the same radix, with hosts of as many NICs, as its networkx graph."""
    from infragraph import Component, Device
    from infragraph.blueprints.devices.generic.generic_switch import Switch
    from infragraph.blueprints.fabrics.clos_fat_tree_fabric import ClosFatTreeFabric
    from infragraph.infragraph_service import InfraGraphService

    host = Device(name="host", description="NICs only")
    nics = host.components.add(name="nic", description="NIC", count=one.nics)
    nics.choice = Component.NIC
    service = InfraGraphService()
    service.set_graph(ClosFatTreeFabric(Switch(port_count=one.radix), host, tiers, [400] * tiers))
    return service.get_networkx_graph()


def row(one: Case) -> dict[str, object]:
    given = inputs(one)
    built = fabric(given)
    ours = timed(lambda: fabric(given))
    networkx = timed(lambda: with_networkx(built))
    found: dict[str, object] = {
        "case": one.name,
        "devices": len(built.devices),
        "links": len(built.links),
        "topo ms": rounded(ours)["cpu_ms"],
        "target ms": TARGETS_MS.get(one.name, ""),
        "networkx ms": rounded(networkx)["cpu_ms"],
        "networkx / topo": ratio(networkx, ours),
    }
    if one.name in INFRAGRAPH:
        theirs = timed(lambda: with_infragraph(one, INFRAGRAPH[one.name]), runs=3)
        found |= {"infragraph ms": rounded(theirs)["cpu_ms"], "infragraph / topo": ratio(theirs, ours)}
    print(found, file=sys.stderr)
    return found


def ratio(theirs: Timing, ours: Timing) -> float:
    return float(f"{theirs.cpu_ms / ours.cpu_ms:.3g}")


if __name__ == "__main__":
    write(
        "generate",
        "Generators: topo against networkx and infragraph",
        [
            "Medians of processor time in milliseconds, in one process and one run.",
            "topo: every device, port, link and endpoint with names, speeds, rails and planes, from the parameters.",
            "networkx: a MultiGraph of the same devices and links with two attributes each, its edges handed over as "
            "ready lists, so that only networkx itself is counted.",
            "infragraph: its own fat-tree of the same radix up to its networkx graph, whose nodes are NICs and switch "
            "ports, at the sizes that it manages within seconds.",
        ],
        machine(),
        [row(one) for one in CASES],
    )
