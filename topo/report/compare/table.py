"""The comparison as a value: one row a question, one cell a design."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from topo.analysis.latency import Latency, default_model, endpoint_latency, gpu_latency
from topo.analysis.network import switch_network
from topo.catalog import PriceBook
from topo.checks import Context, answers
from topo.design import Design, build, closed_forms
from topo.errors import LimitReachedError
from topo.report.compare.resize import resized
from topo.report.counts import network_counts

T = TypeVar("T")

ROUTINGS = ("adaptive", "spray", "ecmp:seeds=1", "static")
FEW_CABLES = 8
DEFAULT_BOOK = "published-fabric-links"


@dataclass(frozen=True)
class Cell:
    """A figure as an interval; both ends are equal where it is known. `note` says what it rests on."""

    lower: float
    upper: float
    note: str = ""


@dataclass(frozen=True)
class Row:
    """One question. `better` is `less`, `more` or empty; a cell is None where there is no answer."""

    key: str
    title: str
    unit: str
    better: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True)
class Comparison:
    """Designs by name, with their titles, and the rows."""

    names: tuple[str, ...]
    titles: tuple[str, ...]
    price_book: str
    rows: tuple[Row, ...]

    def row(self, key: str) -> Row | None:
        """The row of a key; None where no design has an answer."""
        return next((row for row in self.rows if row.key == key), None)


@dataclass(frozen=True)
class _Subject:
    name: str
    context: Context
    network: str

    @property
    def row(self) -> int:
        return self.context.fabric.network_row(self.network)


def compare(
    designs: Sequence[Design],
    gpus: int | None = None,
    price_book: PriceBook | None = None,
    routings: Sequence[str] = ROUTINGS,
    time_limit_s: float = 60.0,
    all_failures: bool = False,
) -> Comparison:
    """The main networks of designs side by side, at `gpus` GPUs each where that is given.

    Costs are by `price_book`, else by the book that all designs name, else by `published-fabric-links`: one book prices
    all. The loss of any one cable is examined where at most `FEW_CABLES` cables stand for all, or with `all_failures`.
    Raises InputError where a design cannot be built (at this size).
    """
    chosen = [resized(d, gpus) for d in designs] if gpus is not None else list(designs)
    book = price_book or _common_book(chosen)
    subjects = [_subject(design, book, time_limit_s) for design in chosen]
    columns = [_column(subject, routings, all_failures) for subject in subjects]
    keys = list(dict.fromkeys(key for column in columns for key in column))
    ordered = [key for key in _ORDER if key in keys] + [key for key in keys if key not in _ORDER]
    rows = []
    for key in ordered:
        title, unit, better = _TITLES.get(key) or _tier_title(key)
        rows.append(Row(key, title, unit, better, tuple(column.get(key) for column in columns)))
    titles = tuple(design.title for design in chosen)
    return Comparison(tuple(d.name for d in chosen), titles, book.id, tuple(rows))


def _common_book(designs: Sequence[Design]) -> PriceBook:
    named = {design.file.price_book for design in designs}
    name = named.pop() if len(named) == 1 else None
    return designs[0].catalog.price_book(name or DEFAULT_BOOK)


def _subject(design: Design, book: PriceBook, time_limit_s: float) -> _Subject:
    context = Context(build(design), design.catalog, closed_forms(design), book, design.file.lengths_m, time_limit_s)
    return _Subject(design.name, context, design.networks[0].name)


_TITLES: dict[str, tuple[str, str, str]] = {
    "gpus": ("GPUs", "", ""),
    "hosts": ("hosts", "", ""),
    "endpoints": ("endpoints", "", ""),
    "planes": ("planes", "", ""),
    "switches_total": ("switches", "", "less"),
    "links_fabric": ("switch-to-switch links", "", "less"),
    "cables": ("cables", "", "less"),
    "transceivers": ("optical modules", "", "less"),
    "cost_per_gpu_usd": ("cost per GPU", "USD", "less"),
    "power_per_gpu_w": ("power per GPU", "W", "less"),
    "hops_max": ("most switches on a path", "", "less"),
    "hops_mean": ("mean switches on a path", "", "less"),
    "latency_mean_us": ("mean latency, endpoints", "us", "less"),
    "latency_max_us": ("largest latency, endpoints", "us", "less"),
    "gpu_latency_mean_us": ("mean latency, GPUs", "us", "less"),
    "bisection_share": ("bisection, of full", "", "more"),
    "all_to_all_adaptive": ("all-to-all, adaptive", "", "more"),
    "all_to_all_spray": ("all-to-all, spray", "", "more"),
    "all_to_all_ecmp": ("all-to-all, ECMP", "", "more"),
    "all_to_all_static": ("all-to-all, static", "", "more"),
    "gpu_all_to_all_adaptive": ("GPU all-to-all, adaptive", "", "more"),
    "worst_permutation_spray": ("worst permutation, spray", "", "more"),
    "after_one_cable": ("all-to-all after any one cable", "", "more"),
}
_ORDER = tuple(_TITLES)[:4] + tuple(f"switches_{t}" for t in ("leaf", "spine", "core", "switch")) + tuple(_TITLES)[4:]


def _tier_title(key: str) -> tuple[str, str, str]:
    tier = key.removeprefix("switches_")
    return (f"  {tier} switches" if tier != "switch" else "  untiered switches", "", "")


def _exact(value: float | None) -> Cell | None:
    return None if value is None else Cell(float(value), float(value))


def _column(subject: _Subject, routings: Sequence[str], all_failures: bool) -> dict[str, Cell]:
    """The cells of one design by key; what has no answer is left out."""
    found = {**_counts(subject), **_money(subject), **_paths(subject)}
    found["bisection_share"] = _bisection(subject)
    for routing in routings:
        found[f"all_to_all_{routing.partition(':')[0]}"] = _throughput(subject, "all-to-all", routing)
    found["gpu_all_to_all_adaptive"] = _throughput(subject, "gpu-all-to-all", "adaptive")
    found["after_one_cable"] = _after_one_cable(subject, all_failures)
    found["worst_permutation_spray"] = _throughput(subject, "worst-permutation", "spray")
    return {key: cell for key, cell in found.items() if cell is not None}


def _counts(subject: _Subject) -> dict[str, Cell | None]:
    counts = network_counts(subject.context.fabric, subject.row)
    plan = answers.cabling(subject.context)
    mine = subject.context.fabric.links.network == subject.row
    cables = np.unique(plan.cable_of_link[mine])
    modules = np.unique(np.concatenate([plan.module_at_a[mine], plan.module_at_b[mine]]))
    found = {name: float(getattr(counts, name)) for name in ("gpus", "hosts", "endpoints", "planes")}
    found |= {f"switches_{tier}": float(n) for tier, n in counts.switches.items()}
    found |= {"links_fabric": float(counts.links["fabric"])}
    found |= {"cables": float((cables >= 0).sum()), "transceivers": float((modules >= 0).sum())}
    return {key: _exact(value) for key, value in found.items()}


def _money(subject: _Subject) -> dict[str, Cell | None]:
    cost = answers.cost(subject.context, subject.network)
    watts = answers.power(subject.context, subject.network).value
    gpus = network_counts(subject.context.fabric, subject.row).gpus
    found: dict[str, Cell | None] = {}
    if cost is not None and gpus:
        each = cost.total_usd / gpus
        note = "" if cost.complete else "without " + ", ".join(cost.unpriced)
        found["cost_per_gpu_usd"] = Cell(each, each if cost.complete else math.inf, note)
    if gpus and watts is not None:
        found["power_per_gpu_w"] = _exact(watts / gpus)
    return found


def _paths(subject: _Subject) -> dict[str, Cell | None]:
    fabric, counted = subject.context.fabric, answers.hops(subject.context, subject.network)
    if not counted.max:
        return {}
    found = {"hops_max": _exact(counted.max), "hops_mean": _exact(counted.mean)}
    model = default_model(fabric, subject.row, subject.context.catalog)
    if model is not None:
        net = switch_network(fabric, subject.row)
        ends = endpoint_latency(fabric, net, model, counted=counted)
        gpus: Latency | None = gpu_latency(fabric, net, model, counted=counted)
        found |= {"latency_mean_us": _exact(ends.mean_us), "latency_max_us": _exact(float(ends.us[-1]))}
        found["gpu_latency_mean_us"] = _exact(gpus.mean_us if gpus else None)
    return found


def _answered(ask: Callable[[], T]) -> T | None:
    """The answer, None where a limit was reached first."""
    try:
        return ask()
    except LimitReachedError:
        return None


def _bisection(subject: _Subject) -> Cell | None:
    value = _answered(lambda: answers.bisection(subject.context, subject.network))
    if value is None or not value.full_gbps:
        return None
    return Cell(value.lower_gbps / value.full_gbps, value.upper_gbps / value.full_gbps)


def _after_one_cable(subject: _Subject, every: bool) -> Cell | None:
    """Adaptive all-to-all after the loss of the worst cable between switches."""
    from topo.analysis.failures import unlike_cables

    if not every and unlike_cables(subject.context.fabric, subject.row) > FEW_CABLES:
        return None
    rows = _answered(lambda: answers.failures(subject.context, subject.network, "cable", "all-to-all", "adaptive"))
    if not rows:
        return None
    lower, upper = min(r.lower for r in rows), min(r.upper for r in rows)
    return None if math.isinf(upper) else Cell(lower, upper)


def _throughput(subject: _Subject, traffic: str, routing: str) -> Cell | None:
    value = _answered(lambda: answers.throughput(subject.context, subject.network, traffic, routing))
    if value is None:
        return None
    seeds = value.samples["seeds"] if value.samples else 0
    return Cell(value.lower, value.upper, f"{seeds} hash seed{'s' * (seeds != 1)}" if seeds else "")
