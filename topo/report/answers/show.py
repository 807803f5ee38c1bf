"""What `topo show` says: counts, closed forms and spare ports, from the design and its fabric."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from topo.analysis.full_bisection import full_bisection_gbps
from topo.analysis.network import switch_network
from topo.analysis.paths.hops import hops
from topo.design import Design, build, closed_forms
from topo.fabric import Fabric, PortRole
from topo.report.counts import NetworkCounts, network_counts
from topo.report.look import PLAIN, Look
from topo.report.spare import Spare, spare_of
from topo.report.table import table
from topo.units import amount, count, gbps


@dataclass(frozen=True)
class NetworkSummary:
    """One network: what is built beside what the closed form says, and what is spare, by tier."""

    name: str
    title: str
    counts: NetworkCounts
    closed_switches: dict[str, int]
    closed_links: dict[str, int]
    max_hops: int
    formula: str
    source: str
    spare_ports: dict[str, int]
    spare: tuple[Spare, ...]
    notes: tuple[str, ...]
    full_bisection_gbps: float


@dataclass(frozen=True)
class Summary:
    """What `topo show` prints."""

    name: str
    title: str
    gpus: int
    hosts: dict[str, int]
    networks: tuple[NetworkSummary, ...]


def summary(design: Design) -> Summary:
    """Builds the design's fabric and counts it; raises InputError where it cannot be built."""
    from topo.generators.family import families

    fabric = build(design)
    forms = closed_forms(design)
    networks = []
    for row, network in enumerate(design.networks):
        counts, form = network_counts(fabric, row), forms.get(network.name)
        title = families.get(network.params.family).title if form else "imported, of no family that topo knows"
        networks.append(
            NetworkSummary(
                network.name,
                title,
                counts,
                dict(form.switches) if form else {},
                dict(form.links) if form else {},
                form.max_hops if form else hops(switch_network(fabric, network.name)).max,
                form.formula if form else "none",
                form.source if form else "nothing designs an imported fabric",
                _spare(fabric, row),
                spare_of(design, network, form, fabric) if form else (),
                (*form.notes, *form.read) if form else (),
                full_bisection_gbps(fabric, row),
            )
        )
    hosts = {g.part.id: g.count for g in design.groups} or {"host": int(fabric.is_host.sum())}
    return Summary(design.name, design.title, int(fabric.devices.gpus.sum()), hosts, tuple(networks))


def _spare(fabric: Fabric, network: int) -> dict[str, int]:
    from topo.fabric import HOST, TIER_NAMES

    tier = fabric.devices.tier
    mask = (fabric.devices.network == network) & (tier != HOST)
    free = np.bincount(fabric.ports.device[fabric.ports.role == PortRole.SPARE], minlength=len(tier))
    here = sorted(set(fabric.devices.tier[(fabric.devices.network == network)].tolist()))
    return {TIER_NAMES[t]: int(free[mask & (tier == t)].sum()) for t in here}


def as_json(value: Summary) -> str:
    """The summary as JSON."""
    networks: dict[str, Any] = {}
    for n in value.networks:
        networks[n.name] = {
            "family": n.title,
            **n.counts.to_json(),
            "closed_form": {
                "switches": n.closed_switches,
                "links": n.closed_links,
                "max_hops": n.max_hops,
                "formula": n.formula,
                "source": n.source,
            },
            "spare_ports": n.spare_ports,
            "spare": [one.to_json() for one in n.spare],
            **({"notes": list(n.notes)} if n.notes else {}),
            "full_bisection_gbps": n.full_bisection_gbps,
        }
    head = {"name": value.name, "title": value.title, "gpus": value.gpus, "hosts": value.hosts}
    return json.dumps({**head, "networks": networks}, indent=1)


def as_text(value: Summary, look: Look = PLAIN) -> str:
    """The summary as a terminal page."""
    hosts = ", ".join(f"{count(n)} x {part}" for part, n in value.hosts.items())
    lines = look.heading(f"{value.name}: {value.title}" if value.title else value.name)
    lines += [f"{amount(value.gpus, 'GPU')} on {hosts}"]
    for n in value.networks:
        counts = n.counts
        lines += ["", *look.heading(f"{n.name}: {n.title}")]
        lines += look.fold(
            f"  {amount(counts.endpoints, 'endpoint')} of {amount(counts.hosts, 'host')}, planes {counts.planes:,}, "
            f"rails {counts.rails:,}, at most {amount(n.max_hops, 'switch')} on a path",
            2,
        )
        rows = [
            [tier, count(have), count(n.closed_switches.get(tier, 0)), count(n.spare_ports.get(tier, 0))]
            for tier, have in counts.switches.items()
            if tier != "total"
        ]
        rows.append(["total", count(counts.switches["total"]), count(sum(n.closed_switches.values())), ""])
        lines += table(["switches", "built", "closed form", "spare ports"], rows, look=look)
        rows = [
            [kind, count(have), count(n.closed_links.get(kind, 0))]
            for kind, have in counts.links.items()
            if kind != "fabric"
        ]
        closed_fabric = sum(c for k, c in n.closed_links.items() if k != "endpoint")
        rows.append(["switch to switch", count(counts.links["fabric"]), count(closed_fabric)])
        lines += table(["links", "built", "closed form"], rows, look=look)
        for one in n.spare:
            lines += look.fold(f"  {one.words()}", 2) if one.key else []
        for note in n.notes:
            lines += look.fold(f"  {note}", 2)
        lines += [f"  full bisection would be {gbps(n.full_bisection_gbps)}"]
        lines += look.fold(f"  closed form: {n.formula} ({n.source})", 2)
    return "\n".join(lines)
