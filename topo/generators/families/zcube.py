"""ZCube: GPUs with two ports, one into each of two sets of switches that are joined all to all.

Yan et al., "From ATOP to ZCube: Automated Topology Optimization Pipeline and A Highly Cost-Effective Network Topology
for Large Model Training", SIGCOMM 2025, pp. 861-881, doi:10.1145/3718958.3750503. With n GPUs and k of them on a switch
there are m = ceil(n / k) switches A and as many B; GPU i has one port on A(i mod m) and one on B(i div k); every A is
joined to every B. That makes 2 m switches and 2 n + m^2 links. Two GPUs reach each other over one link between
switches, by either of two ways. As n GPUs send over both ports and every byte crosses at most one of the m^2 links (two
directions each), k <= m carries all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt
from typing import Literal

import numpy as np
from pydantic import Field

from topo.catalog import Catalog
from topo.catalog.models import Count
from topo.errors import ParameterError
from topo.fabric import SWITCH, Fabric, Origin
from topo.fabric.model import BoolArray, IntArray
from topo.generators.family import Attached, Counts, Family, Wiring, families
from topo.generators.flat import (
    Cited,
    FlatNames,
    FlatParams,
    Radix,
    device_permutations,
    flat_counts,
    numbered,
    radix,
    wire_flat,
)
from topo.generators.hosts import OneHost
from topo.generators.layout import Split
from topo.generators.rule import AtMost, SwitchLinks, pair_key
from topo.units import amount

SOURCE = "Yan et al., From ATOP to ZCube, SIGCOMM 2025"


class ZcubeParams(FlatParams):
    """Keys of a ZCube."""

    SIZES = ("k",)

    family: Literal["zcube"]
    k: Count | None = Field(
        None, description="GPUs per switch; default: the most whose traffic the links between switches carry"
    )
    width: Count = Field(1, description="parallel links between a switch A and a switch B")


@dataclass(frozen=True)
class _Shape:
    gpus: int
    k: int
    width: int
    ports: Split
    radix: Radix

    @property
    def each(self) -> int:
        """Switches A; there are as many B."""
        return -(-self.gpus // self.k)


def _shape(params: ZcubeParams, ends: Attached, catalog: Catalog) -> _Shape:
    sizes = radix(params, ends, catalog)
    gpus = _gpus(ends)
    carried = _largest_carried(gpus, params.width * sizes.link_gbps / sizes.endpoint_gbps)
    k = params.k or carried
    links = params.width * -(-gpus // k)
    ports = sizes.split(k, links)
    if ports is not None:
        return _Shape(gpus, k, params.width, ports, sizes)
    message = f"{amount(k, 'GPU')} and {amount(links, 'link')} do not fit on the ports of {params.switch}"
    if params.k is None:
        each = max((len(set(_units(kind.one).tolist())) for kind in ends.kinds if kind.count), default=1) or 1
        able = range(gpus // each * each, 0, -each) if gpus < 2**17 else ()
        most = next((n for n in able if _fits(sizes, n, params.width)), 0)
        hint = "take a switch with more ports"
        raise ParameterError("gpus", f"{gpus:,}", message, f"at most {most:,}" if most else "", hint)
    fitting = [n for n in range(1, gpus + 1) if sizes.fits(n, params.width * -(-gpus // n))]
    allowed = " to ".join(f"{n:,}" for n in dict.fromkeys((fitting[0], fitting[-1]))) if fitting else ""
    raise ParameterError("k", k, message, allowed, "or take a switch with more ports")


def _fits(sizes: Radix, gpus: int, width: int) -> bool:
    k = _largest_carried(gpus, width * sizes.link_gbps / sizes.endpoint_gbps)
    return sizes.fits(k, width * -(-gpus // k))


def _largest_carried(gpus: int, ratio: float) -> int:
    """The most GPUs on a switch that its links carry, `ratio` of an endpoint's speed to each switch opposite."""
    k = min(isqrt(int(gpus * ratio)) + int(ratio) + 2, gpus)
    while k > 1 and k > ratio * -(-gpus // k):
        k -= 1
    return max(k, 1)


def _gpus(ends: Attached) -> int:
    """GPUs (or NICs, where several GPUs share one) with two ports each; raises ParameterError for others."""
    total = 0
    for kind in ends.kinds:
        if kind.count and len(kind.one):
            times = np.unique(_units(kind.one), return_counts=True)[1]
            if (times != 2).any():
                raise ParameterError(
                    "host",
                    f"{amount(int(times[times != 2][0]), 'port')} of a GPU", "every GPU needs two ports", "2 ports",
                    "take hosts whose NICs have two ports, or the family ft2",
                )  # fmt: skip
            total += kind.count * len(times)
    return max(total, 1)


def _units(one: OneHost) -> IntArray:
    """Shape (endpoints of a host,): which of them belong together, those without a GPU by their NIC."""
    units: IntArray = np.unique(
        np.stack([one.gpu_count > 0, np.where(one.gpu_count > 0, one.gpu_first, one.nic)]), axis=1, return_inverse=True
    )[1].reshape(-1)
    return units


def _places(shape: _Shape, ends: Attached) -> IntArray:
    """Shape (endpoints,): the switch of each endpoint, A from 0, B after them."""
    first, result = 0, []
    for kind in ends.kinds:
        units = _units(kind.one)
        width = int(units.max(initial=-1)) + 1
        second = np.zeros(len(units), np.int64)
        order = np.argsort(units, kind="stable")
        second[order[1::2]] = 1
        gpu = first + np.arange(kind.count)[:, None] * width + units
        result.append(np.where(second == 0, gpu % shape.each, shape.each + gpu // shape.k).ravel())
        first += kind.count * width
    return np.concatenate(result).astype(np.int64)


def _wire(params: ZcubeParams, ends: Attached, catalog: Catalog, prefix: str) -> Wiring:
    shape = _shape(params, ends, catalog)
    m = shape.each
    names = [f"{prefix}{side}-{i:03d}" for side in "ab" for i in range(m)]
    side, index = np.divmod(np.arange(2 * m), m)
    a, b = (x.ravel() for x in np.mgrid[0:m, m : 2 * m])
    a, b = np.repeat(a, shape.width), np.repeat(b, shape.width)
    sizes = (("gpus", shape.gpus), ("k", shape.k), ("each", m), ("width", shape.width))
    return wire_flat(
        FlatNames(names, side, index), shape.ports, ends, numbered(a, b, np.zeros(len(a), np.int64), ("a_b",)),
        sizes, _places(shape, ends),
    )  # fmt: skip


def _counts(params: ZcubeParams, ends: Attached, catalog: Catalog) -> Counts:
    shape = _shape(params, ends, catalog)
    m = shape.each
    formula = "m = ceil(GPUs / k): switches 2 m, links between them width m^2, two links a GPU"
    return flat_counts(
        2 * m, {"a_b": shape.width * m * m}, shape.ports, ends, 3 if m > 1 else 2, Cited(formula, SOURCE)
    )


def _symmetries(fabric: Fabric, network: int) -> list[IntArray]:
    """Those of these that leave the set of hosts as it is: the turn of all GPUs by k, exchanges and turns of B,
    of A in blocks as wide as a host, and of the switches of one block; A with B."""
    m, k = fabric.origins[network]["each"], fabric.origins[network]["k"]
    rows = np.flatnonzero((fabric.devices.network == network) & (fabric.devices.tier == SWITCH))
    mask = (fabric.endpoints.network == network) & (fabric.endpoint_switch >= 0)
    if len(rows) != 2 * m or not mask.any():
        return []
    host = np.unique(fabric.endpoints.host[mask], return_inverse=True)[1]
    at = np.searchsorted(rows, fabric.endpoint_switch[mask])
    wide = int(np.bincount(host).max()) // 2
    index: IntArray = np.arange(m)
    whole = m % wide == 0
    blocks = index.reshape(-1, wide) if whole else index[:, None]
    turned_in = np.concatenate([np.roll(blocks[0], 1), blocks[1:].ravel()]) if whole else index
    steps: list[tuple[IntArray, IntArray]] = [
        (index, np.roll(index, 1)),
        (index, _exchanged(index)),
        ((index + k) % m, np.roll(index, -1)),
    ]
    steps += [(np.roll(blocks, 1, axis=0).ravel(), index), (_exchanged(blocks).ravel(), index)]
    steps += [(turned_in, index), (np.concatenate([_exchanged(index[:wide]), index[wide:]]), index)]
    proposed = [np.concatenate([a, m + b]) for a, b in steps] + [np.roll(np.arange(2 * m), m)]
    kept = [image for image in proposed if (image != np.arange(2 * m)).any() and _same_hosts(host, at, image, 2 * m)]
    return device_permutations(fabric, network, kept)


def _exchanged(rows: IntArray) -> IntArray:
    """The same with the first two exchanged."""
    return rows[[1, 0, *range(2, len(rows))]] if len(rows) > 1 else rows


def _same_hosts(host: IntArray, at: IntArray, image: IntArray, switches: int) -> bool:
    """Whether moving every switch to its image moves the hosts' sets of switches onto each other."""
    before, after = (np.sort(host * switches + to) % switches for to in (at, image[at]))
    width = np.bincount(host)
    if (width != width[0]).any():
        return False
    sets = [np.unique(x.reshape(-1, width[0]), axis=0, return_counts=True) for x in (before, after)]
    return all(np.array_equal(x, y) for x, y in zip(*sets, strict=True))


def _rule(links: SwitchLinks, origin: Origin) -> tuple[BoolArray, list[AtMost]]:
    """Every link joins an A to a B, and no two of them more often than they are wide."""
    joined = links.of_kind("a_b") & (links.pod_u != links.pod_v)
    most = np.full(len(links.u), origin["width"])
    return joined, [AtMost(pair_key(links.u, links.v, joined), most, "two switches")]


families.add("zcube", Family("ZCube", ZcubeParams, _wire, _counts, _symmetries, rule=_rule))
