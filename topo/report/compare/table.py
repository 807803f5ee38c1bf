"""The comparison is made: one row a question, one cell a design."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from topo.analysis.money import CostTerms
from topo.catalog import PriceBook
from topo.design import Design
from topo.errors import InputError
from topo.pool import Crash, Outcome, open_pool
from topo.report.compare.column import answered
from topo.report.compare.resize import all_resized
from topo.report.figure import PARTS, Asked, Cell, Column, Comparison, Row

ROUTINGS = ("adaptive", "spray", "wcmp", "ecmp:seeds=1", "static")
DEFAULT_BOOK = "published-fabric-links"


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
    all. Costs over life are on the terms of the designs' `cost`: where only one set of terms is stated, all are on it;
    where they differ, each is on its own, and one without has none. The loss of any one cable is examined where few
    cables stand for all, or with `all_failures`, and bounded by one argument for all cables elsewhere. With several
    `jobs` the questions are answered by as many processes, with a `scheduler` by the workers of a Dask cluster; the
    answers are the same. `done` is called with the name of a design for each of its `PARTS` that is answered. Raises
    InputError where a design cannot be built (at this size).
    """
    chosen = all_resized(designs, gpus) if gpus is not None else list(designs)
    book = price_book or _common_book(chosen)
    stated = _distinct([d.file.cost for d in chosen])
    terms = [stated[0] if len(stated) == 1 else d.file.cost for d in chosen]
    questions = [
        Asked(d, book, tuple(routings), time_limit_s, all_failures, t) for d, t in zip(chosen, terms, strict=True)
    ]
    columns = _columns(questions, jobs, done, scheduler)
    asked = sorted(dict.fromkeys(one for column in columns for one in column), key=lambda one: one.at)
    rows = [
        Row(one.key, one.title, one.unit, one.better, tuple(column.get(one) for column in columns), one.drawn)
        for one in asked
    ]
    titles = tuple(design.title for design in chosen)
    return Comparison(tuple(d.name for d in chosen), titles, book.id, tuple(rows), book.basis, len(stated) > 1)


def _columns(asked: list[Asked], jobs: int, done: Callable[[str], None], scheduler: str) -> list[dict[Column, Cell]]:
    """The cells of every design. The parts of a column are independent; those that take long come first."""
    parts = [(one, part) for part in PARTS for one in asked]
    columns: list[dict[Column, Cell]] = [{} for _ in asked]

    def made(i: int, result: Outcome[dict[Column, Cell]]) -> None:
        if isinstance(result, InputError):
            raise result
        if isinstance(result, Crash):
            raise result.error()
        columns[i % len(asked)].update(result)
        done(parts[i][0].design.name)

    if not scheduler and (jobs <= 1 or len(asked) < 2):
        for i, part in enumerate(parts):
            made(i, answered(part))
    else:
        with open_pool(min(jobs, len(parts)), scheduler) as pool:
            pool.outcomes(answered, parts, made)
    return columns


def _distinct(terms: Sequence[CostTerms | None]) -> list[CostTerms]:
    result: list[CostTerms] = []
    for one in terms:
        if one is not None and one not in result:
            result.append(one)
    return result


def _common_book(designs: Sequence[Design]) -> PriceBook:
    named = {design.file.price_book for design in designs}
    name = named.pop() if len(named) == 1 else None
    return designs[0].catalog.price_book(name or DEFAULT_BOOK)
