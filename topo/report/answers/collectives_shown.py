"""Collectives of a design as text and JSON."""

from __future__ import annotations

import json
from typing import Any

from topo.analysis.collectives import CollectiveTime
from topo.analysis.collectives.experts import Copies
from topo.report.answers.collectives import SAMPLED_TOKENS, Collectives
from topo.report.table import table
from topo.units import amount, count, size_text

SCHEMA = "topo.collectives/1"


def _head(value: Collectives) -> str:
    many = f" x {value.per_host:,}" if value.per_host > 1 else ""
    shared = (
        f" in {count(value.domains)} scale-up domain{'s'[: value.domains != 1]}" if value.domains < value.hosts else ""
    )
    return (
        f"{value.design}, network {value.network}: {amount(value.hosts * value.per_host, 'rank')} "
        f"({amount(value.hosts, 'host')}{many}{shared}), {value.routing} routing, forwarding {value.forwarding}"
    )


def as_text(value: Collectives) -> str:
    """A table, and what it rests on."""
    rows = [
        [
            t.collective,
            t.algorithm,
            size_text(t.size_bytes),
            f"{t.time_us:,.6g}",
            f"{t.steps_us:,.6g}" if value.latency else "-",
            f"{t.algbw_gbytes_per_s:,.4g}",
            f"{t.busbw_gbytes_per_s:,.4g}",
            _percent(value.share(t)),
            t.bound_by + _spread(t),
        ]
        for t in value.times
    ]
    head = [
        "operation",
        "algorithm",
        "size",
        "time us",
        "steps us",
        "algbw GB/s",
        "busbw GB/s",
        "of optimum",
        "bound by",
    ]
    steps = f"steps by {value.latency}" if value.latency else "steps left out"
    lines = [_head(value), "", *table(head, rows, indent=""), ""]
    lines += [f"Sizes and bandwidths as nccl-tests defines them; the time of the most loaded link plus steps, {steps}."]
    apart = [t for t in value.times if t.unpipelined_us > t.time_us * (1 + 1e-9)]
    if apart:
        lines += ["Pipelined throughout; where the phases of an algorithm follow each other:"]
        lines += table(["", "time us", "algbw GB/s"], [_unpipelined(t) for t in apart])
    lines += _optimum_lines(value)
    for op, name, reason in value.left_out:
        lines += [f"Left out: {op} by {name}: {reason}"]
    if value.copies and value.sampled:
        lines += ["A token of expert parallelism, on average:", *table(*_copies(value.copies, value.sampled))]
        lines += ["Size of dispatch and combine: a GPU's tokens, once for each host they go to."]
    if value.gains:
        lines += ["Were the network to copy dispatches and to sum combines (M groups at most a token):"]
        head = ["M", "copies a NIC sends", "sent once", "fewer by", "both at once sooner by"]
        rows = [[f"{g.max_groups}", *(f"{x:.4f}" for x in (g.copies, g.once, g.sent, g.time))] for g in value.gains]
        lines += table(head, rows)
        lines += ["A dispatch alone is no sooner: its receivers get all copies; so with a combine's senders."]
    return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _optimum_lines(value: Collectives) -> list[str]:
    """What the optimum is, and which bounds are reached."""
    if not value.optima:
        return []
    bounds = ", ".join(f"{name} {float(b.algbw_gbps) / 8:,.5g}" for name, b in value.optima.items())
    lines = [f"Optimum: no schedule without operations in the network has more algbw (GB/s): {bounds}."]
    flows = [name for name, bound in value.optima.items() if bound.by == "flow"]
    if flows:
        lines += [f"Of {', '.join(flows)} it is that of the best flow, below every cut at hand; of others, of a cut."]
    by = {name: value.reached_by(name) for name in value.optima}
    reached = [f"{name} ({', '.join(ways)})" for name, ways in by.items() if ways]
    if reached:
        lines += [f"Reached but for steps, so exact: {'; '.join(reached)}."]
    trees = [name for name, bound in value.optima.items() if bound.complete and not by[name]]
    if trees:
        lines += [f"Exact, as no cut is tighter and some trees reach it: {', '.join(trees)}."]
    loose = [name for name, bound in value.optima.items() if not bound.complete and not by[name]]
    if loose:
        lines += [f"Of {', '.join(loose)} it is a bound that schedules may not reach."]
    return lines


def _unpipelined(time: CollectiveTime) -> list[str]:
    gbytes = time.size_bytes / time.unpipelined_us / 1e3
    return [f"{time.collective} {time.algorithm}", f"{time.unpipelined_us:,.6g}", f"{gbytes:,.4g}"]


def _copies(expected: Copies, sampled: Copies) -> tuple[list[str], list[list[str]]]:
    """Header and rows: copies of one token in closed form and sampled."""
    titles = {
        "hosts": "hosts it goes to",
        "nic": "copies over NICs",
        "nic_without_forwarding": "copies over NICs without forwarding in domains",
        "domains": "scale-up domains it goes to",
        "scale_up": "copies over scale-up domains",
    }
    rows = [[title, f"{vars(expected)[key]:.4f}", f"{vars(sampled)[key]:.4f}"] for key, title in titles.items()]
    return ["", "expected", f"{count(SAMPLED_TOKENS)} sampled"], rows


def _spread(time: CollectiveTime) -> str:
    """What is known of times that are not one number."""
    if time.routing.startswith("adaptive") and time.network_least_us < time.network_us[0] * (1 - 1e-6):
        return f" ({time.network_least_us:,.6g} to {time.network_us[0]:,.6g} us proved)"
    samples = time.samples_us
    if len(samples) > 1 and max(samples) > min(samples):
        return f" (mean of {amount(len(samples), 'hash seed')}, {min(samples):,.6g} to {max(samples):,.6g} us)"
    return ""


def as_json(value: Collectives) -> str:
    """The same for programs."""
    head: dict[str, Any] = {
        "schema": SCHEMA,
        "design": value.design,
        "network": value.network,
        "ranks": value.hosts * value.per_host,
        "hosts": value.hosts,
        "per_host": value.per_host,
        "domains": value.domains,
        "routing": value.routing,
        "forwarding": value.forwarding,
    }
    if value.latency:
        head["latency"] = value.latency
    for name, copies in (("expected_copies", value.copies), ("sampled_copies", value.sampled)):
        if copies is not None:
            head[name] = vars(copies)
    if value.left_out:
        head["left_out"] = [dict(zip(("op", "algorithm", "reason"), row, strict=True)) for row in value.left_out]
    if value.gains:
        head["in_network_gain"] = [
            {"max_groups": g.max_groups, "copies": g.copies, "once": g.once, "sent": g.sent, "time": g.time}
            for g in value.gains
        ]
    head["optima"] = {
        name: {
            "algbw_gbytes_per_s": float(bound.algbw_gbps) / 8,
            "by": bound.by,
            "complete": bound.complete or bool(value.reached_by(name)),
            "reached": bool(value.reached_by(name)),
            "reached_by": value.reached_by(name),
        }
        for name, bound in value.optima.items()
    }
    entries = []
    for time in value.times:
        share = value.share(time)
        entries.append(_entry(time, bool(value.latency)) | ({} if share is None else {"share_of_optimum": share}))
    return json.dumps({**head, "collectives": entries}, indent=1)


def _entry(time: CollectiveTime, steps: bool) -> dict[str, Any]:
    result: dict[str, Any] = {
        "op": time.collective,
        "algorithm": time.algorithm,
        "size_bytes": time.size_bytes,
        "time_us": time.time_us,
        **({"steps_us": time.steps_us} if steps else {}),
        "network_us": sum(time.network_us) / len(time.network_us),
        "endpoint_us": time.endpoint_us,
        "scale_up_us": time.scale_up_us,
        "bound_by": time.bound_by,
        "algbw_gbytes_per_s": time.algbw_gbytes_per_s,
        "busbw_gbytes_per_s": time.busbw_gbytes_per_s,
    }
    if time.routing.startswith("adaptive") and time.network_least_us < time.network_us[0]:
        result["network_least_us"] = time.network_least_us
    if time.unpipelined_us > time.time_us * (1 + 1e-9):
        result["unpipelined_us"] = time.unpipelined_us
    if len(time.network_us) > 1:
        result["samples_us"] = list(time.samples_us)
    return result
