"""The comparison as a value: one row a question, one cell a design."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from topo.catalog import PriceBook
from topo.design import Design
from topo.errors import InputError
from topo.pool import Crash, Outcome, open_pool
from topo.report.compare.column import PARTS, Asked, Cell, answered
from topo.report.compare.resize import all_resized

ROUTINGS = ("adaptive", "spray", "wcmp", "ecmp:seeds=1", "static")
DEFAULT_BOOK = "published-fabric-links"


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
    price_basis: str = ""

    def row(self, key: str) -> Row | None:
        """The row of a key; None where no design has an answer."""
        return next((row for row in self.rows if row.key == key), None)


def compare(
    designs: Sequence[Design],
    gpus: int | None = None,
    price_book: PriceBook | None = None,
    routings: Sequence[str] = ROUTINGS,
    time_limit_s: float = 60.0,
    all_failures: bool = False,
    jobs: int = 1,
    done: Callable[[str], None] = lambda name: None,
    scheduler: str = "",
) -> Comparison:
    """The main networks of designs side by side, at `gpus` GPUs each where that is given.

    Costs are by `price_book`, else by the book that all designs name, else by `published-fabric-links`: one book prices
    all. The loss of any one cable is examined where few cables stand for all, or with `all_failures`, and bounded by
    one argument for all cables elsewhere. With several `jobs` the questions are answered by as many processes, with a
    `scheduler` by the workers of a Dask cluster; the answers are the same. `done` is called with the name of a design
    for each of its `PARTS` that is answered. Raises InputError where a design cannot be built (at this size).
    """
    chosen = all_resized(designs, gpus) if gpus is not None else list(designs)
    book = price_book or _common_book(chosen)
    columns = _columns(
        [Asked(d, book, tuple(routings), time_limit_s, all_failures) for d in chosen], jobs, done, scheduler
    )
    keys = list(dict.fromkeys(key for column in columns for key in column))
    ordered = [key for key in _ORDER if key in keys] + [key for key in keys if key not in _ORDER]
    rows = []
    for key in ordered:
        title, unit, better = _TITLES.get(key) or _tier_title(key)
        rows.append(Row(key, title, unit, better, tuple(column.get(key) for column in columns)))
    titles = tuple(design.title for design in chosen)
    return Comparison(tuple(d.name for d in chosen), titles, book.id, tuple(rows), book.basis)


def _columns(asked: list[Asked], jobs: int, done: Callable[[str], None], scheduler: str) -> list[dict[str, Cell]]:
    """The cells of every design. The parts of a column are independent; those that take long come first."""
    parts = [(one, part) for part in PARTS for one in asked]
    columns: list[dict[str, Cell]] = [{} for _ in asked]

    def made(i: int, found: Outcome[dict[str, Cell]]) -> None:
        if isinstance(found, InputError):
            raise found
        if isinstance(found, Crash):
            raise found.error()
        columns[i % len(asked)].update(found)
        done(parts[i][0].design.name)

    if not scheduler and (jobs <= 1 or len(asked) < 2):
        for i, part in enumerate(parts):
            made(i, answered(part))
    else:
        with open_pool(min(jobs, len(parts)), scheduler) as pool:
            pool.outcomes(answered, parts, made)
    return columns


def _common_book(designs: Sequence[Design]) -> PriceBook:
    named = {design.file.price_book for design in designs}
    name = named.pop() if len(named) == 1 else None
    return designs[0].catalog.price_book(name or DEFAULT_BOOK)


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
    "cost_per_bisection_gbps_usd": ("cost per Gb/s of bisection", "USD", "less"),
    "power_per_gpu_w": ("power per GPU", "W", "less"),
    "rack_units": ("rack units of switches", "", "less"),
    "hops_max": ("most switches on a path", "", "less"),
    "hops_mean": ("mean switches on a path", "", "less"),
    "latency_mean_us": ("mean latency, endpoints", "us", "less"),
    "latency_max_us": ("largest latency, endpoints", "us", "less"),
    "gpu_latency_mean_us": ("mean latency, GPUs", "us", "less"),
    "bisection_share": ("bisection, of full", "", "more"),
    "all_to_all_adaptive": ("all-to-all, adaptive", "", "more"),
    "all_to_all_spray": ("all-to-all, spray", "", "more"),
    "all_to_all_wcmp": ("all-to-all, WCMP", "", "more"),
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
