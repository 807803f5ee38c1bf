"""The symmetry of a network's switches."""

from __future__ import annotations

import numpy as np

from topo.analysis.network import SwitchNetwork
from topo.analysis.symmetry.graph import ColouredGraph, Symmetry
from topo.analysis.symmetry.search import LIMIT_S, find_symmetry
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray
from topo.fabric.once import once
from topo.fabric.ranks import row_ranks
from topo.generators.family import families


def network_graph(net: SwitchNetwork, colour: IntArray | None = None) -> ColouredGraph:
    """The switches with every arc labelled by its capacity and number of links.

    `colour` (switches,) tells which switches may stand for each other; by default those whose endpoints have the same
    speeds. Planes that hang together are told apart.
    """
    labels = _numbered(np.stack([net.gbps, net.links.astype(np.float64)]))
    own = endpoint_colour(net) if colour is None else colour.astype(np.float64)
    plane = _mixed_planes(net)
    return ColouredGraph(_numbered(np.stack([own, plane])), net.tail, net.head, np.concatenate([labels, labels]))


def network_symmetry(
    fabric: Fabric,
    net: SwitchNetwork,
    network: int,
    colour: IntArray | None = None,
    search: bool = True,
    limit_s: float = LIMIT_S,
) -> Symmetry:
    """Verified automorphisms of a network's switches, sought for at most `limit_s`; arcs are those of `net` (arc
    e + edges reverses arc e)."""
    return find_symmetry(network_graph(net, colour), switch_proposals(fabric, net, network), search, limit_s)


def switch_proposals(fabric: Fabric, net: SwitchNetwork, network: int) -> list[IntArray]:
    """What the network's family proposes, as permutations of the rows of `net`."""
    origin = fabric.origins[network] if network < len(fabric.origins) else None
    if origin is None or not origin.family or origin.family not in families.names():
        return []
    local = np.full(len(fabric.devices), -1, dtype=np.int64)
    local[net.device] = np.arange(net.switches)
    family = families.get(origin.family)
    try:
        proposed = once(fabric, ("proposed symmetries", network), lambda: family.symmetries(fabric, network))
    except KeyError:  # a fabric from a file that does not state the sizes of its family
        return []
    images: list[IntArray] = [local[image[net.device]] for image in proposed]
    return images if all((image >= 0).all() for image in images) else []


def endpoint_colour(net: SwitchNetwork) -> FloatArray:
    """Shape (switches,): equal where the endpoints on two switches have the same rates and link speeds."""
    kind = _numbered(np.stack([net.endpoint_gbps, net.attach_gbps]))
    kinds = int(kind.max(initial=0)) + 1
    counts = np.bincount(net.at * kinds + kind, minlength=net.switches * kinds)
    return _numbered(counts.reshape(net.switches, kinds).T.astype(np.float64)).astype(np.float64)


def _mixed_planes(net: SwitchNetwork) -> FloatArray:
    """Plane numbers where some link joins two planes, else 0: planes of their own may be exchanged."""
    joined = bool((net.plane[net.u] != net.plane[net.v]).any())
    return net.plane.astype(np.float64) if joined else np.zeros(net.switches)


def _numbered(columns: FloatArray) -> IntArray:
    """Distinct columns (shape (keys, n)) numbered from 0."""
    return row_ranks(columns.T)
