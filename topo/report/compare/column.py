"""The answers of one design, by the key of their row."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from topo.analysis.cost import Cost
from topo.analysis.latency import gpu_latency, latency_model
from topo.analysis.network import switch_network
from topo.analysis.power import network_rack_units
from topo.catalog import PriceBook
from topo.checks import Context, answers
from topo.design import Design, build, context_of
from topo.errors import LimitReachedError
from topo.fabric import cables_digest
from topo.report.counts import cable_counts, network_counts

T = TypeVar("T")

FEW_CABLES = 8
"""Unlike cables that are examined one by one without being asked for."""
ADAPTIVE = "adaptive"


@dataclass(frozen=True)
class Cell:
    """A figure as an interval; both ends are equal where it is known. `note` says what it rests on, `apart` what it is
    without."""

    lower: float
    upper: float
    note: str = ""
    apart: str = ""


@dataclass(frozen=True)
class Asked:
    """A design and what to ask of it."""

    design: Design
    book: PriceBook
    routings: tuple[str, ...]
    time_limit_s: float
    all_failures: bool


@dataclass(frozen=True)
class Subject:
    """A design's main network, built."""

    name: str
    context: Context
    network: str

    @property
    def row(self) -> int:
        """The row of the network."""
        return self.context.fabric.network_row(self.network)


def subject_of(asked: Asked) -> Subject:
    """Builds the design; raises InputError where it cannot be built."""
    design = asked.design
    other = asked.book if asked.book.id != design.file.price_book else None
    context = context_of(design, build(design), other, asked.time_limit_s)
    return Subject(design.name, replace(context, certified=False), design.networks[0].name)


def answered(question: tuple[Asked, str]) -> dict[str, Cell]:
    """One of PARTS of a design's column; what has no answer is left out."""
    asked, part = question
    found = PARTS[part](asked, subject_of(asked))
    return {key: cell for key, cell in found.items() if cell is not None}


def _exact(value: float | None, note: str = "") -> Cell | None:
    return None if value is None else Cell(float(value), float(value), note)


def _counts(subject: Subject) -> dict[str, Cell | None]:
    counts = network_counts(subject.context.fabric, subject.row)
    found = {name: float(getattr(counts, name)) for name in ("gpus", "hosts", "endpoints", "planes")}
    found |= {f"switches_{tier}": float(n) for tier, n in counts.switches.items()}
    found |= {"links_fabric": float(counts.links["fabric"])}
    bought = cable_counts(subject.context.fabric, subject.row, answers.cabling(subject.context))
    found |= {"cables": float(bought[0]), "transceivers": float(bought[1])} if bought else {}
    return {key: _exact(value) for key, value in found.items()}


def _cost(subject: Subject) -> Cost | None:
    """What the network costs; None where no part of its switches is known, as in an imported fabric: prices of classes
    would then be guesses."""
    devices = subject.context.fabric.devices
    switches = (devices.network == subject.row) & ~subject.context.fabric.is_host
    if switches.any() and (devices.part[switches] < 0).all():
        return None
    return answers.cost(subject.context, subject.network)


def _money(subject: Subject) -> dict[str, Cell | None]:
    cost = _cost(subject)
    watts = answers.power(subject.context, subject.network).value
    gpus = network_counts(subject.context.fabric, subject.row).gpus
    found: dict[str, Cell | None] = {}
    if cost is not None and gpus:
        each = cost.total_usd / gpus
        notes = [f"not fitted to {', '.join(cost.not_fitted)}"] if cost.not_fitted else []
        note = "; ".join(notes + (["without " + ", ".join(cost.unpriced)] if cost.unpriced else []))
        apart = ", ".join(cost.leaves_out)
        found["cost_per_gpu_usd"] = Cell(each, math.inf if cost.unpriced else each, note, apart)
    if gpus and watts is not None:
        found["power_per_gpu_w"] = _exact(watts / gpus)
    fabric, catalog = subject.context.fabric, subject.context.catalog
    found["rack_units"] = _exact(network_rack_units(fabric, subject.row, catalog).value)
    return found


def _paths(subject: Subject) -> dict[str, Cell | None]:
    fabric, counted = subject.context.fabric, answers.hops(subject.context, subject.network)
    if not counted.max:
        return {}
    found = {"hops_max": _exact(counted.max), "hops_mean": _exact(counted.mean)}
    ends = answers.latency(subject.context, subject.network)
    if ends is not None:
        net, length_m = switch_network(fabric, subject.row), answers.placed_lengths_m(subject.context)
        model = latency_model(subject.context.catalog, ends.model)
        gpus = gpu_latency(fabric, net, model, counted=counted, length_m=length_m)
        note = "with cables" if length_m is not None else ""
        found |= {"latency_mean_us": _exact(ends.mean_us, note), "latency_max_us": _exact(float(ends.us[-1]), note)}
        found["gpu_latency_mean_us"] = _exact(gpus.mean_us if gpus else None, note)
    return found


def _within(ask: Callable[[], T]) -> T | None:
    """The answer, None where a limit was reached first."""
    try:
        return ask()
    except LimitReachedError:
        return None


def _bisection(subject: Subject) -> dict[str, Cell | None]:
    """The bisection as a share of full, and what a Gb/s of it costs."""
    value = _within(lambda: answers.bisection(subject.context, subject.network))
    if value is None or math.isinf(value.share_upper):
        return {}
    found: dict[str, Cell | None] = {"bisection_share": Cell(value.share_lower, value.share_upper)}
    cost = _cost(subject)
    each = cost.per_bisection_gbps_usd(value.lower_gbps, value.upper_gbps) if cost else None
    return found | {"cost_per_bisection_gbps_usd": Cell(*each) if each else None}


def _after_one_cable(subject: Subject, every: bool) -> Cell | None:
    """Adaptive all-to-all after the loss of the worst cable: each examined where few stand for all, else bounded where
    each link has a cable of its own."""
    from topo.analysis.failures import after_any_link, unlike_cables

    context, network = subject.context, subject.network
    lower, upper = 0.0, math.inf
    fabric = answers.cabled(context)
    if every or unlike_cables(fabric, answers.hosted(context, network)) <= FEW_CABLES:
        rows = _within(lambda: answers.failures(context, network, "cable", "all-to-all", "adaptive"))
        if rows:
            lower, upper = min(r.lower for r in rows), min(r.upper for r in rows)
    if lower < upper and not cables_digest(fabric, subject.row):
        intact = _within(lambda: answers.throughput(context, network, "all-to-all", "adaptive"))
        found = after_any_link(context.fabric, network, intact) if intact else None
        if found is not None:
            lower, upper = max(lower, found.lower), min(upper, found.upper)
    return None if math.isinf(upper) else Cell(lower, upper)


def _throughput(subject: Subject, traffic: str, routing: str) -> Cell | None:
    value = _within(lambda: answers.throughput(subject.context, subject.network, traffic, routing))
    if value is None:
        return None
    seeds = value.samples["seeds"] if value.samples else 0
    return Cell(value.lower, value.upper, f"{seeds} hash seed{'s' * (seeds != 1)}" if seeds else "")


def _worst_permutation(subject: Subject) -> Cell | None:
    """Between what no permutation goes below and one that was found."""
    from topo.analysis.traffic.worst import worst_permutation

    fabric, row = subject.context.fabric, subject.row
    found = _within(lambda: worst_permutation(fabric, switch_network(fabric, row), row))
    if found is None:
        return None
    ends = [end for end in (found.demand.endpoint_limit,) if end is not None]
    lower, upper = ([*ends, end] if end is not None else ends for end in (found.lower, found.upper))
    return Cell(float(min(lower)), float(min(upper))) if lower and upper else None


def _carried(asked: Asked, subject: Subject) -> dict[str, Cell | None]:
    """Adaptive routing, the bisection, and what stands on them."""
    found = {_row_of(r): _throughput(subject, "all-to-all", r) for r in asked.routings if r.startswith(ADAPTIVE)}
    found["gpu_all_to_all_adaptive"] = _throughput(subject, "gpu-all-to-all", ADAPTIVE)
    found |= _bisection(subject)
    found["after_one_cable"] = _after_one_cable(subject, asked.all_failures)
    return found


def _routed(asked: Asked, subject: Subject) -> dict[str, Cell | None]:
    """Routings with fixed splits or a hash."""
    return {_row_of(r): _throughput(subject, "all-to-all", r) for r in asked.routings if not r.startswith(ADAPTIVE)}


def _counted(asked: Asked, subject: Subject) -> dict[str, Cell | None]:
    """What is counted and summed, and the worst permutation."""
    worst = {"worst_permutation_spray": _worst_permutation(subject)}
    return {**_counts(subject), **_money(subject), **_paths(subject), **worst}


def _row_of(routing: str) -> str:
    return f"all_to_all_{routing.partition(':')[0]}"


PARTS: Mapping[str, Callable[[Asked, Subject], dict[str, Cell | None]]] = {
    "carried": _carried,
    "routed": _routed,
    "counted": _counted,
}
"""A column in parts that share no answer, the longest first."""
