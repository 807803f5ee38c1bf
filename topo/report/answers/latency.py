"""What `topo latency` says: the distribution of latency over all pairs of endpoints and of GPUs of a design."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from topo.analysis.network import switch_network
from topo.analysis.paths.latency import Latency, default_model, endpoint_latency, gpu_latency, latency_model
from topo.catalog import LatencyModel
from topo.checks import questions
from topo.design import Design, build, context_of
from topo.errors import ParameterError
from topo.report.look import PLAIN, Look
from topo.report.table import table
from topo.units import size_text

SCHEMA = "topo.latency/1"
STEPS = 12
"""Rows of the distribution."""


@dataclass(frozen=True)
class LatencyPage:
    """Latencies of messages of `message_bytes` in one network of a design; `gpus` is None where hosts differ. `cables`:
    the lengths of a floor plan are part of it."""

    design: str
    network: str
    model: LatencyModel
    message_bytes: int
    cables: bool
    endpoints: Latency
    gpus: Latency | None


def latency_page(design: Design, message_bytes: int = 64, model: str = "", network: str = "") -> LatencyPage:
    """Builds the design and measures every pair; raises InputError for an unknown network or model, and where none is
    named and the switches' parts do not say which protocol they speak."""
    fabric = build(design)
    if network and network not in fabric.networks:
        raise ParameterError("--network", network, "the design has no such network", ", ".join(fabric.networks))
    row = fabric.network_row(network) if network else 0
    known = ", ".join(design.catalog.ids("latency"))
    chosen = latency_model(design.catalog, model, "--model") if model else default_model(fabric, row, design.catalog)
    if chosen is None:
        raise ParameterError("--model", "", "the switches' parts name no common protocol", known)
    length_m = context_of(design, fabric).ask(questions.PlacedLengths())
    net = switch_network(fabric, row)
    return LatencyPage(
        design.name,
        fabric.networks[row],
        chosen,
        message_bytes,
        length_m is not None,
        endpoint_latency(fabric, net, chosen, message_bytes, length_m),
        gpu_latency(fabric, net, chosen, message_bytes, length_m=length_m),
    )


def _rows(value: LatencyPage) -> list[tuple[str, Latency]]:
    both = [("endpoints", value.endpoints), ("GPUs", value.gpus)]
    return [(name, result) for name, result in both if result is not None and len(result.us)]


def as_text(value: LatencyPage, look: Look = PLAIN) -> str:
    """Extremes and quantiles, then the distribution: the share of pairs at each latency, in steps where many differ."""
    model = value.model
    cables = (
        f"cables of the floor plan at {model.cable_ns_per_m:g} ns/m" if value.cables else "no cables (no floor plan)"
    )
    lines = [
        f"{value.design}, network {value.network}: {size_text(value.message_bytes)} by {model.id}",
        f"  {model.base_us:g} us + {model.per_switch_us:g} us a switch; {cables}; {model.scale_up_us:g} us in domains",
    ]
    quantiles = ("min", "mean", "p50", "p99", "max")
    rows = [[name, *(f"{result.to_json()[q]:.4f}" for q in quantiles)] for name, result in _rows(value)]
    lines += ["", *table(["us between", *quantiles], rows, indent="", look=look)]
    for name, result in _rows(value):
        bins = [[f"{low:.4f}", f"{high:.4f}", f"{share:.4%}"] for low, high, share in binned(result)]
        lines += ["", *table([f"{name}: us from", "to", "of pairs"], bins, indent="", look=look)]
    return "\n".join(lines)


def binned(result: Latency, steps: int = STEPS) -> list[tuple[float, float, float]]:
    """(from, to, share of pairs): every latency by itself where they are few, else `steps` equal steps."""
    total = float(result.pairs.sum())
    if len(result.us) <= steps:
        pairs = zip(result.us.tolist(), result.pairs.tolist(), strict=True)
        return [(us, us, n / total) for us, n in pairs]
    low, high = float(result.us[0]), float(result.us[-1])
    width = (high - low) / steps
    step = ((result.us - low) / width).astype(int).clip(0, steps - 1)
    shares = [float(result.pairs[step == i].sum()) / total for i in range(steps)]
    return [(low + i * width, low + (i + 1) * width, share) for i, share in enumerate(shares) if share]


def as_json(value: LatencyPage) -> str:
    """The same for programs, with every latency and its number of ordered pairs."""
    result: dict[str, Any] = {
        "schema": SCHEMA,
        "design": value.design,
        "network": value.network,
        "model": value.model.id,
        "message_bytes": value.message_bytes,
        "cables": value.cables,
    }
    for name, latency in _rows(value):
        spread = {"us": [round(us, 6) for us in latency.us.tolist()], "pairs": latency.pairs.tolist()}
        result[name.lower()] = {**latency.to_json(), "distribution": spread}
    return json.dumps(result, indent=1)
