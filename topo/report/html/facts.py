"""Sentences and figures of the page that are made from a report."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from topo.interval import span
from topo.report.html.gather import Page
from topo.report.model import Metrics, Report, plain
from topo.units import gbps

NAMES = {"kind", "fabric", "network", "switch_graph", "schema"}
"""Keys of a certificate that say what it is about, not what it claims."""


@dataclass(frozen=True)
class Tile:
    """A figure that is shown large."""

    label: str
    value: str
    note: str = ""


def number(value: float | int | None) -> str:
    """A number as a person reads it, with up to six figures; a dash for none."""
    if value is None:
        return "–"
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.6g}"


def headline(report: Report) -> str:
    """One sentence: does it hold, and what decides it."""
    if report.verdict == "invalid":
        return f"The design cannot be built: {_some(len(report.errors), 'error')}."
    total = len(report.requirements)
    held = sum(r.verdict == "held" for r in report.requirements)
    errors = [f for f in report.own_findings if f.severity == "error"]
    unknown = [f for f in report.own_findings if f.severity == "undecided"]
    if not total and not errors and not unknown:
        return "No requirements are stated; the wiring has no errors."
    if report.verdict == "held":
        return f"{'All ' if total > 1 else ''}{_some(total, 'requirement')} held and proved."
    parts = [f"{held} of {total} requirements are held"] if total else []
    bad = [r.statement for r in report.requirements if r.verdict == report.verdict]
    if bad:
        parts.append(f"{report.verdict}: {bad[0]}" + (f" and {len(bad) - 1} more" if len(bad) > 1 else ""))
    if errors:
        parts.append(f"{_some(len(errors), 'fault')}, the first: {errors[0].message}")
    elif unknown:
        parts.append(f"undecided: {unknown[0].message}")
    return "; ".join(parts) + "."


def tiles(page: Page) -> list[Tile]:
    """The figures of the compute network; what was not computed is left out."""
    m = page.report.metrics
    found = [Tile("GPUs", number(m.gpus))] if m.gpus else []
    if m.switches:
        split = ", ".join(f"{number(n)} {tier}" for tier, n in m.switches.items() if tier != "total")
        found.append(_over_networks(page.report, "switches", split, lambda x: (x.switches or {}).get("total", 0)))
    if m.cables and m.transceivers is not None:
        modules = sum(x.transceivers or 0 for x in (m, *page.report.others.values()))
        note = f"{number(modules)} transceivers"
        found.append(_over_networks(page.report, "cables", note, lambda x: x.cables))
    if m.bisection and "share" in m.bisection:
        b = m.bisection
        found.append(Tile("bisection", interval(b["share"]), gbps(b["upper_gbps"])))
    adaptive = (m.throughput or {}).get("all-to-all", {}).get("adaptive")
    if adaptive:
        found.append(Tile("all-to-all", interval(adaptive), "of line rate, adaptive routing"))
    if m.hops:
        found.append(Tile("switches on a path", number(m.hops["max"]), f"{m.hops['mean']:.2f} on average"))
    if m.cost_usd:
        cost = m.cost_usd
        notes = [f"{number(round(cost['per_gpu']))} USD a GPU"] if cost.get("per_gpu") else []
        if "per_bisection_gbps" in cost:
            each = cost["per_bisection_gbps"]
            notes.append(f"{span(each['lower'], each['upper'], '{:,.2f}'.format)} USD a Gb/s of bisection")
        networks = cost.get("by_network") or {"": cost["total"]}
        if len(networks) > 1:
            notes.insert(0, ", ".join(f"{usd / 1e6:,.2f} M {name}" for name, usd in networks.items()))
        notes += _beside(page.report)
        whole = "" if not _unpriced(page.report) and not _out_of_design(cost) else " (incomplete)"
        found.append(Tile(f"cost{whole}", f"{math.fsum(networks.values()) / 1e6:,.2f} M USD", "; ".join(notes)))
    if m.power_w:
        units = f"{number(round(m.rack_units))} rack units of switches" if m.rack_units else ""
        found.append(Tile("network power", f"{m.power_w / 1e3:,.0f} kW", units))
    if m.latency_us:
        found.append(Tile("latency", f"{m.latency_us['max']:.2f} µs", "longest shortest path"))
    return found


def _over_networks(report: Report, label: str, note: str, figure: Callable[[Metrics], int | None]) -> Tile:
    """A figure summed over all networks, as the bill of materials has it, with each network's own beside it."""
    every = [report.metrics, *report.others.values()]
    values = [figure(m) for m in every]
    known = [value for value in values if value is not None]
    if len(every) == 1 or len(known) < len(every):
        return Tile(label, number(values[0]), note)
    others = ", ".join(f"{number(figure(m))} {name}" for name, m in report.others.items())
    first = f"{number(values[0])} main network{f' ({note})' if label == 'switches' else ''}, {others}"
    return Tile(label, number(sum(known)), first if label == "switches" else f"{first}; {note}")


def _out_of_design(cost: Mapping[str, Any]) -> list[str]:
    """What the sum over all networks leaves out."""
    return [what for what in cost.get("leaves_out") or [] if not what.startswith("network ")]


def _unpriced(report: Report) -> list[str]:
    """What has no price in any network."""
    costs = [m.cost_usd or {} for m in (report.metrics, *report.others.values())]
    return list(dict.fromkeys(part for cost in costs for part in cost.get("unpriced") or []))


def _beside(report: Report) -> list[str]:
    """What has to stand beside a sum over all networks: what has no price, what is left out, what prices rest on."""
    cost, unpriced = report.metrics.cost_usd or {}, _unpriced(report)
    found = [f"no price for {', '.join(unpriced)}"] if unpriced else []
    out = _out_of_design(cost)
    found += [f"leaves out {', '.join(out)}"] if out else []
    odd = list(dict.fromkeys(w for m in (report.metrics, *report.others.values()) for w in _not_fitted(m)))
    found += [f"not fitted to {', '.join(odd)}"] if odd else []
    return [*found, cost["basis"]] if cost.get("basis") else found


def _not_fitted(metrics: Metrics) -> list[str]:
    return list((metrics.cost_usd or {}).get("not_fitted") or [])


def answers(page: Page) -> list[tuple[str, str]]:
    """What a reader asks first, each with its answer in a sentence: cost, what breaks first, what is tightest."""
    found = [("What does it cost?", _cost(page.report))]
    worst = worst_failure(page)
    if worst:
        found.append(("What breaks first?", worst))
    tight = tightest(page.report)
    if tight:
        found.append(("What has the least room?", tight))
    return found


def _cost(report: Report) -> str:
    m = report.metrics
    power = f"; the network draws {m.power_w / 1e3:,.0f} kW" if m.power_w else ""
    cost = m.cost_usd
    if not cost:
        return f"No price book is chosen, so no cost is known{power}."
    each = f", {number(round(cost['per_gpu']))} USD a GPU" if cost.get("per_gpu") else ""
    networks = cost.get("by_network") or {"": cost["total"]}
    split = ", ".join(f"{usd / 1e6:,.2f} million {name}" for name, usd in networks.items())
    total = f"{math.fsum(networks.values()) / 1e6:,.2f} million USD"
    head = f"{total} ({split}{each} for the first)" if len(networks) > 1 else f"{total}{each}"
    return f"{'; '.join([head, *_beside(report)])}{power}."


def worst_failure(page: Page) -> str:
    """The single failure that costs most, by throughput left, then by what it cuts off; empty where none is judged."""
    row = costliest_failure(page)
    if not row:
        return ""
    like = f", as of any of {row['stands_for']:,} like it" if row.get("stands_for", 1) > 1 else ""
    left = f" leaves {interval(row)} of line rate to {row.get('traffic')} traffic"
    off = _amount(row.get("cut_off"))
    lost = f"{_some(off, 'GPU') if off else 'no GPU'} cut off"
    most = max(_by_cost(page), key=lambda other: _amount(other.get("cut_off")))
    also = _amount(most.get("cut_off"))
    more = f" The loss of {most.get('what')} {most.get('worst')} cuts off {_some(also, 'GPU')}." if also > off else ""
    return f"The loss of {row.get('what')} {row.get('worst')}{like},{left}, {lost}.{more}"


def costliest_failure(page: Page) -> dict[str, Any]:
    """The row of the failure that leaves least, empty where none is judged."""
    rows = [row for row in _by_cost(page) if _is_known(row)]
    return rows[0] if rows else {}


def _is_known(row: Mapping[str, Any]) -> bool:
    """Whether a failure's throughput was found: without an upper end and at 0, time was up."""
    return "upper" in row and "lower" in row


def tightest(report: Report) -> str:
    """The requirement that is nearest its bound, or farthest beyond it."""
    found = []
    for r in report.requirements:
        if r.measured is None or r.bound is None or not r.bound:
            continue
        found.append((abs(r.measured - r.bound) / abs(r.bound), r))
    broken = [entry for entry in found if entry[1].verdict == "broken"]
    if broken:
        gap, r = max(broken, key=lambda entry: entry[0])
        return f"{r.statement}: it is {number(r.measured)} {r.unit}, {gap:.1%} beyond the bound."
    if not found:
        return ""
    least = min(gap for gap, _ in found)
    r = next(r for gap, r in found if gap == least)
    others = sum(gap == least for gap, _ in found) - 1
    room = "nothing to spare" if least < 1e-6 else f"{least:.1%} to spare"
    also = f"; {others} more likewise" if others else ""
    return f"{r.statement}: it is {number(r.measured)}, {room}{also}."


def _amount(value: Any) -> int:
    """How many a failure row's `cut_off` stands for, given as a number, a list or by kind."""
    if isinstance(value, Mapping):
        return max((_amount(v) for v in value.values()), default=0)
    return len(value) if isinstance(value, (list, tuple)) else int(value or 0)


def _by_cost(page: Page) -> list[dict[str, Any]]:
    rows = [dict(row) for row in page.failures]
    return sorted(rows, key=lambda row: (not _is_known(row), row.get("lower", math.inf), -_amount(row.get("cut_off"))))


def failures(page: Page) -> list[tuple[str, ...]]:
    """Rows of the failure table, the costliest first: what, how many, traffic and routing, throughput left, worst case,
    GPUs cut off."""
    found: list[tuple[str, ...]] = []
    for r in _by_cost(page):
        left = interval(r) if "lower" in r or "upper" in r else "–"
        traffic = " / ".join(str(r[k]) for k in ("traffic", "routing") if k in r)
        stands = (
            f"{number(r.get('count'))} for {number(r['stands_for'])}" if "stands_for" in r else number(r.get("count"))
        )
        worst = r.get("worst", "")
        shown = ", ".join(map(str, worst)) if isinstance(worst, (list, tuple)) else str(worst)
        found.append((str(r.get("what", "")), stands, traffic, left, shown, number(_amount(r.get("cut_off")))))
    return found


def certificate_text(certificate: Mapping[str, Any] | None) -> str:
    """What a certificate claims, short: its kind, its scalars but for names of the fabric, and its size."""
    if certificate is None:
        return "counted directly"
    claim = certificate.get("claim")
    sources = [certificate, claim] if isinstance(claim, Mapping) else [certificate]
    scalars: dict[str, Any] = {}
    for source in sources:
        scalars |= {k: v for k, v in source.items() if isinstance(v, (str, int, float)) and k not in NAMES}
    size = len(json.dumps(plain(certificate)))
    said = ", ".join(f"{k.replace('_', ' ')} {str(v)[:16]}" for k, v in scalars.items())
    return f"{certificate.get('kind', 'certificate')}: {said} ({size:,} bytes)"


def interval(ends: Mapping[str, Any]) -> str:
    """'1.000', or '0.900 to 1.000', or '0.900 or more'."""
    lower, upper = ends.get("lower"), ends.get("upper")
    return span(lower, upper, "{:.3f}".format, at_least="{} or more", at_most="{} or less", nothing="–")


def _some(n: int, thing: str) -> str:
    return f"{n:,} {thing}" if n == 1 else f"{n:,} {thing}s"
