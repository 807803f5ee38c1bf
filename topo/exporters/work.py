"""The order of work of a change plan: what is added, drained and moved in which step, and what carries on meanwhile.

First all new switches, and the cables that only need free ports. Then the links that move, so many at a time that the
throughput that is left stays above a floor: a step drains them, moves them and puts them into service. A step takes one
link of a bundle to the same new switch from every switch below, as many times as the floor allows, so that what is left
is as even as what stood. Each step ends with the new cables into ports that it has freed; the new hosts come last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from topo.analysis.throughput import throughput
from topo.errors import LimitReachedError
from topo.exporters.half_built import OnTheWay, on_the_way
from topo.exporters.plan import Plan
from topo.exporters.table import csv_bytes, rows_to_columns
from topo.fabric.model import IntArray
from topo.placement.cables.change import Changes
from topo.placement.cables.labels import port_labels

MET = 1e-6
"""A bound counts as met within this, as everywhere in a report."""
TITLES = ("step", "action", "old_a", "old_b", "new_a", "new_b")


@dataclass(frozen=True)
class Step:
    """One step: `add`, `drain` or `move` of links (old and new rows, shape (links,) each, -1 where there is none).
    `left`: by network, the proved throughput of adaptive all-to-all between the old hosts while it is done."""

    number: int
    action: str
    old: IntArray
    new: IntArray
    left: dict[str, float]


@dataclass(frozen=True)
class Work:
    """All steps in order. `refused` says why no order of work holds the floor (empty where the steps do), and `least`
    is the proved throughput of its lowest moment."""

    steps: tuple[Step, ...]
    floor: float
    least: float
    refused: str = ""


@dataclass
class _Site:
    """What is in service: old rows, and new rows."""

    way: OnTheWay
    networks: list[str]
    time_limit_s: float
    old: set[int]
    new: set[int] = field(default_factory=set)

    def left(self, out: IntArray) -> dict[str, float]:
        """The proved throughput by network without these old rows."""
        stands = np.array(sorted(self.old - set(out.tolist())), dtype=np.int64)
        fabric = self.way.fabric(stands, np.array(sorted(self.new), dtype=np.int64))
        result = {}
        for name in self.networks:
            try:
                result[name] = throughput(fabric, network=name, time_limit_s=self.time_limit_s).counted().lower
            except LimitReachedError:
                result[name] = 0.0
        return result


def work(old: Plan, new: Plan, result: Changes, floor: float, time_limit_s: float = 30.0) -> Work:
    """The order of work. Raises ParameterError where the new fabric lacks a device or a port that the old one uses."""
    way = on_the_way(old.fabric, new.fabric)
    pairs = [rows for kind, rows in result.pairs.items() if kind != "relabel"]
    none = np.full((len(result.removed), 1), -1)
    moves = np.concatenate([*pairs, np.concatenate([result.removed[:, None], none], axis=1)])
    networks = list(old.fabric.networks)
    site = _Site(way, networks, time_limit_s, set(range(len(old.fabric.links))))
    busy = {int(p) for p in np.concatenate([way.old.a[moves[:, 0]], way.old.b[moves[:, 0]]])}
    links = new.fabric.links
    early = np.array(
        [r for r in result.added.tolist() if not {int(links.a[r]), int(links.b[r])} & busy], dtype=np.int64
    )
    late = np.setdiff1d(result.added, early)
    steps: list[Step] = []
    now = site.left(_NONE)
    if min(now.values()) < floor - MET:
        return Work((), floor, min(now.values()), "the fabric that stands is below the floor before any work")
    if len(early):
        steps.append(Step(1, "add", np.full(len(early), -1), early, now))
        site.new |= set(early.tolist())
    for batch, left in _batches(site, _units(new, old, moves), floor):
        if left is None:
            low = site.left(batch[:, 0])
            where = ", ".join(port_labels(old.fabric, way_port(old, batch[0, 0])))
            lowest = min(low.values())
            return Work(tuple(steps), floor, lowest, f"draining the one link at {where} leaves {lowest:.4g}")
        number = len({s.number for s in steps}) + 1
        steps += [Step(number, action, batch[:, 0], batch[:, 1], left) for action in ("drain", "move")]
        site.old -= set(batch[:, 0].tolist())
        site.new |= set(batch[batch[:, 1] >= 0, 1].tolist())
        busy -= {int(p) for p in np.concatenate([way.old.a[batch[:, 0]], way.old.b[batch[:, 0]]])}
        now_free = np.array([int(links.a[r]) not in busy and int(links.b[r]) not in busy for r in late], dtype=np.bool_)
        if now_free.any():
            steps.append(Step(number, "add", np.full(int(now_free.sum()), -1), late[now_free], site.left(_NONE)))
            site.new |= set(late[now_free].tolist())
            late = late[~now_free]
    return Work(tuple(steps), floor, min([*now.values(), *(v for s in steps for v in s.left.values())]))


_NONE = np.zeros(0, dtype=np.int64)


def way_port(old: Plan, row: int) -> IntArray:
    """The ports at both ends of an old link."""
    return np.array([old.fabric.links.a[row], old.fabric.links.b[row]])


def _units(new: Plan, old: Plan, moves: IntArray) -> list[IntArray]:
    """The moves, a link of each bundle to the same switch above in one unit (shape (links, 2) each)."""
    if not len(moves):
        return []
    keys: list[tuple[bool, int, str, int, int]] = []
    seen: dict[tuple[bool, int, int], int] = {}
    for before, after in moves.tolist():
        side, row = (new.fabric, after) if after >= 0 else (old.fabric, before)
        a, b = int(side.link_a[row]), int(side.link_b[row])
        seen[after >= 0, a, b] = nth = seen.get((after >= 0, a, b), -1) + 1
        kind = side.link_kinds[side.links.kind[row]]
        keys.append((after < 0, int(side.links.network[row]), kind, int(side.devices.index[b]), nth))
    order = sorted(range(len(keys)), key=lambda i: (keys[i], moves[i].tolist()))
    starts = [n for n, i in enumerate(order) if not n or keys[i] != keys[order[n - 1]]]
    return [moves[rows] for rows in np.split(np.array(order), starts[1:])]


def _batches(site: _Site, units: list[IntArray], floor: float) -> Iterator[tuple[IntArray, dict[str, float] | None]]:
    """(moves, throughput left while they are drained) of each step: as many units as the floor allows. A unit that is
    too much is parted; one link that is too much comes with None, as the last."""
    units = list(units)
    while units:
        fits = _most(lambda n: site.left(np.concatenate(units[:n])[:, 0]), len(units), floor)
        if fits is None:
            unit = units.pop(0)
            if len(unit) == 1:
                yield unit, None
                return
            units[:0] = [unit[: len(unit) // 2], unit[len(unit) // 2 :]]
            continue
        number, left = fits
        yield np.concatenate(units[:number]), left
        del units[:number]


def _most(left: Callable[[int], dict[str, float]], most: int, floor: float) -> tuple[int, dict[str, float]] | None:
    """The largest number up to `most` that leaves the floor, by halving, and what it leaves; None where one is too
    many."""
    best: tuple[int, dict[str, float]] | None = None
    low, high, ask = 0, most, most
    while low < high:
        result = left(ask)
        if min(result.values()) >= floor - MET:
            low, best = ask, (ask, result)
        else:
            high = ask - 1
        ask = (low + high + 1) // 2
    return best


def work_csv(old: Plan, new: Plan, value: Work) -> bytes:
    """`steps.csv`: a line a link and action, in order of work."""
    rows = []
    for step in value.steps:
        ends = []
        for plan, which in ((old, step.old), (new, step.new)):
            at = np.maximum(which, 0)
            for port in (plan.fabric.links.a[at], plan.fabric.links.b[at]):
                labels = port_labels(plan.fabric, port)
                ends.append([label if row >= 0 else "" for label, row in zip(labels, which.tolist(), strict=True)])
        rows += [(str(step.number), step.action, *four) for four in zip(*ends, strict=True)]
    return csv_bytes(rows_to_columns(TITLES, rows, ("step",)))
