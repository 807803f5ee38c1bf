"""What each stage can be, and what is bought from one to the next.

A sequence keeps host, family and switch parts, as growth does: those that do form a group. What is bought is kept: of
each switch part and each kind of link a stage buys what it has more of than all stages before it had.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topo.errors import InputError, Problem
from topo.fabric.model import FloatArray
from topo.generators.family import families
from topo.searching.candidates.candidate import Candidate
from topo.searching.candidates.count import Counted, Counter
from topo.searching.candidates.request import Request
from topo.searching.candidates.space import candidates
from topo.searching.record.result import OPEN, Row
from topo.searching.running.run import counter_of, first_look, no_cycles
from topo.searching.running.wrong_space import AT_MOST, refuse_many

Item = tuple[str, str, float]
"""What is bought: `switch` and a part, or `link`, its kind and its Gb/s."""


@dataclass(frozen=True)
class Group:
    """Rows of each stage that may follow each other. `need[s]` has shape (rows of stage s, items), `usd` the price of
    an item."""

    rows: tuple[tuple[Row, ...], ...]
    need: tuple[FloatArray, ...]
    usd: FloatArray

    def bought(self, stage: int, option: int, owned: FloatArray) -> tuple[float, FloatArray]:
        """What a stage buys in USD beside what is owned, and what is owned then."""
        after = np.maximum(owned, self.need[stage][option])
        return float((after - owned) @ self.usd), after

    def least(self, stage: int, owned: FloatArray) -> FloatArray:
        """Of each row of a stage the least that it and all stages after it buy beside what is owned."""
        after = np.maximum(owned, self.need[stage])
        now = (after - owned) @ self.usd
        if stage == len(self.need) - 1:
            return np.asarray(now)
        last = self.need[-1]
        left = [float((np.maximum(last - one, 0.0) @ self.usd).min()) if len(last) else np.inf for one in after]
        return np.asarray(now + left)


def stage_requests(request: Request) -> tuple[Request, ...]:
    """The request of each stage; early stages may also be built for the last, so that later nothing moves."""
    last = request.file.stages[-1]
    result = []
    for gpus in request.file.stages:
        more = {} if gpus == last or "build_for_gpus" in request.axes else {"build_for_gpus": (last, None)}
        result.append(request.of_size(gpus, more))
    return tuple(result)


def looked_at(
    request: Request, at_most: int = AT_MOST, result: list[list[Row]] | None = None
) -> tuple[tuple[Row, ...], ...]:
    """Every candidate of every stage by its closed forms; raises InputError where a stage has too many, before any is
    counted. `found` is filled as they are: an interruption leaves there what was counted."""
    every = [(one, counter_of(one)) for one in stage_requests(request)]
    for one, counter in every:
        _refuse_unpriced(one, counter)
        refuse_many(one, at_most, counter)
    stages = [] if result is None else result
    with no_cycles():
        for one, counter in every:
            rows: list[Row] = []
            stages.append(rows)
            for number, candidate in enumerate(candidates(one)):
                rows.append(first_look(number, candidate, counter, one))
    return tuple(map(tuple, stages))


def _refuse_unpriced(request: Request, counter: Counter) -> None:
    """Raises InputError where a link's price depends on where its cable lies."""
    if counter.unit_priced:
        return
    message = "stages are priced by switch and kind of link; this book and floor do not price links so"
    key = ("price_book",) if request.file.price_book else ("stages",)
    book = str(request.common.get("price_book"))
    raise InputError(Problem(message, key[0], book, "", "", request.document.path, request.document.line(key)))


def groups_of(request: Request, stages: Sequence[Sequence[Row]]) -> tuple[Group, ...]:
    """The groups of candidates that closed forms leave open, in the order of the first stage."""
    counters = [counter_of(one) for one in stage_requests(request)]
    known: dict[tuple[object, ...], list[list[Row]]] = {}
    for place, rows in enumerate(stages):
        for row in rows:
            if row.state == OPEN:
                known.setdefault(_alike(row.candidate), [[] for _ in stages])[place].append(row)
    result = []
    for lists in known.values():
        if not all(lists):
            continue
        items: dict[Item, float] = {}
        needs = []
        for counter, rows in zip(counters, lists, strict=True):
            needs.append([_items(counter, row, items) for row in rows])
        order = {item: i for i, item in enumerate(items)}
        tables = []
        for need in needs:
            table = np.zeros((len(need), len(order)))
            for i, one in enumerate(need):
                for item, number in one.items():
                    table[i, order[item]] = number
            tables.append(table)
        result.append(Group(tuple(map(tuple, lists)), tuple(tables), np.array(list(items.values()))))
    return tuple(result)


def _alike(candidate: Candidate) -> tuple[object, ...]:
    """What growth keeps: host, family, and the part of every tier."""
    tiers = [k for k in families.get(candidate.family).params.model_fields if k.endswith("switch")]
    parts = [candidate.get(k) or candidate.get("switch") for k in tiers]
    return (candidate.host, candidate.family, *parts)


def _items(counter: Counter, row: Row, prices: dict[Item, float]) -> dict[Item, float]:
    """What a candidate needs, by item; the prices of new items are added."""
    counted = row.counted
    assert isinstance(counted, Counted)
    result: dict[Item, float] = {}
    for part, number in counted.parts.items():
        item = ("switch", part, 0.0)
        prices.setdefault(item, counter.switch_usd(part))
        result[item] = float(number)
    for kind, number in counted.counts.links.items():
        gbps = counter.link_gbps(row.candidate, kind)
        item = ("link", kind, gbps)
        prices.setdefault(item, counter.link_usd(kind, gbps)[0])
        result[item] = float(number)
    return result
