"""All-reduce summed by the switches: aggregation trees, and the time of what they load.

Inside a scale-up domain ranks first scatter their sums (the domain's switches make them, where they can). Each GPU then
sends its part up a tree of switches that its peers of the same number hang on; a switch passes one sum up, however many
it gets (Graham et al., "SHARP", COM-HPC 2016), the root sends the result down, and the domain gathers. So a NIC sends
and gets each byte once, where a ring has it send almost two. Trees of one group of peers have different roots, as many
as the switches' trees allow, and share its part evenly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from topo.analysis.collectives.lowering import nics_of
from topo.analysis.collectives.ranks import Ranks
from topo.analysis.demand import components
from topo.analysis.network import SwitchNetwork
from topo.analysis.paths.hops import farthest
from topo.analysis.paths.shortest import path_blocks
from topo.catalog import Catalog, Switch
from topo.catalog.models import Aggregation
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.fabric.model import FloatArray, IntArray
from topo.units import amount

MOST_ROOTS = 64
"""Roots that a group of peers is tried with: more trees spread no better than the links of one leaf."""


@dataclass(frozen=True)
class InNetwork:
    """What parts sum: switches by id, and host parts whose scale-up domain does. `known`: switches that could do so."""

    switches: Mapping[str, Aggregation]
    hosts: frozenset[str]
    known: tuple[str, ...]


def in_network(catalog: Catalog, fabric: Fabric) -> InNetwork:
    """What the parts of a fabric sum, by the catalog."""
    sums = {part.id: part.aggregation for part in catalog.every(Switch) if part.aggregation is not None}
    hosts = [catalog.host(name) for name in fabric.parts if name and catalog.path("host", name)]
    fast = frozenset(h.id for h in hosts if h.scale_up is not None and h.scale_up.aggregation)
    return InNetwork({name: sums[name] for name in fabric.parts if name in sums}, fast, tuple(sorted(sums)))


@dataclass(frozen=True)
class Reduced:
    """Microseconds of the most loaded link between switches or summing switch, of the endpoint link, and of the port
    into the domain; how many trees there are, and switches on the way up to a root."""

    network_us: float
    endpoint_us: float
    scale_up_us: float
    trees: int
    depth: int


def reduced(fabric: Fabric, net: SwitchNetwork, ranks: Ranks, size: float, can: InNetwork | None) -> Reduced:
    """An all-reduce of `size` bytes. Raises ParameterError where a switch or a domain that it takes cannot sum."""
    blocks = ranks.blocks
    domains, width = blocks.shape
    inside = _inside_us(fabric, ranks, size, can)
    if domains == 1:
        return Reduced(0.0, 0.0, inside, 0, 0)
    nics = nics_of(fabric, net)
    loads = _Loads(net)
    part, endpoint, depth, trees = size / width, 0.0, 0, 0
    ends = nics.of_gpu[nics.host[ranks.host], ranks.gpu]
    if (ends < 0).all(axis=1).any():
        raise ParameterError("ranks", "", "a GPU has no endpoint in this network", "GPUs with a NIC in it")
    limit = _trees_at_once(fabric, net, np.unique(net.at[ends[ends >= 0]]), can)
    lanes_of = [_lanes(net, ends[peers]) for peers in blocks.T]
    crowd = np.bincount(np.concatenate([np.unique(net.at[lane]) for lanes in lanes_of for lane in lanes]))
    most = max(limit // int(crowd.max()), 1)
    for j, lanes in enumerate(lanes_of):
        for lane in lanes:
            bytes_ = part / len(lanes)
            endpoint = max(endpoint, bytes_ / float(net.attach_gbps[lane].min()))
            roots = loads.roots(np.unique(net.at[lane]), j, most)
            for root in roots:
                depth = max(depth, loads.add(root, lane, bytes_ / len(roots)))
            trees += len(roots)
    used = np.flatnonzero(loads.summed)
    _refuse_unable(fabric, net, used, can)
    loads.refuse_crowds(fabric, can)
    return Reduced(loads.most_us(fabric, can), endpoint * 8e-3, inside, trees, depth)


def _inside_us(fabric: Fabric, ranks: Ranks, size: float, can: InNetwork | None) -> float:
    """Scattering sums and gathering results in a domain: twice all other parts, or once the whole where its switches
    sum and copy."""
    width = ranks.per_domain
    if width == 1:
        return 0.0
    group = fabric.devices.group[ranks.host]
    gbps = float(np.array(fabric.scale_up_gbps)[group].min())
    if gbps <= 0:
        raise ParameterError("per_host", ranks.per_host, "ranks of one host have no scale-up domain", "1")
    parts = {fabric.groups[g] for g in np.unique(group).tolist()}
    sums = can is not None and parts <= can.hosts
    if ranks.domains == 1 and not sums:
        names = ", ".join(sorted(parts))
        message = f"all ranks lie in one scale-up domain, and that of {names} makes no sums"
        raise ParameterError("--algorithm", "sharp", message, "ranks in several domains, or another algorithm")
    return (size if sums else 2 * size * (width - 1) / width) / gbps * 8e-3


def _lanes(net: SwitchNetwork, ends: IntArray) -> list[IntArray]:
    """Endpoints of peers (shape (peers, most), -1 for none) by plane, each plane with one of every peer."""
    result = []
    flat = ends[ends >= 0]
    for plane in np.unique(net.endpoint_plane[flat]).tolist():
        rows = np.where((ends >= 0) & (net.endpoint_plane[np.maximum(ends, 0)] == plane), ends, -1).max(axis=1)
        if (rows >= 0).all():
            result.append(rows)
    if not result:
        raise ParameterError(
            "--algorithm", "sharp", "GPUs of the same number hang on different planes", "designs with a plane for each"
        )
    return result


class _Loads:
    """Bytes on every arc, and summed in every switch. Trees that pass equal ways take turns."""

    def __init__(self, net: SwitchNetwork) -> None:
        self.net = net
        self.edge = np.zeros(net.edges)
        self.summed = np.zeros(net.switches)
        self.near: dict[int, list[tuple[int, int]]] = {}
        for e, (u, v) in enumerate(zip(net.u.tolist(), net.v.tolist(), strict=True)):
            self.near.setdefault(u, []).append((v, e))
            self.near.setdefault(v, []).append((u, e))
        self.trees = np.zeros(net.switches, dtype=np.int64)
        self._distance: dict[int, FloatArray] = {}
        self._nearest: dict[bytes, IntArray] = {}

    def roots(self, leaves: IntArray, first: int, most: int) -> list[int]:
        """Up to `most` switches that are nearest to the farthest of `leaves`, turned on by as many for each `first`."""
        if len(leaves) == 1:
            return [int(leaves[0])]
        key = leaves.tobytes()
        if key not in self._nearest:
            part = components(self.net)
            if len(np.unique(part[leaves])) > 1:
                name = str(self.net.name[leaves[0]])
                raise ParameterError("ranks", name, "no path joins this switch to a peer", "connected ranks")
            far = farthest(self.net, leaves)
            self._nearest[key] = np.flatnonzero(far == far.min())
        best = self._nearest[key]
        most = min(most, MOST_ROOTS, len(best))
        return [int(root) for root in np.roll(best, -(first * most) % len(best))[:most]]

    def refuse_crowds(self, fabric: Fabric, can: InNetwork | None) -> None:
        """Raises ParameterError where a switch takes part in more trees than it can."""
        for row in np.flatnonzero(self.trees).tolist():
            part = fabric.parts[int(fabric.devices.part[self.net.device[row]])]
            most = can.switches[part].trees if can else 0
            if self.trees[row] > most:
                message = (
                    f"switch {self.net.name[row]} ({part}) would be in {amount(self.trees[row], 'tree')} and "
                    f"can in {most:,}"
                )
                raise ParameterError("--algorithm", "sharp", message, "fewer ranks a domain, or another algorithm")

    def add(self, root: int, lane: IntArray, size: float) -> int:
        """A tree from the switches of `lane`'s endpoints to `root`; how many switches are on its longest way."""
        at = self.net.at[lane]
        np.add.at(self.summed, at, size)
        if root not in self._distance:
            self._distance[root] = next(iter(path_blocks(self.net, np.array([root]), np.ones(self.net.edges))))[1][0]
        distance = self._distance[root]
        reached: set[int] = {root}
        for leaf in np.unique(at).tolist():
            here = leaf
            while here not in reached:
                reached.add(here)
                ahead = [(v, e) for v, e in self.near[here] if distance[v] == distance[here] - 1]
                joined = [pair for pair in ahead if pair[0] in reached]
                there, edge = min(joined or ahead, key=lambda p: (self.edge[p[1]] / self.net.gbps[p[1]], p[0]))
                self.edge[edge] += size
                self.summed[there] += size
                here = there
        self.trees[list(reached)] += 1
        return int(distance[at].max()) + 1

    def most_us(self, fabric: Fabric, can: InNetwork | None) -> float:
        """The time of the most loaded edge, or of the switch that sums most for what it can."""
        edge = float((self.edge / self.net.gbps).max(initial=0.0)) if self.net.edges else 0.0
        for row in np.flatnonzero(self.summed).tolist():
            part = fabric.parts[int(fabric.devices.part[self.net.device[row]])]
            most = can.switches[part].gbps if can and part in can.switches else None
            edge = max(edge, self.summed[row] / most) if most else edge
        return edge * 8e-3


def _trees_at_once(fabric: Fabric, net: SwitchNetwork, leaves: IntArray, can: InNetwork | None) -> int:
    """The least number of trees that the switches with ranks take part in at once."""
    _refuse_unable(fabric, net, leaves, can)
    assert can is not None
    parts = np.unique(fabric.devices.part[net.device[leaves]]).tolist()
    return min(can.switches[fabric.parts[p]].trees for p in parts)


def _refuse_unable(fabric: Fabric, net: SwitchNetwork, rows: IntArray, can: InNetwork | None) -> None:
    parts = np.unique(fabric.devices.part[net.device[rows]]).tolist()
    names = [fabric.parts[p] if p >= 0 else "a switch without a part" for p in parts]
    unable = [name for name in names if can is None or name not in can.switches]
    if unable:
        known = ", ".join(can.known) if can is not None and can.known else "none in the catalog"
        raise ParameterError(
            "--algorithm", "sharp", f"{', '.join(unable)} makes no sums in the network", known,
            "a part says so by `aggregation`",
        )  # fmt: skip
