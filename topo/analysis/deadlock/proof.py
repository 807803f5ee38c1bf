"""The certificate of virtual lanes: how packets choose them, for `topo.certificates.kinds.lanes` to check."""

from __future__ import annotations

from typing import Any

from topo.analysis.deadlock.deadlock import Deadlock
from topo.analysis.routing.rules.static import static_tables
from topo.analysis.spec import split_spec
from topo.analysis.throughput.replay import tables_proof
from topo.fabric import Fabric

METHODS = {"acyclic": "fixed", "lane per hop": "hop", "lane per turn": "turn"}


def deadlock_proof(fabric: Fabric, network: str, result: Deadlock, fixed: bool = False) -> dict[str, Any] | None:
    """The certificate of an answer of `deadlock` for one of the routings that it knows; with `fixed` that of
    `fixed_lanes`, None where none were found."""
    from topo.certificates import packed_lanes, switch_graph_digest

    name, values = split_spec(result.routing, "routing")
    how: dict[str, Any] = {"method": METHODS[result.method]}
    lanes = result.lanes
    if fixed and not result.acyclic:
        if result.fixed is None:
            return None
        how, lanes = {"method": "fixed", "lane": packed_lanes(result.fixed.lane)}, result.fixed.lanes
    elif result.order is not None:
        how["order"] = result.order.tolist()
    if name == "static":
        how["tables"] = tables_proof(static_tables(fabric, network, values.get("rule", "auto")))
    stuck = not result.acyclic and name != "adaptive"
    return {
        "kind": "lanes",
        "fabric": fabric.name,
        "network": network,
        "switch_graph": switch_graph_digest(fabric, network),
        "question": {"routing": result.routing, "paths": "tables" if name == "static" else "shortest"},
        **how,
        "claim": {"lanes": lanes, "least": 1 + stuck},
    }
