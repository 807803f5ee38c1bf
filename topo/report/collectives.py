"""What `topo collective` says: collectives over ranks of a design, their times and bandwidths."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from topo.analysis.collectives import CollectiveTime, collective_time, expert_time, place
from topo.analysis.collectives.experts import Copies, ExpertLayout, expected_copies, sampled_copies
from topo.analysis.collectives.lowering import Forwarding
from topo.analysis.collectives.messages import COLLECTIVES, collective
from topo.analysis.collectives.ranks import Order
from topo.analysis.latency import default_model, latency_model
from topo.catalog import LatencyModel
from topo.design import Design, build
from topo.errors import ParameterError, nearest
from topo.report.table import table
from topo.units import count, size_text

SCHEMA = "topo.collectives/1"
EXPERTS = ("dispatch", "combine")
OPS = (*COLLECTIVES, *EXPERTS)
SAMPLED_TOKENS = 20_000


@dataclass(frozen=True)
class Placement:
    """Ranks on GPUs: as `place` takes them."""

    ranks: int | None = None
    per_host: int | None = None
    order: Order = "packed"
    every: int = 1
    first_gpu: int = 0


@dataclass(frozen=True)
class Tokens:
    """What expert parallelism moves: tokens a GPU, and the bytes of one token in dispatch and combine."""

    per_gpu: int = 4096
    hidden: int = 7168
    dispatch_bytes: int = 1
    combine_bytes: int = 2


@dataclass(frozen=True)
class Collectives:
    """Times of collectives of one design. `copies` are the expected copies of one token in closed form, and `sampled`
    the same from random tokens, where expert parallelism was asked for."""

    design: str
    network: str
    hosts: int
    per_host: int
    routing: str
    forwarding: str
    latency: str
    times: tuple[CollectiveTime, ...]
    copies: Copies | None = None
    sampled: Copies | None = None


def collectives(
    design: Design,
    ops: Sequence[str] = (),
    algorithm: str = "",
    placement: Placement = Placement(),
    size: float = float(1 << 30),
    routing: str = "spray",
    forwarding: Forwarding = "plane",
    network: str = "",
    latency: str = "",
    layout: ExpertLayout | None = None,
    tokens: Tokens = Tokens(),
) -> Collectives:
    """Every operation of `ops` (default: all but expert parallelism) under every algorithm, or the one named.

    `latency` names a latency model of the catalog, `none` leaves the steps out; by default it is that of the switches'
    protocol. Raises InputError for unknown names, for ranks that do not fit, with the nearest numbers that do, and for
    what the routing cannot do.
    """
    fabric = build(design)
    if network and network not in fabric.networks:
        raise ParameterError("--network", network, "the design has no such network", ", ".join(fabric.networks))
    row = fabric.network_row(network) if network else 0
    for op in ops:
        if op not in OPS:
            raise ParameterError("--op", op, "unknown operation", ", ".join(OPS), nearest(op, OPS))
    model = None if latency == "none" else default_model(fabric, row, design.catalog)
    if latency not in ("", "none"):
        model = latency_model(design.catalog, latency, "--latency")
    ranks = place(fabric, **vars(placement), network=row)
    experts = layout or ExpertLayout(gpus_per_host=ranks.per_host)
    times = []
    for op in ops or tuple(COLLECTIVES):
        if op in EXPERTS:
            token = tokens.hidden * (tokens.dispatch_bytes if op == "dispatch" else tokens.combine_bytes)
            times.append(expert_time(fabric, op, ranks, experts, tokens.per_gpu, token, routing, row, model))
            continue
        for name in _algorithms(op, algorithm, bool(ops)):
            times.append(collective_time(fabric, op, ranks, size, name, routing, forwarding, row, model))
    asked = any(op in EXPERTS for op in ops)
    return Collectives(
        design.name,
        fabric.networks[row],
        ranks.hosts,
        ranks.per_host,
        routing,
        forwarding,
        model.id if isinstance(model, LatencyModel) else "",
        tuple(times),
        expected_copies(experts) if asked else None,
        sampled_copies(experts, SAMPLED_TOKENS, 1) if asked else None,
    )


def _algorithms(op: str, wanted: str, strict: bool) -> list[str]:
    """The algorithms to try: all, or the one wanted where the operation has it."""
    known = list(collective(op).algorithms)
    if not wanted:
        return known
    if wanted not in known and strict:
        raise ParameterError(
            "--algorithm", wanted, f"{op} has no such algorithm", ", ".join(known), nearest(wanted, known)
        )
    return [wanted] if wanted in known else []


def _head(value: Collectives) -> str:
    many = f" x {value.per_host}" if value.per_host > 1 else ""
    return (
        f"{value.design}, network {value.network}: {count(value.hosts * value.per_host)} ranks "
        f"({count(value.hosts)} hosts{many}), {value.routing} routing, forwarding {value.forwarding}"
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
            t.bound_by + _spread(t),
        ]
        for t in value.times
    ]
    head = ["operation", "algorithm", "size", "time us", "steps us", "algbw GB/s", "busbw GB/s", "bound by"]
    steps = f"steps by {value.latency}" if value.latency else "steps left out"
    lines = [_head(value), "", *table(head, rows, indent=""), ""]
    lines += [f"Sizes and bandwidths as nccl-tests defines them; the time of the most loaded link plus steps, {steps}."]
    if value.copies and value.sampled:
        lines += ["A token of expert parallelism, on average:", *table(*_copies(value.copies, value.sampled))]
        lines += ["Size of dispatch and combine: a GPU's tokens, once for each host they go to."]
    return "\n".join(lines)


def _copies(expected: Copies, sampled: Copies) -> tuple[list[str], list[list[str]]]:
    """Header and rows: copies of one token in closed form and sampled."""
    titles = {
        "hosts": "hosts it goes to",
        "nic": "copies over NICs",
        "nic_without_forwarding": "copies over NICs without forwarding in hosts",
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
        return f" (mean of {len(samples)} hash seeds, {min(samples):,.6g} to {max(samples):,.6g} us)"
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
        "routing": value.routing,
        "forwarding": value.forwarding,
    }
    if value.latency:
        head["latency"] = value.latency
    for name, copies in (("expected_copies", value.copies), ("sampled_copies", value.sampled)):
        if copies is not None:
            head[name] = vars(copies)
    return json.dumps({**head, "collectives": [_entry(t, bool(value.latency)) for t in value.times]}, indent=1)


def _entry(time: CollectiveTime, steps: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
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
        found["network_least_us"] = time.network_least_us
    if len(time.network_us) > 1:
        found["samples_us"] = list(time.samples_us)
    return found
