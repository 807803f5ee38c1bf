"""What `topo collective` says: collectives over ranks of a design, their times and bandwidths."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict

import numpy as np

from topo.analysis.collectives import CollectiveTime, collective_time, expert_time, place
from topo.analysis.collectives.expert_messages import splits
from topo.analysis.collectives.experts import (
    Copies,
    ExpertLayout,
    InNetworkGain,
    expected_copies,
    in_network_gains,
    mean_copies,
    sampled_copies,
)
from topo.analysis.collectives.in_network import in_network
from topo.analysis.collectives.lowering import Forwarding
from topo.analysis.collectives.operation import ALIASES, COLLECTIVES, collective
from topo.analysis.collectives.optimum import Optimum, optima, schedule
from topo.analysis.collectives.ranks import Order, Ranks, UnevenRanksError
from topo.analysis.latency import default_model, latency_model
from topo.catalog import LatencyModel
from topo.design import Design, build
from topo.errors import LimitReachedError, ParameterError, nearest
from topo.fabric import Fabric
from topo.report.table import table
from topo.units import count, size_text

SCHEMA = "topo.collectives/1"
EXPERTS = ("dispatch", "combine")
OPS = (*COLLECTIVES, *EXPERTS)
SAMPLED_TOKENS = 20_000
TREES_S = 60.0
"""Seconds for the trees of one operation: what a user waits for."""


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
    the same from random tokens, where expert parallelism was asked for. `domains` are the scale-up domains that the
    ranks lie on; `left_out` has an operation, an algorithm, and why it was not asked. `gains` is what operations in the
    network would save of expert parallelism. `optima` are the bounds that
    no schedule beats, `schedules` the trees that reach them (certificates), where they were asked for."""

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
    domains: int = 0
    left_out: tuple[tuple[str, str, str], ...] = ()
    gains: tuple[InNetworkGain, ...] = ()
    optima: Mapping[str, Optimum] = field(default_factory=dict)
    schedules: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    def share(self, time: CollectiveTime) -> float | None:
        """A time as a share of the optimum: the least time of any schedule over it. None where no bound is known, as
        for operations in the network, which the bound does not cover."""
        bound = self.optima.get(time.collective)
        return None if bound is None or time.in_network else bound.time_us(time.size_bytes) / time.time_us

    @property
    def certificates(self) -> dict[str, dict[str, Any]]:
        """File name -> certificate: of every bound, and of every schedule that reaches one."""
        bounds = {f"optimum-{name}": bound.certificate for name, bound in self.optima.items()}
        return {**bounds, **{f"schedule-{name}": found for name, found in self.schedules.items()}}


class CollectiveOptions(TypedDict, total=False):
    """What may be said of collectives beside the operations; each as in `collectives`."""

    algorithm: str
    placement: Placement
    size: float
    routing: str
    forwarding: Forwarding
    network: str
    latency: str
    layout: ExpertLayout | None
    tokens: Tokens
    trees: bool
    scale_up_planes_lost: int


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
    trees: bool = False,
    scale_up_planes_lost: int = 0,
) -> Collectives:
    """Every operation of `ops` (default: all but expert parallelism) under every algorithm, or the one named.

    `latency` names a latency model of the catalog, `none` leaves the steps out; by default it is that of the switches'
    protocol. Raises InputError for unknown names, for ranks that do not fit, with the nearest numbers that do, and for
    what the routing cannot do. `trees` asks for schedules that reach the bounds too; where time ends first they
    are left out.
    """
    fabric = build(design)
    if scale_up_planes_lost:
        fabric = _without_planes(design, fabric, scale_up_planes_lost)
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
    can = in_network(design.catalog, fabric)
    times: list[CollectiveTime] = []
    left_out: list[tuple[str, str, str]] = []
    for op in ops or tuple(COLLECTIVES):
        if op in EXPERTS:
            token = tokens.hidden * (tokens.dispatch_bytes if op == "dispatch" else tokens.combine_bytes)
            times.append(expert_time(fabric, op, ranks, experts, tokens.per_gpu, token, routing, row, model))
            continue
        for name in _algorithms(op, algorithm, bool(ops)):
            try:
                times.append(collective_time(fabric, op, ranks, size, name, routing, forwarding, row, model, can))
            except ParameterError as error:
                if algorithm or not (name == "sharp" or isinstance(error, UnevenRanksError)):
                    raise
                left_out.append((op, name, str(error)))
    asked = any(op in EXPERTS for op in ops)
    bounds = optima(fabric, ranks, row, forwarding, tuple(ops) or tuple(COLLECTIVES))
    found: dict[str, dict[str, Any] | None] = {}
    for name, bound in bounds.items() if trees else ():
        try:
            found[name] = schedule(fabric, bound, TREES_S)
        except LimitReachedError as error:
            left_out.append((name, "trees", str(error)))
    copies = _both_copies(ranks, experts) if asked else (None, None)
    return Collectives(
        design.name,
        fabric.networks[row],
        ranks.hosts,
        ranks.per_host,
        routing,
        forwarding,
        model.id if isinstance(model, LatencyModel) else "",
        tuple(times),
        copies[0],
        copies[1],
        len(np.unique(ranks.domain)),
        tuple(left_out),
        tuple(_gains(ranks, experts)) if asked else (),
        bounds,
        {name: proof for name, proof in found.items() if proof is not None},
    )


def _without_planes(design: Design, fabric: Fabric, lost: int) -> Fabric:
    """The fabric where `lost` of the switches of every scale-up domain are gone, with the share of its bandwidth that
    the others carry. Raises ParameterError for parts that do not tell how many there are, or have no more."""
    left = []
    for name, gbps in zip(fabric.groups, fabric.scale_up_gbps, strict=True):
        scale_up = design.catalog.host(name).scale_up
        planes = scale_up.planes if scale_up is not None else None
        if gbps and (planes is None or lost >= planes):
            allowed = f"at most {planes - 1}" if planes else "parts with scale_up.planes"
            raise ParameterError(
                "--scale-up-planes-lost", lost, f"{name} has {planes or 'no number of'} planes", allowed
            )
        left.append(gbps * (planes - lost) / planes if planes else gbps)
    return replace(fabric, scale_up_gbps=tuple(left))


def _gains(ranks: Ranks, layout: ExpertLayout) -> list[InNetworkGain]:
    """Over all sets of hosts that hold the experts; empty where they need no NIC."""
    rows = [in_network_gains(layout, split) for split in splits(ranks, layout)]
    mean = [
        InNetworkGain(row[0].max_groups, float(np.mean([g.copies for g in row])), float(np.mean([g.once for g in row])))
        for row in zip(*rows, strict=True)
    ]
    return mean if any(gain.copies for gain in mean) else []


def _both_copies(ranks: Ranks, layout: ExpertLayout) -> tuple[Copies, Copies]:
    """Copies of a token expected and sampled, over all sets of hosts that hold the experts."""
    many = Counter(splits(ranks, layout))
    tokens = {split: max(SAMPLED_TOKENS * n // many.total(), 1) for split, n in many.items()}
    expected = [expected_copies(layout, split) for split in many for _ in range(many[split])]
    sampled = [sampled_copies(layout, tokens[split], 1, split=split) for split in many for _ in range(many[split])]
    return mean_copies(expected), mean_copies(sampled)


def _algorithms(op: str, wanted: str, strict: bool) -> list[str]:
    """The algorithms to try: all, or the one wanted where the operation has it."""
    known = list(collective(op).algorithms)
    if not wanted:
        return known
    wanted = wanted if wanted in known else ALIASES.get(wanted, wanted)
    if wanted not in known and strict:
        raise ParameterError(
            "--algorithm", wanted, f"{op} has no such algorithm", ", ".join(known), nearest(wanted, known)
        )
    return [wanted] if wanted in known else []


def _head(value: Collectives) -> str:
    many = f" x {value.per_host}" if value.per_host > 1 else ""
    shared = (
        f" in {count(value.domains)} scale-up domain{'s'[: value.domains != 1]}" if value.domains < value.hosts else ""
    )
    return (
        f"{value.design}, network {value.network}: {count(value.hosts * value.per_host)} ranks "
        f"({count(value.hosts)} hosts{many}{shared}), {value.routing} routing, forwarding {value.forwarding}"
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
    loose = [name for name, bound in value.optima.items() if not bound.complete and name not in value.schedules]
    if loose:
        lines += [
            f"Of {', '.join(loose)} it is a bound that schedules may not reach; no cut is tighter for the others."
        ]
    if value.schedules:
        lines += [f"Reached by trees, so exact: {', '.join(value.schedules)}."]
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
            "complete": bound.complete,
            "reached": name in value.schedules,
        }
        for name, bound in value.optima.items()
    }
    entries = []
    for time in value.times:
        share = value.share(time)
        entries.append(_entry(time, bool(value.latency)) | ({} if share is None else {"share_of_optimum": share}))
    return json.dumps({**head, "collectives": entries}, indent=1)


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
    if time.unpipelined_us > time.time_us * (1 + 1e-9):
        found["unpipelined_us"] = time.unpipelined_us
    if len(time.network_us) > 1:
        found["samples_us"] = list(time.samples_us)
    return found
