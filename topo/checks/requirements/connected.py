"""Every endpoint has a path to every other endpoint of its plane."""

from __future__ import annotations

import numpy as np

from topo.analysis.network import switch_network
from topo.checks.labels import listed, port_labels
from topo.checks.model import Context, Finding, Outcome, RequirementKind, RequirementParams
from topo.checks.registries import requirement_kinds
from topo.checks.requirements._bounded import Answer, bounded
from topo.fabric.model import IntArray


def cut_off_endpoints(context: Context, network: str) -> IntArray:
    """Endpoint rows of a network that have no link, or no path to the largest connected part of their plane."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    fabric = context.fabric
    net = switch_network(fabric, network)
    size = net.switches
    graph = coo_array((np.ones(net.edges, dtype=np.int8), (net.u, net.v)), shape=(size, size))
    parts, label = connected_components(graph, directed=False)
    planes = int(net.endpoint_plane.max(initial=0)) + 1
    group = net.endpoint_plane * parts + label[net.at]
    share = np.bincount(group, weights=net.endpoint_gbps, minlength=planes * parts).reshape(planes, parts)
    main = np.argmax(share, axis=1) if parts else np.zeros(planes, dtype=np.int64)
    joined = net.endpoint[label[net.at] == main[net.endpoint_plane]] if parts else net.endpoint
    mine = np.flatnonzero(fabric.endpoints.network == fabric.network_row(network))
    return np.asarray(np.setdiff1d(mine, joined))


def _judge(context: Context, params: RequirementParams) -> Outcome:
    lost = cut_off_endpoints(context, params.network)
    value, claim = float(len(lost)), {"endpoints": len(lost)}
    proof = {"kind": "connected", "fabric": context.fabric.name, "network": params.network, "claim": claim}

    def worst() -> tuple[Finding, ...]:
        where = port_labels(context.fabric, context.fabric.endpoints.port[lost])
        message = f"{len(lost):,} endpoints of the {params.network} network are cut off: {listed(where, len(lost))}"
        return (Finding("connected", "error", message, where),)

    statement = f"Every endpoint of the {params.network} network has a path to every other endpoint of its plane"
    return bounded(statement, "endpoints cut off", 0, lambda: Answer(value, value, proof, worst), by_certificate=True)


requirement_kinds.add("connected", RequirementKind("all endpoints connected", RequirementParams, _judge))
