"""What a network of a fabric consists of, counted from the fabric itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from topo.checks import Context, Question, questions
from topo.fabric import HOST, TIER_NAMES, Fabric, PortRole
from topo.fabric.ranks import distinct

if TYPE_CHECKING:
    from topo.placement import Cabling


@dataclass(frozen=True)
class NetworkCounts:
    """Counts of one network. `switches` by tier with `total`; `links` by kind with `fabric`, their
    switch-to-switch sum."""

    gpus: int
    hosts: int
    endpoints: int
    planes: int
    rails: int
    switches: Mapping[str, int]
    links: Mapping[str, int]

    def to_json(self) -> dict[str, Any]:
        """The counts as plain data."""
        names = ("gpus", "hosts", "endpoints", "planes", "rails")
        values = {name: getattr(self, name) for name in names}
        return {**values, "switches": dict(self.switches), "links": dict(self.links)}


def network_counts(fabric: Fabric, network: int) -> NetworkCounts:
    """Counts devices, links and endpoints of one network (by row)."""
    switch = (fabric.devices.network == network) & (fabric.devices.tier != HOST)
    tiers = np.bincount(fabric.devices.tier[switch], minlength=len(TIER_NAMES))
    switches = {name: int(n) for name, n in zip(TIER_NAMES, tiers, strict=True) if n}
    kinds = np.bincount(fabric.links.kind[fabric.links.network == network], minlength=len(fabric.link_kinds))
    links = {name: int(n) for name, n in zip(fabric.link_kinds, kinds, strict=True) if n}
    mask = fabric.endpoints.network == network
    hosts = np.unique(fabric.endpoints.host[mask])
    rails = fabric.endpoints.rail[mask]
    return NetworkCounts(
        gpus=int(fabric.devices.gpus[hosts].sum()),
        hosts=len(hosts),
        endpoints=int(mask.sum()),
        planes=len(np.unique(fabric.devices.plane[fabric.switches_in(network)])),
        rails=len(np.unique(rails[rails >= 0])),
        switches={**switches, "total": int(switch.sum())},
        links={**links, "fabric": sum(n for kind, n in links.items() if kind != "endpoint")},
    )


def outside_of(fabric: Fabric, network: int) -> dict[str, float] | None:
    """The switches of a network (by row) whose ports lead out of the fabric, those ports and their Gb/s together; None
    where there are none."""
    mask = (fabric.ports.role == PortRole.OUTSIDE) & (fabric.devices.network[fabric.ports.device] == network)
    if not mask.any():
        return None
    switches = len(np.unique(fabric.ports.device[mask]))
    return {"switches": switches, "ports": int(mask.sum()), "gbps": float(fabric.ports.gbps[mask].sum())}


def cable_counts(fabric: Fabric, network: int, cabling: Cabling) -> tuple[int, int] | None:
    """Cables and transceivers of one network (by row), none for links inside a device; None where a link of it has no
    part, since nobody knows then how many there will be."""
    mask = (fabric.links.network == network) & ~fabric.is_inside
    cables = distinct(cabling.cable_of_link[mask])
    if (cabling.cables.part[cables] < 0).any():
        return None
    modules = np.concatenate([cabling.module_at_a[mask], cabling.module_at_b[mask]])
    return len(cables), len(distinct(modules[modules >= 0]))


@dataclass(frozen=True)
class Counted(Question[NetworkCounts]):
    """`network_counts` of a network by name."""

    network: str

    def answer(self, context: Context) -> NetworkCounts:
        """Counts them."""
        return network_counts(context.fabric, context.fabric.network_row(self.network))


def counted(context: Context, network: str) -> NetworkCounts:
    """`network_counts` of a network by name, counted once."""
    return context.ask(Counted(network))


@dataclass(frozen=True)
class Bought(Question[tuple[int, int] | None]):
    """`cable_counts` of a network by name."""

    network: str

    def answer(self, context: Context) -> tuple[int, int] | None:
        """Counts them."""
        row = context.fabric.network_row(self.network)
        return cable_counts(context.fabric, row, context.ask(questions.Cabling()))


def bought(context: Context, network: str) -> tuple[int, int] | None:
    """`cable_counts` of a network by name, counted once."""
    return context.ask(Bought(network))
