"""The routing of a live fabric as text and JSON."""

from __future__ import annotations

import json
import math
from typing import Any

from topo.audit.live import Answer, LinkClass, Live, LiveNetwork
from topo.escape import one_line
from topo.interval import span
from topo.report.answers.audits import findings_rows, findings_text
from topo.report.table import table
from topo.units import amount, count, verb


def live_text(value: Live) -> str:
    """What the tables do, network by network; findings last, the gravest first."""
    lines = [f"forwarding tables: {', '.join(map(one_line, value.files))} ({amount(value.entries, 'entry')})"]
    for network in value.networks:
        lines += ["", *_network(network)]
    order = {"error": 0, "warning": 1}
    every = [*value.findings, *(f for n in value.networks for f in n.findings)]
    return "\n".join([*lines, "", findings_text(sorted(every, key=lambda f: order.get(f.severity, 2)))])


def _network(n: LiveNetwork) -> list[str]:
    planes = f", planes {_spans(n.planes)}" if n.planes != (0,) else ""
    lines = [
        f"network {n.network}{planes}: tables of {count(n.tables)} of {amount(n.switches, 'switch')}, "
        f"{count(n.destinations)} of {amount(n.endpoints, 'endpoint')}",
        f"  {count(n.served)} of {amount(n.pairs, 'pair')} of endpoints on different switches "
        f"{verb(n.served, 'are')} delivered, over "
        f"{n.hops[0]:.4g} switches on average and at most {n.hops[1]:,}",
        f"  {'no credit loop' if n.deadlock.acyclic else 'a credit loop'} among "
        f"{amount(n.deadlock.channels, 'channel')} "
        f"with {amount(n.deadlock.dependencies, 'dependency')}",
        "",
    ]
    remark = "" if n.served == n.pairs else ", delivered pairs alone"
    rows = [[a.routing + (remark if a is n.answers[0] else ""), span(a.lower, a.upper)] for a in n.answers]
    lines += table(["all-to-all", "throughput"], rows)
    lines += ["", *table(_HEAD, [_class(c) for c in n.classes]), "", "  busiest links"]
    return lines + [f"    {link.text()}" for link in n.worst]


_HEAD = ("links", "direction", "number", "idle", "mean Gb/s", "most Gb/s", "use", "static use")


def _class(c: LinkClass) -> list[str]:
    figures = [f"{c.mean_gbps:,.6g}", f"{c.most_gbps:,.6g}", f"{c.use:.4g}", f"{c.static_use:.4g}"]
    return [c.kind, c.direction, count(c.links), count(c.idle), *figures]


def _spans(numbers: tuple[int, ...]) -> str:
    """0, 1, 2, 5 as `0-2, 5`."""
    spans: list[list[int]] = []
    for n in numbers:
        if spans and spans[-1][1] == n - 1:
            spans[-1][1] = n
        else:
            spans.append([n, n])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)


def live_json(value: Live) -> str:
    """The same as JSON, schema `topo.live/1`."""
    result = {
        "schema": "topo.live/1",
        "verdict": "broken" if value.broken else "held",
        "files": list(value.files),
        "entries": value.entries,
        "findings": findings_rows(value.findings),
        "networks": [_as_json(n) for n in value.networks],
    }
    return json.dumps(result, indent=1)


def _as_json(n: LiveNetwork) -> dict[str, Any]:
    def answer(a: Answer) -> dict[str, Any]:
        bounded = not math.isinf(a.upper)
        return {"routing": a.routing, **({"lower": a.lower, "upper": a.upper} if bounded else {})}

    return {
        "network": n.network,
        "planes": list(n.planes),
        "switches": {"with_table": n.tables, "planned": n.switches},
        "endpoints": {"reached": n.destinations, "planned": n.endpoints},
        "pairs": {"served": n.served, "total": n.pairs},
        "hops": {"mean": n.hops[0], "max": n.hops[1]},
        "throughput": [answer(a) for a in n.answers],
        "links": [vars(c) for c in n.classes],
        "busiest": [vars(link) for link in n.worst],
        "credit_loop": list(n.deadlock.cycle),
        "virtual_lanes": {"suffice": n.deadlock.lanes, "method": n.deadlock.method},
        "findings": findings_rows(n.findings),
    }
