"""What InfiniBand tools call the devices: nodes with GUIDs, hosts split into their adapters."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from topo.exporters.plan import Plan
from topo.fabric import HOST, Fabric
from topo.fabric.model import IntArray


@dataclass(frozen=True)
class Nodes:
    """InfiniBand nodes: the switches, then an adapter (HCA) for every NIC of every host that has a link.

    `guid`, `description`, `ports`: by node; `device`: row of the fabric; `node_of_port`, `number_of_port`: shape
    (fabric ports,), the node and its port number, -1 for ports that belong to none.
    """

    switches: int
    guid: list[int]
    description: list[str]
    ports: list[int]
    device: IntArray
    node_of_port: IntArray
    number_of_port: IntArray


def nodes_of(fabric: Fabric) -> Nodes:
    """GUIDs come from the names alone, so that growth changes none; an adapter's port GUID is its node's plus the port
    number. Adapters are called `host HCA-n`, n counting the host's NICs over its networks, as ibutils wants them."""
    switch = np.flatnonzero(fabric.devices.tier != HOST)
    ends = fabric.endpoints
    order = np.lexsort((ends.nic_port, ends.nic, ends.network, ends.host))
    host, network, nic = ends.host[order], ends.network[order], ends.nic[order]
    new_host = np.append(True, host[1:] != host[:-1])[: len(host)]
    new_nic = new_host | np.append(True, (network[1:] != network[:-1]) | (nic[1:] != nic[:-1]))[: len(host)]
    adapter = np.cumsum(new_nic) - 1
    rank = (
        adapter - adapter[np.maximum.accumulate(np.where(new_host, np.arange(len(host)), 0))] if len(host) else adapter
    )
    starts = np.flatnonzero(new_nic)
    names = fabric.devices.name
    switch_names = names[switch].tolist()
    hca = [f"{h} HCA-{n + 1}" for h, n in zip(names[host[starts]].tolist(), rank[starts].tolist(), strict=True)]
    first = np.append(starts, len(host))
    node_of = np.full(len(fabric.ports), -1, dtype=np.int64)
    number = np.full(len(fabric.ports), -1, dtype=np.int64)
    local = np.full(len(fabric.devices), -1, dtype=np.int64)
    local[switch] = np.arange(len(switch))
    of_switch = ~fabric.is_host[fabric.ports.device]
    node_of[of_switch] = local[fabric.ports.device[of_switch]]
    number[of_switch] = fabric.ports.number[of_switch]
    node_of[ends.port[order]] = len(switch) + adapter
    number[ends.port[order]] = ends.nic_port[order] + 1
    widths = np.bincount(fabric.ports.device, minlength=len(names))[switch].tolist()
    hca_ports = np.maximum(np.diff(first), 1).tolist()
    return Nodes(
        len(switch),
        [_guid(n, 2) for n in switch_names] + [_guid(n, 1) for n in hca],
        switch_names + hca,
        widths + hca_ports,
        np.concatenate([switch, host[starts]]),
        node_of,
        number,
    )


def _guid(name: str, kind: int) -> int:
    """4 bits of kind, 52 of the name's SHA-256, and 8 for ports."""
    digest = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    return kind << 60 | (digest >> 12) << 8


def speaks_infiniband(plan: Plan, network: int) -> bool:
    """Every switch of the network whose part is known speaks InfiniBand, and some part is."""
    words = spoken(plan, network)
    return bool(words) and all("infiniband" in each for each in words)


def spoken(plan: Plan, network: int) -> list[tuple[str, ...]]:
    """What each switch part of a network speaks, as far as the catalog has it."""
    devices = plan.fabric.devices
    parts = np.unique(devices.part[(devices.network == network) & ~plan.fabric.is_host])
    names = [plan.fabric.parts[int(p)] for p in parts if p >= 0]
    return [plan.catalog.switch(n).network for n in names if plan.catalog.path("switch", n)]
