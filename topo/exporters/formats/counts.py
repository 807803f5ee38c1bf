"""Switches, links and ports by network: as JSON, and as a page for people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.table import written
from topo.fabric import HOST, TIER_NAMES, Fabric, PortRole
from topo.placement import Cabling
from topo.placement.cables.bom import bought
from topo.units import amount, count

SCHEMA = "topo.counts/1"


def count_all(plan: Plan) -> dict[str, Any]:
    """The counts of a plan as plain data; every figure is counted on the fabric, the closed forms stand beside."""
    fabric, cabling = plan.fabric, plan.cabling
    hosts = fabric.devices.tier == HOST
    used, laid = bought(fabric, cabling)
    return {
        "schema": SCHEMA,
        "design": plan.design.name,
        "title": plan.title,
        "gpus": int(fabric.devices.gpus.sum()),
        "hosts": int(hosts.sum()),
        "networks": {name: _network(plan, row, name) for row, name in enumerate(fabric.networks)},
        "cables": {
            **_pieces(plan, int((laid & (cabling.cables.part >= 0)).sum())),
            "metres": round(float(np.nansum(cabling.cables.sold_m[laid])) - _shared_m(cabling), 3),
            "links_without_part": sum(u.links for u in cabling.unfit),
        },
        **_panels(plan),
        "transceivers": _pieces(plan, int(used.sum())),
        "parts": [
            {"kind": line.kind, "part": line.part, "count": line.count}
            | ({} if line.length_m is None else {"length_m": line.length_m})
            for line in plan.bom.lines
        ],
        **_placement(plan),
        "unfit": [{"links": u.links, "kind": u.kind, "reason": u.reason} for u in cabling.unfit],
    }


def _pieces(plan: Plan, number: int) -> dict[str, int]:
    """How many pieces: in total, or where links have no part only those of the others."""
    return {"of_links_with_part" if plan.cabling.unfit else "total": number}


def _panels(plan: Plan) -> dict[str, Any]:
    """Panels and what is plugged into them, where cables pass any."""
    patching = plan.cabling.patching
    if patching is None:
        return {}
    cables = len(patching.cable)
    return {
        "patch_panels": {
            "part": patching.part.id,
            "total": len(patching.panels),
            "positions": len(patching.panels) * patching.part.positions,
            "positions_used": int(patching.used.sum()),
            "cables": cables,
            "cords": 2 * cables,
            "trunks": patching.trunks,
            **({"spare_legs": patching.spare_legs} if patching.part.trunk_legs > 1 else {}),
            "metres": round(float(patching.sold_m.sum()) - patching.shared_m, 3),
        }
    }


def _shared_m(cabling: Cabling) -> float:
    """Metres of trunk that cables share, which is ordered once."""
    return cabling.patching.shared_m if cabling.patching is not None else 0.0


def _placement(plan: Plan) -> dict[str, Any]:
    """Racks and the metres of all routes; and where a search improved the places, by how much and what it proved."""
    places = plan.places
    if places is None:
        return {}
    result: dict[str, Any] = {
        "racks": len(places.racks),
        "route_m": round(float(plan.cabling.lengths.length_m.sum()), 3),
    }
    better = places.improvement
    if better is not None:
        result["improvement"] = {
            "objective": better.objective,
            "rule": round(better.rule, 3),
            "value": round(better.value, 3),
            "bound": round(better.bound, 3),
            "bound_by": better.bound_by,
            "gain_percent": round(better.gain_percent, 2),
            "gap_percent": round(better.gap_percent, 2),
            "devices_moved": better.moved,
        }
    return {"placement": result}


def _network(plan: Plan, row: int, name: str) -> dict[str, Any]:
    fabric = plan.fabric
    mask = fabric.links.network == row
    links = {k: int((mask & (fabric.links.kind == i)).sum()) for i, k in enumerate(fabric.link_kinds)}
    ends = fabric.endpoints.network == row
    result: dict[str, Any] = {
        "family": fabric.origins[row].family if row < len(fabric.origins) else "",
        "planes": len(np.unique(fabric.endpoints.plane[ends])),
        "rails": len(np.unique(fabric.endpoints.rail[ends & (fabric.endpoints.rail >= 0)])),
        "endpoints": int(ends.sum()),
        "switches": _switches(fabric, row),
        "links": {k: n for k, n in links.items() if n},
        "ports": _ports(fabric, row),
    }
    result["links"]["fabric"] = sum(n for k, n in links.items() if k != "endpoint")
    closed = plan.counts.get(name)
    if closed:
        result["closed_form"] = {
            "switches": dict(closed.switches),
            "links": dict(closed.links),
            "spare": dict(closed.spare),
            "max_hops": closed.max_hops,
            "formula": closed.formula,
            "source": closed.source,
        }
    return result


def _switches(fabric: Fabric, row: int) -> dict[str, int]:
    mask = (fabric.devices.network == row) & (fabric.devices.tier != HOST)
    by_tier = np.bincount(fabric.devices.tier[mask], minlength=len(TIER_NAMES))
    result = {TIER_NAMES[t]: int(n) for t, n in enumerate(by_tier) if n}
    return result | {"total": int(mask.sum())}


def _ports(fabric: Fabric, row: int) -> dict[str, dict[str, int]]:
    """Ports by tier: all, with a link, reserved, and spare; and how many switches have spare ones."""
    used = np.zeros(len(fabric.ports), dtype=np.bool_)
    used[fabric.links.a] = used[fabric.links.b] = True
    reserved = (fabric.ports.role == PortRole.RESERVED) & ~used
    outside = (fabric.ports.role == PortRole.OUTSIDE) & ~used
    result = {}
    for tier in range(1, len(TIER_NAMES)):
        mask = (fabric.devices.network == row) & (fabric.devices.tier == tier)
        of_port = mask[fabric.ports.device]
        if not mask.any():
            continue
        spare = of_port & ~used & ~reserved & ~outside
        per_switch = np.bincount(fabric.ports.device[spare], minlength=len(mask))[mask]
        result[TIER_NAMES[tier]] = {
            "total": int(of_port.sum()),
            "used": int((of_port & used).sum()),
            "reserved": int((of_port & reserved).sum()),
            **({"outside": int((of_port & outside).sum())} if (of_port & outside).any() else {}),
            "spare": int(spare.sum()),
            "switches_with_spare": int((per_switch > 0).sum()),
            "most_spare_on_one": int(per_switch.max()),
        }
    return result


def _page(result: Mapping[str, Any]) -> str:
    lines = [f"# {_plain(result['title'])}", ""]
    lines += [f"Design `{result['design']}`: {amount(result['gpus'], 'GPU')} in {amount(result['hosts'], 'host')}.", ""]
    for name, network in result["networks"].items():
        heads = [
            amount(network["endpoints"], "endpoint"),
            _many(network["planes"], "plane"),
            _many(network["rails"], "rail"),
        ]
        lines += [f"## Network `{name}`, family {network['family'] or 'imported'}", "", ", ".join(heads) + ".", ""]
        lines += [
            "| tier | switches | ports | used | reserved | spare | switches with spare ports |",
            "|---|" + "---:|" * 6,
        ]
        for tier, ports in network["ports"].items():
            columns = ("total", "used", "reserved", "spare", "switches_with_spare")
            cells = [count(network["switches"][tier]), *(count(ports[c]) for c in columns)]
            lines.append(f"| {tier} | " + " | ".join(cells) + " |")
        lines += [f"| all | {count(network['switches']['total'])} | | | | | |", ""]
        lines += ["| links | number |", "|---|---:|"]
        lines += [f"| {kind} | {count(n)} |" for kind, n in network["links"].items()] + [""]
        if "closed_form" in network:
            closed = network["closed_form"]
            lines += [f"Closed form: {closed['formula']} ({closed['source']}).", ""]
    lines += ["## Parts", "", "| kind | part | length in m | number |", "|---|---|---:|---:|"]
    for part in result["parts"]:
        length = written(part.get("length_m"))
        lines.append(f"| {part['kind']} | {part['part']} | {length} | {count(part['count'])} |")
    metres = written(result["cables"]["metres"])
    cables, modules = (next(iter(result[what].values())) for what in ("cables", "transceivers"))
    apart = ", without those of the links that have no part" if result["unfit"] else ""
    lines += ["", f"{amount(cables, 'cable')}, {metres} m as ordered; {amount(modules, 'transceiver')}{apart}.", ""]
    if "patch_panels" in result:
        p = result["patch_panels"]
        lines += [
            f"{count(p['cables'])} of the cables pass {amount(p['total'], 'patch panel')} `{p['part']}` "
            f"({count(p['positions_used'])} of {amount(p['positions'], 'position')}): "
            f"{amount(p['cords'], 'cord')} and "
            f"{amount(p['trunks'], 'trunk')}{_spare_legs(p)}, {written(p['metres'])} m.",
            "",
        ]
    better = result.get("placement", {}).get("improvement")
    if better:
        unit = "m of route" if better["objective"] == "length" else "optical cables"
        lines += [
            f"Placement: {written(better['value'])} {unit}, {better['gain_percent']:g} % less than the rule's "
            f"{written(better['rule'])}; no placement in these racks needs less than {written(better['bound'])} "
            f"({better['gap_percent']:g} % below, by {better['bound_by']}).",
            "",
        ]
    for unfit in result["unfit"]:
        lines += [f"No part for {amount(unfit['links'], 'link')} of kind {unfit['kind']}: {unfit['reason']}.", ""]
    return "\n".join(lines)


def _spare_legs(panels: dict[str, Any]) -> str:
    return f" ({count(panels['spare_legs'])} of their legs are spare)" if "spare_legs" in panels else ""


def _many(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def _plain(text: str) -> str:
    """A text inside Markdown that renders as itself."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|!" else c for c in text)


def _write(plan: Plan) -> dict[str, bytes]:
    result = count_all(plan)
    data = json.dumps(result, indent=1, ensure_ascii=False) + "\n"
    return {"counts.json": data.encode(), "counts.md": _page(result).encode()}


exporters.add(
    "counts", Exporter("switches, links, ports and parts: JSON and a page", _write, "single devices, ports and links")
)
