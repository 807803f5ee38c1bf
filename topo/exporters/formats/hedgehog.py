"""Hedgehog wiring: a VLAN namespace, Switches, Servers and the Connections between them, as Kubernetes resources.

The rules are those of `Validate` in githedgehog/fabric, api/wiring/v1beta1 and api/meta/validation.go (2026): every
device of a Connection is an object of its own, names are lowercase RFC 1123 subdomains, a switch has a role and a
profile, a fabric Connection joins one leaf and one spine, a mesh Connection two leaves. ASNs and addresses are left to
`hhfab`, which fills in those of all switches together.
"""

from __future__ import annotations

import numpy as np

from topo.exporters.names import dns_name, no_dns_names
from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.table import written
from topo.exporters.view import LinkEnd, link_ends, quoted
from topo.fabric import CORE, HOST, SPINE, Fabric
from topo.fabric.model import BoolArray

NAMESPACE = "default"
VLANS = "{from: 1000, to: 2999}"
LONGEST = 253
"""Names of objects of Kubernetes are DNS subdomains: 253 characters (RFC 1123)."""


def _used(fabric: Fabric) -> BoolArray:
    """Shape (devices,): switches, and hosts that have a link."""
    used = ~fabric.is_host
    used[fabric.link_a[fabric.links.active]] = True
    return used


def _refuses(plan: Plan) -> str:
    d = plan.fabric.devices
    if (d.tier == CORE).any():
        return "Hedgehog joins leaves to spines or leaves to leaves; it has no third tier"
    if ((d.part < 0) & (d.tier != HOST)).any():
        return "Hedgehog wants a profile for every switch; some switches have no part"
    why = no_dns_names((str(name) for name in d.name[_used(plan.fabric)]), LONGEST)
    return f"Hedgehog {why}" if why else ""


def _ports_in_cage(fabric: Fabric) -> list[int]:
    """Shape (ports,): how many ports the cage of each port is broken out into."""
    key = fabric.ports.device.astype(np.int64) * 100_000 + fabric.ports.cage
    _, row, size = np.unique(key, return_inverse=True, return_counts=True)
    return [int(n) for n in size[row]]


def _switch_port(fabric: Fabric, ports_in_cage: list[int], port: int) -> str:
    """E1/cage, or E1/cage/sub where the cage is broken out."""
    cage, sub = int(fabric.ports.cage[port]), int(fabric.ports.sub[port])
    return f"E1/{cage}/{sub}" if ports_in_cage[port] > 1 else f"E1/{cage}"


def _devices(fabric: Fabric, ports_in_cage: list[int]) -> list[str]:
    """The Switch and Server objects."""
    d, ports, result = fabric.devices, fabric.ports, []
    for row in np.flatnonzero(_used(fabric)).tolist():
        name, part = dns_name(str(d.name[row])), int(d.part[row])
        note = f"  description: {quoted(str(d.name[row]))}\n"
        if d.tier[row] == HOST:
            result.append(_resource("Server", name, note))
            continue
        broken = {
            int(ports.cage[p]): f"{ports_in_cage[p]}x{written(float(ports.gbps[p]))}G"
            for p in range(int(fabric.port_start[row]), int(fabric.port_start[row + 1]))
            if ports_in_cage[p] > 1
        }
        role = "spine" if d.tier[row] == SPINE else "server-leaf"
        spec = f"  role: {role}\n{note}  profile: {quoted(dns_name(fabric.parts[part]))}\n"
        spec += f"  redundancy: {{}}\n  vlanNamespaces: [{NAMESPACE}]\n"
        if broken:
            spec += "  portBreakouts:\n" + "".join(f"    E1/{cage}: {way}\n" for cage, way in broken.items())
        result.append(_resource("Switch", name, spec))
    return result


def _connections(fabric: Fabric, ports_in_cage: list[int]) -> list[str]:
    """A Connection for each link of a host, and for each pair of switches with all links between them."""
    tier = fabric.devices.tier
    result: list[str] = []
    bundles: dict[tuple[int, int], list[LinkEnd]] = {}

    def port(device: str, row: int) -> str:
        return quoted(f"{dns_name(device)}/{_switch_port(fabric, ports_in_cage, row)}")

    for e in link_ends(fabric):
        if tier[e.a] == HOST:
            server = quoted(f"{dns_name(e.a_name)}/{e.a_port_name.replace('/', '-')}")
            spec = f"  unbundled:\n    link:\n      server: {{port: {server}}}\n"
            spec += f"      switch: {{port: {port(e.b_name, e.b_port)}}}\n"
            result.append(_resource("Connection", dns_name(f"{e.a_name}--{e.a_port_name}--{e.b_name}"), spec))
        else:
            bundles.setdefault((min(e.a, e.b), max(e.a, e.b)), []).append(e)
    for links in bundles.values():
        first = links[0]
        kind, a, b = ("fabric", "leaf", "spine") if tier[first.b] == SPINE else ("mesh", "leaf1", "leaf2")
        lines = "".join(
            f"    - {a}: {{port: {port(e.a_name, e.a_port)}}}\n      {b}: {{port: {port(e.b_name, e.b_port)}}}\n"
            for e in links
        )
        name = dns_name(f"{first.a_name}--{kind}--{first.b_name}")
        result.append(_resource("Connection", name, f"  {kind}:\n    links:\n{lines}"))
    return result


def _resource(kind: str, name: str, spec: str) -> str:
    head = f"apiVersion: wiring.githedgehog.com/v1beta1\nkind: {kind}\n"
    return f"{head}metadata: {{name: {quoted(name)}, namespace: default}}\nspec:\n{spec}"


def _write(plan: Plan) -> dict[str, bytes]:
    ports = _ports_in_cage(plan.fabric)
    documents = [_resource("VLANNamespace", NAMESPACE, f"  ranges: [{VLANS}]\n")]
    documents += [*_devices(plan.fabric, ports), *_connections(plan.fabric, ports)]
    return {"hedgehog/wiring.yaml": "---\n".join(documents).encode()}


exporters.add(
    "hedgehog",
    Exporter(
        "Hedgehog wiring, YAML",
        _write,
        "lengths, planes, third tiers; a profile is the part's name, which Hedgehog may call otherwise",
        _refuses,
    ),
)
