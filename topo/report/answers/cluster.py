"""The whole of a design of several networks: a row for each, and their sums with what is missing from them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from topo.checks import Context, questions
from topo.report.look import PLAIN, Look
from topo.report.model import Metrics
from topo.report.table import table
from topo.units import count

ROWS = ("switches", "links", "cables", "transceivers", "rack_units", "power_w", "cost_usd")


def cluster_of(context: Context, metrics: Mapping[str, Metrics]) -> dict[str, Any] | None:
    """`networks`: a row each of what is known; `total`: the sums, and under `unknown` what is missing from a sum, which
    is a lower bound then. None of a fabric of one network, or one that nobody designs."""
    if len(metrics) < 2 or not context.fabric.origins:
        return None
    rows: dict[str, dict[str, Any]] = {}
    unknown: dict[str, list[str]] = {}
    for name, m in metrics.items():
        power, cost = context.ask(questions.Power(name)), context.ask(questions.Cost(name))
        known: dict[str, float | None] = {
            "switches": (m.switches or {}).get("total"),
            "links": sum(n for kind, n in (m.links or {}).items() if kind != "fabric"),
            "cables": m.cables,
            "transceivers": m.transceivers,
            "rack_units": m.rack_units,
            "power_w": power.known if power.known or not power.unknown else None,
            "cost_usd": cost.total_usd if cost else None,
        }
        rows[name] = {key: value for key, value in known.items() if value is not None}
        if power.unknown:
            rows[name]["power_unknown"] = list(power.unknown)
        _add(unknown, "power_w", power.unknown)
        _add(unknown, "cost_usd", cost.unpriced if cost else ())
        _add(unknown, "rack_units", () if m.rack_units is not None else (f"switches of {name}",))
        for key in ("cables", "transceivers"):
            _add(unknown, key, () if known[key] is not None else (f"those of {name}",))
    total: dict[str, Any] = {}
    for key in ROWS:
        values = [row[key] for row in rows.values() if key in row]
        if values:
            total[key] = math.fsum(values) if key in ("power_w", "cost_usd", "rack_units") else sum(values)
    hosts = [part for part in context.fabric.groups if part]
    left_out = [f"hosts and their NICs ({', '.join(hosts)})", "cooling, and losses of power supplies"]
    gpus = int(context.fabric.devices.gpus.sum())
    if gpus and "cost_usd" in total:
        total["cost_usd_per_gpu"] = total["cost_usd"] / gpus
    return {"networks": rows, "total": {**total, "unknown": unknown}, "power_leaves_out": left_out}


def _add(unknown: dict[str, list[str]], key: str, what: Sequence[str]) -> None:
    for one in what:
        if one not in unknown.setdefault(key, []):
            unknown[key].append(one)
    if not unknown.get(key, ["."]):
        del unknown[key]


def cluster_lines(cluster: Mapping[str, Any], look: Look = PLAIN) -> list[str]:
    """The table, and a line for each sum that is a lower bound."""
    rows, total = cluster["networks"], cluster["total"]
    keys = [key for key in ROWS if key in total]
    unknown = total["unknown"]
    lines = table(
        ["whole cluster", *(_title(key) for key in keys)],
        [
            *(
                [name, *(_cell(row.get(key), key == "power_w" and "power_unknown" in row) for key in keys)]
                for name, row in rows.items()
            ),
            ["total", *(_cell(total[key], key in unknown) for key in keys)],
        ],
        look=look,
    )
    notes = [f"{_title(key)} is a lower bound: not known of {', '.join(what)}" for key, what in unknown.items()]
    if "power_w" in total:
        notes.append(f"power leaves out {'; '.join(cluster['power_leaves_out'])}")
    return lines + [folded for note in notes for folded in look.fold(f"  {note}", 2)]


def _title(key: str) -> str:
    return {"power_w": "power, W", "cost_usd": "cost, USD", "rack_units": "rack units"}.get(key, key)


def _cell(value: float | None, least: bool = False) -> str:
    text = ("not known" if least else "") if value is None else count(round(value))
    return f"{text} or more" if least and value is not None else text
