"""The wiring as DOT for Prescriptive Topology Manager and NVIDIA cable validation: one edge a link, no drawing. Hosts'
ports are called as Linux calls them, where the host part says so."""

from __future__ import annotations

from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.view import link_ends, quoted
from topo.fabric import TIER_NAMES


def _write(plan: Plan) -> dict[str, bytes]:
    devices, linux = plan.fabric.devices, plan.fabric.names_in("linux")
    lines = [f"graph {quoted(plan.design.name)} {{"]
    for name, tier in zip(devices.name.tolist(), devices.tier.tolist(), strict=True):
        lines.append(f"    {quoted(name)} [role={quoted(TIER_NAMES[tier])}]")
    lines += [
        f"    {quoted(e.a_name)}:{quoted(linux.get(e.a_port, e.a_port_name))} -- "
        f"{quoted(e.b_name)}:{quoted(linux.get(e.b_port, e.b_port_name))}"
        for e in link_ends(plan.fabric)
    ]
    return {"cable-validation/topology.dot": ("\n".join([*lines, "}"]) + "\n").encode()}


exporters.add("ptm-dot", Exporter("PTM and cable validation, DOT", _write, "speeds, lengths, parts, places"))
