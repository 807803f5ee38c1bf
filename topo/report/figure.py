"""What a figure is. A module of `figures/` registers one under the key that it has in the JSON report; text,
JSON, page, side by side, comparison, difference and `topo verify` are loops over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from topo.analysis.money import CostTerms
from topo.catalog import PriceBook
from topo.checks import Context
from topo.design import Design
from topo.registry import Registry
from topo.report.model import Metrics, Report

LAST = 1000
"""The place of what says none: after everything that does."""


@dataclass(frozen=True)
class Cell:
    """A figure as an interval; both ends are equal where it is known. `note` says what it rests on, `apart` what it is
    without."""

    lower: float
    upper: float
    note: str = ""
    apart: str = ""


@dataclass(frozen=True)
class Column:
    """A question of the comparison: its key, title and unit, whether `less` or `more` is better, its place among the
    rows, and whether it is drawn."""

    key: str
    title: str
    unit: str = ""
    better: Literal["", "less", "more"] = ""
    at: int = LAST
    drawn: bool = False


@dataclass(frozen=True)
class Row:
    """One question. `better` is `less`, `more` or empty; a cell is None where there is no answer; `drawn` rows are
    drawn."""

    key: str
    title: str
    unit: str
    better: str
    cells: tuple[Cell | None, ...]
    drawn: bool = False


@dataclass(frozen=True)
class Comparison:
    """Designs by name, with their titles, and the rows."""

    names: tuple[str, ...]
    titles: tuple[str, ...]
    price_book: str
    rows: tuple[Row, ...]
    price_basis: str = ""
    own_terms: bool = False
    """Money over life is on terms that differ from design to design."""

    def row(self, key: str) -> Row | None:
        """The row of a key; None where no design has an answer."""
        return next((row for row in self.rows if row.key == key), None)


@dataclass(frozen=True)
class Footnote:
    """What a figure says beneath the comparison, and its place there; what several say alike is said once."""

    text: str
    at: int = LAST


@dataclass(frozen=True)
class Asked:
    """A design and what a comparison asks of it. `terms`: what is paid beside the prices of the book; None where
    nothing says."""

    design: Design
    book: PriceBook
    routings: tuple[str, ...]
    time_limit_s: float
    all_failures: bool
    terms: CostTerms | None = None


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


Answers = Mapping[Column, Cell | None]
"""What one figure answers; None where there is no answer."""
PARTS = ("carried", "routed", "counted")
"""A design's answers in parts that share none, the longest first."""


@dataclass(frozen=True)
class Side:
    """A row of the page that holds designs side by side: a number, of which the change is told too, or words; None
    where a design has none."""

    label: str
    read: Callable[[Metrics], float | str | None]
    text: Callable[[float], str] = "{:,.6g}".format
    at: int = LAST


@dataclass(frozen=True)
class Tile:
    """A figure that is shown large."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Tiled:
    """How the page shows a figure large (None where it has none), and its place among the others."""

    make: Callable[[Report], Tile | None]
    at: int = LAST


def _nothing(metrics: Any) -> Any:
    return ()


@dataclass(frozen=True)
class Figure:
    """A figure of one network, registered under its key in the report's `metrics`.

    `title` and `keys` (a path from the metric, empty for itself -> its meaning with its unit) make the reference page.
    `rests_on` tells what proves it: a `certificate`, or a `recount` from the design. `metric` gives its JSON value of a
    network, None where it is not known. `asked` answers the comparison, by part of `PARTS`, and `footnotes` say what
    stands beneath it. `changes` gives rows of a difference (label -> text), `lines` those of the terminal, `sides`
    those of designs side by side, `tile` the large one of the page. `at` is its place wherever no other is said.
    """

    title: str
    keys: Mapping[str, str]
    at: int = LAST
    rests_on: Literal["recount", "certificate"] = "recount"
    metric: Callable[[Context, str], Any] | None = None
    asked: Mapping[str, Callable[[Asked, Subject], Answers]] = field(default_factory=dict)
    footnotes: Callable[[Comparison], Sequence[Footnote]] = _nothing
    changes: Callable[[Metrics], Mapping[str, str]] = lambda metrics: {}
    lines: Callable[[Metrics], Sequence[str]] = _nothing
    sides: Callable[[Sequence[Metrics]], Sequence[Side]] = _nothing
    tile: Tiled | None = None


class _Keys(Registry[Figure]):
    """Figures are keys of the JSON report: they keep the underscores of their modules' names."""

    def names(self) -> tuple[str, ...]:
        """Every key, sorted, without importing the modules behind them."""
        return tuple(sorted({name.replace("-", "_") for name in super().names()}))


figures: Registry[Figure] = _Keys("figure", "topo.report.figures")


def in_order() -> list[tuple[str, Figure]]:
    """Every figure with its key, in the order in which outputs show them."""
    every = [(name, figures.get(name)) for name in figures.names()]
    return sorted(every, key=lambda one: one[1].at)


def known(value: float | None, note: str = "") -> Cell | None:
    """A cell of a number that is known exactly; None for none."""
    return None if value is None else Cell(float(value), float(value), note)
