"""A routing as text, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator
from typing import Any

from topo.analysis.deadlock.deadlock import Deadlock
from topo.analysis.loads.link_loads import LoadClass
from topo.analysis.routing import FairRates
from topo.analysis.routing.fair import QUANTILES
from topo.interval import span
from topo.report.answers.routings import RoutingPage
from topo.report.look import PLAIN, Look
from topo.report.table import table
from topo.units import amount, count, verb

SCHEMA = "topo.routing/1"
_LOADS = (
    "links",
    "direction",
    "number",
    "idle",
    "mean Gb/s",
    "most Gb/s",
    "least",
    "mean",
    "p50",
    "p90",
    "p99",
    "most",
)


def as_text(value: RoutingPage, look: Look = PLAIN) -> str:
    """Throughput, paths, loads, worst links, fair rates and deadlock, a paragraph each."""
    result = value.throughput
    remark = f" ({value.remark})" if value.remark else ""
    lines = look.fold(
        f"{value.design}, network {value.network}: {result.traffic} under {result.routing} routing{remark}"
    )
    for part in (_throughput, _paths, _loads, _worst, _fair, _deadlock):
        lines += ["", *part(value, look)]
    if result.cut_off:
        lines += ["", *look.fold(f"cut off: {', '.join(result.cut_off[:10])}{' ...' * (len(result.cut_off) > 10)}")]
    return "\n".join(lines)


def _throughput(value: RoutingPage, look: Look) -> list[str]:
    result = value.throughput
    rows = [
        ["with endpoint links", span(result.lower, result.upper)],
        ["network alone", span(result.network_lower, result.network_upper)],
    ]
    lines = table(["throughput, 1 is line rate", "proved"], rows, indent="", look=look)
    samples = result.routed.samples if result.routed else None
    if samples is None:
        return lines
    text = (
        f"The worst to the best of {amount(len(samples.seeds), 'hash seed')}, from {samples.seeds[0]}: network alone "
        f"{samples.least:.4g} to {max(samples.values):.4g}, mean {samples.mean:.4g}, median {samples.p50:.4g}. "
        f"All flows shrink alike until the fullest link fits."
    )
    return [*lines, *look.fold(text)]


def _paths(value: RoutingPage, look: Look) -> list[str]:
    lengths = value.lengths
    if lengths is None:
        idle = math.isinf(value.throughput.network_upper)
        return [f"switches on a path: {'nothing crosses the network' if idle else 'not at hand'}"]
    if lengths.longest is None:
        return look.fold(f"switches on a path: mean {lengths.mean:.6g}, in the routing behind the lower bound")
    rows = [[str(n), f"{share:.4%}"] for n, share in lengths.share]
    lines = table(["switches on a path", "of demand between switches"], rows, indent="", look=look)
    return [*lines, f"mean {lengths.mean:.6g}, at most {lengths.longest:,}"]


def _loads(value: RoutingPage, look: Look) -> list[str]:
    if not value.classes:
        return ["loads: not at hand" if value.links is None else "loads: there are no links"]
    samples = value.throughput.routed.samples if value.throughput.routed else None
    seed = f", of seed {samples.seeds[0]}" if samples is not None else ""
    head = look.fold(f"loads at t = 1{seed}: Gb/s, and the share of a link's speed in use")
    return [*head, *table(_LOADS, [_class(c) for c in value.classes], indent="", left=2, look=look)]


def _class(c: LoadClass) -> list[str]:
    figures = [f"{c.mean_gbps:,.6g}", f"{c.most_gbps:,.6g}"]
    shares = [f"{share:.4g}" for share in (c.least, c.mean, c.p50, c.p90, c.p99, c.most)]
    return [c.kind.replace("_", "-"), c.direction, count(c.links), count(c.idle), *figures, *shares]


def _worst(value: RoutingPage, look: Look) -> list[str]:
    if not value.worst:
        return ["fullest links: not at hand" if value.links is None else "fullest links: none carries anything"]
    rows = [
        [f"{w.from_device} {w.from_port}", f"{w.to_device} {w.to_port}", f"{w.gbps:,.6g}", f"{w.use:.4g}"]
        for w in value.worst
    ]
    lines = table(["fullest links from", "to", "Gb/s at t = 1", "of speed"], rows, indent="", left=2, look=look)
    return [*lines, f"{count(value.alike)} more as full as the last"] if value.alike else lines


def _fair(value: RoutingPage, look: Look) -> list[str]:
    rates = value.fair
    if rates is None:
        why = value.no_fair or "none, this routing splits flows over paths"
        return look.fold(f"max-min fair rates: {why}")
    marks = [f"p{round(f * 100):02d}" for f in QUANTILES]
    hashed = value.throughput.routing.startswith("ecmp")
    rows = [
        [str(seed) if hashed else "all", f"{mean:.4f}", f"{slowest:.4f}", *(f"{q:.4f}" for q in quantiles)]
        for seed, mean, slowest, quantiles in zip(rates.seeds, rates.mean, rates.slowest, rates.quantile, strict=True)
    ]
    if len(rates.seeds) > 1:
        middle = [sum(q[i] for q in rates.quantile) / len(rates.seeds) for i in range(len(QUANTILES))]
        mean = sum(rates.mean) / len(rates.seeds)
        rows.append(["mean of seeds", f"{mean:.4f}", "", *(f"{q:.4f}" for q in middle)])
        rows.append(["worst seed", f"{min(rates.mean):.4f}", f"{min(rates.slowest):.4f}", *[""] * len(QUANTILES)])
    name = "seed" if hashed else "tables"
    lines = look.fold(f"max-min fair rates, over the flow's own rate at t = 1: {_sampled(rates)}; endpoint links count")
    return [*lines, *table([name, "mean", "slowest", *marks], rows, indent="", look=look)]


def _sampled(rates: FairRates) -> str:
    if not rates.shifts:
        return f"all {amount(rates.flows, 'flow')}"
    shifts = f"{len(rates.shifts):,} of {amount(rates.of_shifts, 'shift')}" if rates.of_shifts > 1 else "the one shift"
    return f"{amount(rates.flows, 'flow')}, those of {shifts}, evenly spaced, each alone at line rate"


def _deadlock(value: RoutingPage, look: Look) -> list[str]:
    d = value.deadlock
    size = f"{amount(d.channels, 'channel')}, {amount(d.dependencies, 'dependency')}"
    over = "over shortest paths " if d.routing.startswith("adaptive") else ""
    if d.acyclic:
        return look.fold(f"deadlock: {over}none, the channel dependency graph has no cycle ({size}): one lane suffices")
    least = f"{d.minimum:,} is the least" if d.minimum is not None else "the least number is not known"
    lines = look.fold(f"deadlock: {over}the channel dependency graph has a cycle ({size})", 2)
    lines += look.fold(f"  {amount(d.lanes, 'virtual lane')} {verb(d.lanes, 'suffice')}, by {d.method}; {least}", 2)
    fixed = "not found in time" if d.fixed_lanes is None else f"{d.fixed_lanes:,} suffice, by layers (LASH)"
    lines += look.fold(f"  with a fixed lane for each pair of switches: {fixed}", 2)
    shown = [*d.cycle[:4], *(["..."] if len(d.cycle) > 4 else [])]
    return lines + look.fold(f"  a cycle of {len(d.cycle):,}: {'; '.join(shown)}", 2)


def as_json(value: RoutingPage) -> str:
    """The same for programs; what is unbounded or not known is absent."""
    return json.dumps(_plain(value), indent=1)


def as_csv(value: RoutingPage) -> str:
    """The same for a spreadsheet, a figure a line: `part,of,figure,value`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("part", "of", "figure", "value"))
    writer.writerows(_figures(_plain(value)))
    return text.getvalue()


def _plain(value: RoutingPage) -> dict[str, Any]:
    result = value.throughput
    ends = {k: getattr(result, k) for k in ("lower", "upper", "network_lower", "network_upper")}
    plain: dict[str, Any] = {
        "schema": SCHEMA,
        "design": value.design,
        "network": value.network,
        "traffic": result.traffic,
        "routing": result.routing,
        **({"remark": value.remark} if value.remark else {}),
        "throughput": {**{k: v for k, v in ends.items() if not math.isinf(v)}, "exact": result.exact},
    }
    samples = result.routed.samples if result.routed else None
    if samples is not None:
        own = {"mean": samples.mean, "min": samples.least, "p50": samples.p50, "max": max(samples.values)}
        plain["throughput"]["samples"] = {**own, "seeds": list(samples.seeds), "network": list(samples.values)}
    if value.lengths is not None:
        plain["switches_on_paths"] = {"mean": value.lengths.mean}
        if value.lengths.longest is not None:
            share = {str(n): share for n, share in value.lengths.share}
            plain["switches_on_paths"] |= {"max": value.lengths.longest, "share": share}
    if value.links is not None:
        plain["loads"] = [vars(c) for c in value.classes]
        plain["worst_links"] = [vars(w) for w in value.worst]
        plain["as_full_as_the_last"] = value.alike
    if value.fair is not None:
        plain["fair_rates"] = _plain_fair(value.fair)
    plain["deadlock"] = _plain_deadlock(value.deadlock)
    if result.cut_off:
        plain["cut_off"] = list(result.cut_off)
    return plain


def _plain_fair(rates: FairRates) -> dict[str, Any]:
    marks = {f"p{round(f * 100):02d}": [q[i] for q in rates.quantile] for i, f in enumerate(QUANTILES)}
    sample = {"shifts": list(rates.shifts), "of_shifts": rates.of_shifts} if rates.shifts else {}
    seeds = {"seeds": list(rates.seeds), "mean": list(rates.mean), "slowest": list(rates.slowest), **marks}
    return {"flows": rates.flows, **sample, **seeds}


def _plain_deadlock(d: Deadlock) -> dict[str, Any]:
    result: dict[str, Any] = {"acyclic": d.acyclic, "lanes": d.lanes, "method": d.method}
    result |= {"minimum": d.minimum} if d.minimum is not None else {}
    result |= {"fixed_lanes": d.fixed_lanes} if d.fixed_lanes is not None else {}
    return {**result, "channels": d.channels, "dependencies": d.dependencies, "cycle": list(d.cycle)}


def _figures(plain: dict[str, Any]) -> Iterator[tuple[str, str, str, object]]:
    """Rows (part, of, figure, value) of what `_plain` gives."""
    for key in ("design", "network", "traffic", "routing", "remark"):
        if key in plain:
            yield key, "", "", plain[key]
    samples = plain["throughput"].get("samples", {})
    yield from (("throughput", "", k, v) for k, v in plain["throughput"].items() if k != "samples")
    yield from (("throughput", "seeds", k, v) for k, v in samples.items() if not isinstance(v, list))
    for seed, network in zip(samples.get("seeds", ()), samples.get("network", ()), strict=True):
        yield "throughput", f"seed {seed}", "network", network
    paths = plain.get("switches_on_paths", {})
    yield from (("switches on paths", "", k, v) for k, v in paths.items() if k != "share")
    yield from (("switches on paths", n, "share", share) for n, share in paths.get("share", {}).items())
    for load in plain.get("loads", ()):
        kind = f"{load['kind']} {load['direction']}"
        yield from (("loads", kind, k, v) for k, v in load.items() if k not in ("kind", "direction"))
    for w in plain.get("worst_links", ()):
        name = f"{w['from_device']} {w['from_port']} -> {w['to_device']} {w['to_port']}"
        yield from (("worst links", name, k, w[k]) for k in ("gbps", "use"))
    fair = plain.get("fair_rates", {})
    yield from (("fair rates", "", k, v) for k, v in fair.items() if not isinstance(v, list))
    for i, seed in enumerate(fair.get("seeds", ())):
        each = (k for k, v in fair.items() if isinstance(v, list) and k not in ("seeds", "shifts"))
        yield from (("fair rates", f"seed {seed}", k, fair[k][i]) for k in each)
    yield from (("fair rates", "", "shift", k) for k in fair.get("shifts", ()))
    yield from (("deadlock", "", k, v) for k, v in plain["deadlock"].items() if k != "cycle")
    yield from (("deadlock", "", "cycle", step) for step in plain["deadlock"]["cycle"])
