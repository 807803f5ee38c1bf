"""Scale-up networks: every domain's switches are planes of one switch, each with an equal share of every GPU's links.

NVL72 (NVIDIA DGX GB200 User Guide, NVLink switch trays): 72 GPUs of 18 links each on 18 switches, one link of every GPU
to each. Domains share nothing: with D domains of P planes there are D x P switches, and as many links as GPUs have
ports. Networks of two tiers (CloudMatrix384: 7 planes of 48 leaves and 16 spines) are written with `mpft`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import Field

from topo.catalog import Catalog
from topo.catalog.models import Count
from topo.errors import ParameterError
from topo.fabric import LEAF, Fabric
from topo.fabric.model import IntArray
from topo.generators.family import Attached, Counts, Family, LinkEnds, NetworkParams, Switches, Wiring, families
from topo.generators.flat import device_permutations, in_turn
from topo.generators.hosts import Kind, OneHost
from topo.generators.layout import PortLayout, breakout_of, numbers_at, uniform
from topo.generators.rule import by_tiers
from topo.units import amount

SOURCE = "NVIDIA DGX GB200 User Guide, NVLink switch trays"


class ScaleUpParams(NetworkParams):
    """Keys of a scale-up network."""

    family: Literal["scale-up"]
    planes: Count | None = Field(
        None,
        description="switches of a domain; default: `planes` of the host part's `scale_up`, or else the fewest that "
        "hold the domain's ports",
    )


@dataclass(frozen=True)
class _Shape:
    """`domain` (kinds,): the first domain of each kind of hosts; `all_domains` of them, with `planes` switches each."""

    domain: tuple[int, ...]
    all_domains: int
    planes: int
    layout: PortLayout
    gbps: float


def _shape(params: ScaleUpParams, ends: Attached, catalog: Catalog) -> _Shape:
    speeds = ends.speeds()
    if len(speeds) != 1:
        raise ParameterError(
            "endpoint_gbps",
            ", ".join(f"{s:g}" for s in speeds) or "no NIC",
            "the switches of a domain need one speed of ports",
            hint="set endpoint_gbps, or give the hosts NICs for this network",
        )
    part = catalog.switch(params.switch, "switch")
    breakout_of(part, speeds[0], "switch")
    layout = uniform(part, speeds[0])
    own = [k for k in ends.kinds if k.count and len(k.one)]
    planes = _planes(params, own, len(numbers_at(layout, speeds[0])))
    first, total = [], 0
    for kind in ends.kinds:
        first.append(total)
        total += -(-kind.count // kind.domain) if len(kind.one) and kind.count else 0
    return _Shape(tuple(first), total, planes, layout, speeds[0])


def _planes(params: ScaleUpParams, kinds: list[Kind], room: int) -> int:
    """The planes of every domain; raises ParameterError where hosts have no domain, where a GPU's ports are no equal
    share for each plane, and where a domain's ports do not fit on its switches (`room` ports each)."""
    for kind in kinds:
        if not kind.domain:
            raise ParameterError(
                "host", kind.part, "no scale-up domain joins the hosts of this part", "a part with `scale_up`",
                "hosts_per_domain of `scale_up` says how many hosts a domain has",
            )  # fmt: skip
    stated = {kind.planes for kind in kinds if kind.planes}
    if params.planes and stated - {params.planes}:
        raise ParameterError(
            "planes", params.planes, "the host part's scale_up has another number of planes",
            " or ".join(str(n) for n in sorted(stated)),
        )  # fmt: skip
    per_gpu = [n for kind in kinds for n in np.bincount(_units(kind.one)).tolist()]
    equal = [p for p in range(1, max(per_gpu) + 1) if all(n % p == 0 for n in per_gpu)]
    most = max(min(kind.domain, kind.count) * len(kind.one) for kind in kinds)
    fitting = [p for p in equal if most // p <= room]
    shown = ", ".join(str(p) for p in fitting)
    planes = params.planes or min(stated, default=fitting[0] if fitting else equal[-1])
    if planes not in equal:
        ports = " and ".join(str(n) for n in sorted(set(per_gpu)))
        raise ParameterError("planes", planes, f"a GPU's {ports} ports give them no equal share", shown)
    if planes not in fitting:
        message = (
            f"{amount(most // planes, 'link')} of a domain to each of {amount(planes, 'plane')} do not fit "
            f"on {amount(room, 'port')}"
        )
        hint = "take a switch with more ports, or hosts_per_domain fewer hosts a domain"
        raise ParameterError("planes", planes, message, shown or "none with this switch", hint)
    return planes


def _units(one: OneHost) -> IntArray:
    """Shape (endpoints of a host,): which of them serve the same GPUs, those without a GPU by their NIC."""
    key = np.stack([one.gpu_count > 0, np.where(one.gpu_count > 0, one.gpu_first, one.nic)])
    units: IntArray = np.unique(key, axis=1, return_inverse=True)[1].reshape(-1)
    return units


def _plane_of(one: OneHost, planes: int) -> IntArray:
    """Shape (endpoints of a host,): the ports of a GPU take the planes in turn."""
    result: IntArray = (in_turn(_units(one)) - 1) % planes
    return result


def _wire(params: ScaleUpParams, ends: Attached, catalog: Catalog, prefix: str) -> Wiring:
    shape = _shape(params, ends, catalog)
    at = []
    for kind, first in zip(ends.kinds, shape.domain, strict=True):
        domain = first + np.arange(kind.count) // max(kind.domain, 1)
        at.append((domain[:, None] * shape.planes + _plane_of(kind.one, shape.planes)).ravel())
    switch = np.concatenate(at).astype(np.int64)
    domain, plane = np.divmod(np.arange(shape.all_domains * shape.planes), shape.planes)
    n, none = len(domain), np.zeros(0, np.int32)
    switches = Switches(
        np.array([f"{prefix}d{d:03d}-p{p:02d}" for d, p in zip(domain.tolist(), plane.tolist(), strict=True)], np.str_),
        np.full(n, LEAF, np.int32),
        np.arange(n, dtype=np.int32),
        np.full(n, -1, np.int32),
        domain.astype(np.int32),
        np.zeros(n, np.int32),
        np.zeros(n, np.int32),
    )
    port = numbers_at(shape.layout, shape.gbps)[in_turn(switch) - 1]
    links = LinkEnds(none, none, none, none, none, np.zeros(0))
    sizes = (("domains", shape.all_domains), ("planes", shape.planes))
    return Wiring(switches, (shape.layout,), switch, port, switch.astype(np.int32), ends.nic, links, (), sizes)


def _counts(params: ScaleUpParams, ends: Attached, catalog: Catalog) -> Counts:
    shape = _shape(params, ends, catalog)
    switches = shape.all_domains * shape.planes
    spare = switches * len(numbers_at(shape.layout, shape.gbps)) - len(ends)
    return Counts(
        {"leaf": switches},
        {"endpoint": len(ends)},
        1 if len(ends) > 1 else 0,
        "domains x planes switches, one tier; links = ports of the GPUs",
        SOURCE,
        {"leaf": spare},
        (f"{amount(shape.all_domains, 'domain')} of {amount(shape.planes, 'plane')}, each plane one switch",),
    )


def _symmetries(fabric: Fabric, network: int) -> list[IntArray]:
    """The planes of all domains in a ring, and alike domains in a ring."""
    shape = dict(fabric.origins[network].shape)
    domains, planes = shape["domains"], shape["planes"]
    rows = np.flatnonzero((fabric.devices.network == network) & (fabric.devices.tier == LEAF))
    if len(rows) != domains * planes:
        return []
    on = fabric.endpoint_switch[fabric.endpoint_switch >= 0]
    weight = np.bincount(on, minlength=len(fabric.devices))[rows].reshape(domains, planes)
    place = np.arange(domains * planes).reshape(domains, planes)
    turned = place.copy()
    for alike in np.unique(weight[:, 0]).tolist():
        ring = np.flatnonzero(weight[:, 0] == alike)
        turned[ring] = place[np.roll(ring, -1)]
    moved = [np.roll(place, -1, axis=1).ravel(), turned.ravel()]
    return [p for p in device_permutations(fabric, network, moved, LEAF) if (p != np.arange(len(p))).any()]


families.add(
    "scale-up",
    Family(
        "scale-up domains as planes of one switch", ScaleUpParams, _wire, _counts, _symmetries, rule=by_tiers,
        inside=True,
    ),
)  # fmt: skip
