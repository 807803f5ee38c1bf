"""Multi-plane fat-tree: one two-tier fat-tree per plane, each with the same share of every host's NIC ports.

NIC i of each host in plane i, or port i of every NIC, or each port in a plane of its own; any number of planes that
gives every plane the same share. Where a plane has several rails (NICs of a host), its leaves hold whole rails as in a
multi-rail fat-tree (`rails_per_leaf`). At radix k at most planes x k^2 / 2 endpoints (DeepSeek-AI, arXiv 2505.09343,
section 5.1).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from topo.catalog.models import Count
from topo.errors import ParameterError
from topo.fabric.model import IntArray
from topo.generators.family import Attached, families
from topo.generators.trees.counts.seats import Rails
from topo.generators.trees.counts.sizes import TreeSizes
from topo.generators.trees.form import TreeForm
from topo.generators.trees.leaf_kinds import UnlikeParams
from topo.generators.trees.params import RailKeys
from topo.generators.trees.unlike.wire import unlike_family
from topo.generators.trees.wire import TreeNames, plane_heads, rail_leaves
from topo.units import amount


class MpftParams(UnlikeParams, RailKeys):
    """Keys of a multi-plane fat-tree."""

    family: Literal["mpft"]
    planes: Count | None = Field(
        None,
        description="how many planes: any number that gives every plane the same share of a host's NIC ports; default: "
        "the ports of a NIC, or the NICs of a host where they have one port each",
    )


def plane_of(nic: IntArray, port: IntArray, nics: int, ports: int, planes: int) -> IntArray:
    """The plane of each NIC port of a host of `nics` NICs with `ports` ports each: by port where the planes divide the
    ports of a NIC, else by NIC where they divide the NICs, else by both."""
    if ports > 1 and ports % planes == 0:
        return np.asarray(port % planes)
    if nics % planes == 0:
        return np.asarray(nic % planes)
    if planes % ports == 0 and nics % (planes // ports) == 0:
        return np.asarray(nic % (planes // ports) * ports + port)
    return np.asarray((nic * ports + port) % planes)


def _planes(params: MpftParams, ends: Attached) -> tuple[int, list[IntArray]]:
    bring = [k.one for k in ends.kinds if k.count and len(k.one)]
    nics = max(int(one.nic.max()) + 1 for one in bring)
    ports = max(int(one.nic_port.max()) + 1 for one in bring)
    planes = params.planes or (ports if ports > 1 else nics)
    if (nics * ports) % planes:
        shares = [n for n in range(1, nics * ports + 1) if (nics * ports) % n == 0]
        raise ParameterError(
            "planes",
            planes,
            f"the hosts bring {amount(nics, 'NIC')} with {amount(ports, 'port')} each, no equal share for each",
            " or ".join([", ".join(map(str, shares[:-1])), str(shares[-1])]) if len(shares) > 1 else "1",
            "every plane takes the same share of a host's NIC ports",
        )
    of_kind = [plane_of(k.one.nic, k.one.nic_port, nics, ports, planes) for k in ends.kinds]
    few, hosts, least = 0, 0, planes
    for plane, kind in zip(of_kind, ends.kinds, strict=True):
        share = np.bincount(plane, minlength=planes)
        if not len(plane):
            continue
        hosts += kind.count
        if len(np.unique(share)) > 1:
            few, least = few + kind.count, min(least, int((share > 0).sum()))
    if few:
        what = "an endpoint" if least < planes else "the same share"
        raise ParameterError(
            "other_hosts",
            f"{few:,} of {amount(hosts, 'host')} reach {least:,} of {amount(planes, 'plane')}",
            f"every host of a multi-plane network needs {what} in every plane",
            f"hosts with {planes:,} {'NIC ports' if ports > 1 else 'NICs'}",
            "put hosts with fewer NICs into a network of their own, or choose hosts with more",
        )
    return planes, of_kind


def _names(sizes: TreeSizes, prefix: str, rail: IntArray) -> TreeNames:
    planes, leaves = sizes.planes, sizes.leaves
    heads = plane_heads(prefix, planes)
    index = np.tile(np.arange(leaves), planes)
    if isinstance(sizes.seats, Rails) and sizes.group > 1:
        leaf, leaf_rail, _ = rail_leaves(sizes, heads, rail)
        return TreeNames(leaf, leaf_rail, index, "spine-{spine:03d}", heads)
    leaf = [f"{head}leaf-{i:03d}" for head in heads for i in range(leaves)]
    own = rail[:, 0] if rail.shape[1] == 1 else np.full(planes, -1)
    return TreeNames(leaf, np.repeat(own, leaves), index, "spine-{spine:03d}", heads)


FORM = TreeForm(_planes, _names, "full: planes x (N = k^2/2, switches 3k/2, links k^2/2)")
families.add("mpft", unlike_family("multi-plane fat-tree", MpftParams, FORM))
