"""Sentences and figures of the page that are made from a report."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from topo.report.figure import Tile, in_order
from topo.report.html.gather import Page
from topo.report.model import Report, plain
from topo.report.words import beside_cost, interval, number
from topo.units import amount, verb

NAMES = {"kind", "fabric", "network", "switch_graph", "schema"}
"""Keys of a certificate that say what it is about, not what it claims."""


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
    parts = [f"{held:,} of {amount(total, 'requirement')} {verb(held, 'are')} held"] if total else []
    bad = [r.statement for r in report.requirements if r.verdict == report.verdict]
    if bad:
        parts.append(f"{report.verdict}: {bad[0]}" + (f" and {len(bad) - 1:,} more" if len(bad) > 1 else ""))
    if errors:
        parts.append(f"{_some(len(errors), 'fault')}, the first: {errors[0].message}")
    elif unknown:
        parts.append(f"undecided: {unknown[0].message}")
    return "; ".join(parts) + "."


def tiles(page: Page) -> list[Tile]:
    """The figures of the compute network; what was not computed is left out."""
    shown = sorted((f.tile for _, f in in_order() if f.tile is not None), key=lambda tiled: tiled.at)
    return [tile for tiled in shown if (tile := tiled.make(page.report)) is not None]


def answers(page: Page) -> list[tuple[str, str]]:
    """What a reader asks first, each with its answer in a sentence: cost, what breaks first, what is tightest."""
    result = [("What does it cost?", _cost(page.report))]
    worst = worst_failure(page)
    if worst:
        result.append(("What breaks first?", worst))
    tight = tightest(page.report)
    if tight:
        result.append(("What has the least room?", tight))
    return result


def _cost(report: Report) -> str:
    m = report.metrics
    whole = (report.cluster or {}).get("total", {})
    watts, least = whole.get("power_w", m.power_w), "at least " if "power_w" in whole.get("unknown", {}) else ""
    power = f"; the network{'s draw' if whole else ' draws'} {least}{watts / 1e3:,.0f} kW" if watts else ""
    cost = m.cost_usd
    if not cost:
        return f"No price book is chosen, so no cost is known{power}."
    each = f", {number(round(cost['per_gpu']))} USD a GPU" if cost.get("per_gpu") else ""
    networks = cost.get("by_network") or {"": cost["total"]}
    split = ", ".join(f"{usd / 1e6:,.2f} million {name}" for name, usd in networks.items())
    total = f"{math.fsum(networks.values()) / 1e6:,.2f} million USD"
    head = f"{total} ({split}{each} for the first)" if len(networks) > 1 else f"{total}{each}"
    return f"{'; '.join([head, *beside_cost(report)])}{power}."


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
    more = f" The loss of {failed_thing(most)} cuts off {_some(also, 'GPU')}." if also > off else ""
    return f"The loss of {failed_thing(row)}{like},{left}, {lost}.{more}"


def failed_thing(row: Mapping[str, Any]) -> str:
    """What fails in the worst case, by kind and name: `spine p0-spine-000`, `plane 0`."""
    what, worst = str(row.get("what")), row.get("worst")
    name = ", ".join(map(str, worst)) if isinstance(worst, (list, tuple)) else str(worst)
    return name if name.startswith(f"{what} ") else f"{what} {name}"


def costliest_failure(page: Page) -> dict[str, Any]:
    """The row of the failure that leaves least, empty where none is judged."""
    rows = [row for row in _by_cost(page) if _is_known(row)]
    return rows[0] if rows else {}


def _is_known(row: Mapping[str, Any]) -> bool:
    """Whether a failure's throughput was found: without an upper end and at 0, time was up."""
    return "upper" in row and "lower" in row


def tightest(report: Report) -> str:
    """The requirement that is nearest its bound, or farthest beyond it."""
    result = []
    for r in report.requirements:
        if r.measured is None or r.bound is None or not r.bound:
            continue
        result.append((abs(r.measured - r.bound) / abs(r.bound), r))
    broken = [entry for entry in result if entry[1].verdict == "broken"]
    if broken:
        gap, r = max(broken, key=lambda entry: entry[0])
        return f"{r.statement}: it is {number(r.measured)} {r.unit}, {gap:.1%} beyond the bound."
    if not result:
        return ""
    least = min(gap for gap, _ in result)
    r = next(r for gap, r in result if gap == least)
    others = sum(gap == least for gap, _ in result) - 1
    room = "nothing to spare" if least < 1e-6 else f"{least:.1%} to spare"
    also = f"; {others:,} more likewise" if others else ""
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
    result: list[tuple[str, ...]] = []
    for r in _by_cost(page):
        left = interval(r) if "lower" in r or "upper" in r else "–"
        traffic = " / ".join(str(r[k]) for k in ("traffic", "routing") if k in r)
        stands = (
            f"{number(r.get('count'))} for {number(r['stands_for'])}" if "stands_for" in r else number(r.get("count"))
        )
        worst = r.get("worst", "")
        shown = ", ".join(map(str, worst)) if isinstance(worst, (list, tuple)) else str(worst)
        result.append((str(r.get("what", "")), stands, traffic, left, shown, number(_amount(r.get("cut_off")))))
    return result


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
    said = ", ".join(f"{k.replace('_', ' ')} {_short(v)}" for k, v in scalars.items())
    return f"{certificate.get('kind', 'certificate')}: {said} ({size:,} bytes)"


def _some(n: int, thing: str) -> str:
    return f"{n:,} {thing}" if n == 1 else f"{n:,} {thing}s"


def _short(value: object) -> str:
    """A value in a few characters: a long fraction rounded, other long text cut."""
    text = str(value)
    if len(text) <= 16:
        return text
    try:
        return f"about {float(Fraction(text)):.6g}"
    except (ValueError, ArithmeticError):
        return f"{text[:15]}\u2026"
