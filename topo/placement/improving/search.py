"""The search for better seats: exact where the floor is small, else large neighbourhoods from the rule's placement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.placement.improving.objective import Metric, Objective
from topo.placement.improving.seats import Hall
from topo.solvers.seating import Limit, Part, Term, seat

EXACT_PRODUCTS = 20_000
"""Products of choices up to which the whole floor is one model."""

AT_ONCE, CANDIDATES = 400, 12
"""Devices that move at once where no two are linked, and the seats each of them is offered beside its own."""


SOLVER, CELL, GUESS, MODEL = 2.2, 3e-5, 1e-7, 2e-2
"""Seconds of a usual processor for a unit of the solver's own count of work, a cell of a cost table, a cell of an
assignment, a model. What is counted is the same everywhere; the seconds are not."""


@dataclass
class Search:
    """The best seats so far (shape (devices,)) and what is left of the solver's work."""

    hall: Hall
    metric: Metric
    objective: Objective
    seats: IntArray
    work_left: float
    bound: int = 0
    proved: bool = False
    cost: int = field(init=False)
    values: IntArray = field(init=False)

    def __post_init__(self) -> None:
        self.values = self._values(self.seats)
        starts = self.objective.starts
        groups = np.maximum.reduceat(self.values, starts) if len(starts) else self.values
        self.cost = int((groups * self.objective.weight).sum())

    def _values(self, seats: IntArray) -> IntArray:
        entries = self.objective.entries
        return self.objective.value(self.metric.length_mm(seats[entries.a], seats[entries.b]), entries.reach_mm)

    @cached_property
    def movable(self) -> IntArray:
        """Devices that are not pinned and that some link joins."""
        linked = np.zeros(len(self.seats), dtype=np.bool_)
        linked[self.objective.entries.a] = linked[self.objective.entries.b] = True
        linked[sorted(self.hall.pinned)] = False
        return np.flatnonzero(linked)

    def choices_of(self, devices: IntArray) -> list[IntArray]:
        """For each of these devices the seats of its kind that they leave free or that are free anyway."""
        open_seats = self._open(devices)
        kinds = self.hall.seats.kind[open_seats]
        return [open_seats[kinds == self.hall.kind[d]] for d in devices.tolist()]

    def _open(self, devices: IntArray) -> IntArray:
        """Seats that nobody but these devices has, and that touch no seat which others have."""
        taken = np.zeros(len(self.hall.seats), dtype=np.bool_)
        others = np.ones(len(self.seats), dtype=np.bool_)
        others[devices] = False
        taken[self.seats[others]] = True
        one, near = self.hall.clashing
        blocked = taken.copy()
        blocked[one[taken[near]]] = True
        return np.flatnonzero(~blocked)

    def exact(self) -> bool:
        """Solves the whole floor as one model where it is small enough; tells whether it was."""
        devices = self.movable
        if not len(devices):
            self.bound, self.proved = self.cost, True
            return True
        choices = self.choices_of(devices)
        size = {d: len(c) for d, c in zip(devices.tolist(), choices, strict=True)}
        entries = self.objective.entries
        pairs = zip(entries.a.tolist(), entries.b.tolist(), strict=True)
        products = sum(size.get(a, 1) * size.get(b, 1) for a, b in pairs)
        if products > EXACT_PRODUCTS:
            return False
        result = self._solve(devices, choices, self.work_left / 2)
        if result is not None:
            self.bound, self.proved = result
        return self.proved

    def _solve(self, devices: IntArray, choices: Sequence[IntArray], work: float) -> tuple[int, bool] | None:
        """Moves devices to the best of their choices (each holds the device's own seat), others staying; keeps what is
        better. Gives a lower bound on the cost of all such moves, and whether it is met; None without an answer."""
        item = {d: i for i, d in enumerate(devices.tolist())}
        terms, constant = self._terms(item, choices)
        start = [int(np.flatnonzero(c == self.seats[d])[0]) for d, c in zip(devices.tolist(), choices, strict=True)]
        size = sum(p.cost.size for t in terms for p in t.parts) + sum(len(c) for c in choices)
        answer = seat([len(c) for c in choices], terms, self._limits(devices, choices), start, max(work / SOLVER, 0.01))
        self.work_left -= (SOLVER * answer.work if answer else work) + CELL * size
        if answer is None:
            return None
        trial = self.seats.copy()
        trial[devices] = [c[i] for c, i in zip(choices, answer.choice, strict=True)]
        self._keep(trial)
        return constant + answer.bound, answer.proved

    def _keep(self, seats: IntArray) -> bool:
        """Keeps a seating that costs less."""
        values = self._values(seats)
        cost = int((np.maximum.reduceat(values, self.objective.starts) * self.objective.weight).sum())
        if cost >= self.cost:
            return False
        self.seats, self.cost, self.values = seats, cost, values
        return True

    def _terms(self, item: dict[int, int], choices: Sequence[IntArray]) -> tuple[list[Term], int]:
        """The costs of groups that these devices touch, and the sum of all others. What depends on one device alone is
        summed up for it."""
        objective, entries = self.objective, self.objective.entries
        rows = np.unique(np.concatenate([objective.touching(d) for d in item]))
        touched = np.unique(entries.group[rows])
        groups = np.maximum.reduceat(self.values, objective.starts)[touched]
        constant = self.cost - int((groups * objective.weight[touched]).sum())
        mask = np.zeros(len(self.seats), dtype=np.bool_)
        mask[list(item)] = True
        both = mask[entries.a] & mask[entries.b]
        single = objective.alone & ~both
        linear = [self._linear(d, choices[i], single) for d, i in item.items()]
        terms = []
        ends = np.append(objective.starts, len(entries))
        for group in touched[~single[objective.starts[touched]]].tolist():
            term = self._term(
                range(int(ends[group]), int(ends[group + 1])), int(objective.weight[group]), item, choices
            )
            if all(p.j < 0 and p.i == term.parts[0].i for p in term.parts):
                linear[term.parts[0].i] += term.weight * np.max([p.cost for p in term.parts], axis=0)
            else:
                terms.append(term)
        terms += [Term(1, (Part(i, -1, cost),)) for i, cost in enumerate(linear)]
        return terms, constant

    def _linear(self, device: int, seats: IntArray, single: BoolArray) -> IntArray:
        """What the device's links to others cost on each of these seats, without those that share cages."""
        entries = self.objective.entries
        rows = self.objective.touching(device)
        rows = rows[single[rows]]
        other = np.where(entries.a[rows] == device, entries.b[rows], entries.a[rows])
        length = self.metric.length_mm(self.seats[other][:, None], seats[None, :])
        value = self.objective.value(length, entries.reach_mm[rows][:, None])
        return np.asarray(self.objective.weight[entries.group[rows]] @ value, dtype=np.int64)

    def _term(self, rows: range, weight: int, item: dict[int, int], choices: Sequence[IntArray]) -> Term:
        """The cost of a group of entries by the choices that decide it."""
        objective, entries = self.objective, self.objective.entries
        parts: list[Part] = []
        fixed = 0
        for e in rows:
            a, b = int(entries.a[e]), int(entries.b[e])
            i, j = item.get(a, -1), item.get(b, -1)
            if i < 0 and j < 0:
                fixed = max(fixed, int(self.values[e]))
                continue
            if i >= 0 and j >= 0:
                length = self.metric.length_mm(choices[i][:, None], choices[j][None, :])
            else:
                i, j, other = (i, -1, b) if i >= 0 else (j, -1, a)
                length = self.metric.length_mm(choices[i], self.seats[other])
            parts.append(Part(i, j, objective.value(length, entries.reach_mm[e])))
        return Term(weight, tuple(Part(p.i, p.j, np.maximum(p.cost, fixed)) for p in parts))

    def _limits(self, devices: IntArray, choices: Sequence[IntArray]) -> list[Limit]:
        """One device a seat, no two in the same units, and units, power and hosts of every rack; those that bind."""
        hall = self.hall
        users: dict[int, list[tuple[int, int, int]]] = {}
        for i, own in enumerate(choices):
            for c, one in enumerate(own.tolist()):
                users.setdefault(one, []).append((i, c, 1))
        limits = [Limit(1, tuple(result)) for result in users.values() if len(result) > 1]
        for one, result in users.items():
            for other in hall.clashes.get(one, ()):
                if other > one and other in users:
                    limits.append(Limit(1, tuple(result + users[other])))
        racks: dict[int, list[int]] = {}
        for one in users:
            racks.setdefault(int(hall.seats.rack[one]), []).append(one)
        for values, most in hall.amounts:
            now = np.bincount(hall.seats.rack[self.seats], weights=values, minlength=len(self.metric.routes.racks))
            moved = np.bincount(hall.seats.rack[self.seats[devices]], weights=values[devices], minlength=len(now))
            own = values[devices].tolist()
            for rack, there in racks.items():
                room = max(most, int(now[rack])) - int(now[rack] - moved[rack])
                if sum(max(own[i] for i, _, _ in users[s]) for s in there) > room:
                    used = tuple((i, c, own[i]) for s in there for i, c, _ in users[s] if own[i])
                    limits.append(Limit(room, used))
        return limits

    def sweep(self, devices: IntArray, work: float) -> None:
        """Moves devices of one kind, no two of them linked, all at once. An assignment without the limits says which
        seats to offer; the constraint solver then keeps the limits."""
        from scipy.optimize import linear_sum_assignment

        for at in range(0, len(devices), AT_ONCE):
            if self.work_left <= 0:
                return
            own = devices[at : at + AT_ONCE]
            seats = self.choices_of(own[:1])[0] if len(own) == 1 else self._kind_seats(own)
            guide = self._guide(own, seats)
            _, best = linear_sum_assignment(guide)
            self.work_left -= GUESS * guide.size
            if self._adopted(own, seats[best]):
                continue
            near = np.argsort(guide, axis=1, kind="stable")[:, :CANDIDATES]
            offered = np.concatenate([self.seats[own][:, None], seats[best][:, None], seats[near]], axis=1)
            self._solve(own, [np.unique(row) for row in offered], min(work, self.work_left))

    def _adopted(self, devices: IntArray, seats: IntArray) -> bool:
        """Takes these seats where they keep every limit and cost less."""
        hall = self.hall
        trial = self.seats.copy()
        trial[devices] = seats
        chosen = np.zeros(len(hall.seats), dtype=np.bool_)
        chosen[trial] = True
        one, near = hall.clashing
        if (chosen[one] & chosen[near]).any():
            return False
        for values, most in hall.amounts:
            now, then = (
                np.bincount(hall.seats.rack[s], weights=values, minlength=len(self.metric.routes.racks))
                for s in (self.seats, trial)
            )
            if (then > np.maximum(now, most)).any():
                return False
        return self._keep(trial)

    def _kind_seats(self, devices: IntArray) -> IntArray:
        seats = self._open(devices)
        return np.asarray(seats[self.hall.seats.kind[seats] == self.hall.kind[devices[0]]])

    def _guide(self, devices: IntArray, seats: IntArray) -> FloatArray:
        """Shape (devices, seats): the cost of each device on each seat, its neighbours staying. For lengths summed rack
        by rack, without what devices of one rack need between their heights."""
        entries = self.objective.entries
        row = np.full(len(self.seats), -1, dtype=np.int64)
        row[devices] = np.arange(len(devices))
        sides = []
        for here, there in ((entries.a, entries.b), (entries.b, entries.a)):
            rows = np.flatnonzero(row[here] >= 0)
            sides.append((rows, row[here[rows]], there[rows]))
        entry, item, other = (np.concatenate(column) for column in zip(*sides, strict=True))
        weight = self.objective.weight[entries.group[entry]].astype(np.float64)
        if self.objective.optical:
            return self._optical_guide(len(devices), seats, entry, item, other, weight)
        base, drops, _ = self.metric.between
        n = len(base)
        at = item * n + self.hall.seats.rack[self.seats[other]]
        drop = self.metric.drop_m[self.seats[other]]
        by_rack = np.bincount(at, weights=weight, minlength=len(devices) * n).reshape(-1, n)
        dropped = np.bincount(at, weights=weight * drop, minlength=len(devices) * n).reshape(-1, n)
        rack = self.hall.seats.rack[seats]
        per_rack = by_rack @ base + dropped @ drops
        return np.asarray(per_rack[:, rack] + (by_rack @ drops)[:, rack] * self.metric.drop_m[seats])

    def _optical_guide(
        self, devices: int, seats: IntArray, entry: IntArray, item: IntArray, other: IntArray, weight: FloatArray
    ) -> FloatArray:
        guide = np.zeros((devices, len(seats)))
        reach = self.objective.entries.reach_mm[entry]
        order = np.argsort(item, kind="stable")
        start = np.searchsorted(item[order], np.arange(devices + 1))
        for i in range(devices):
            own = order[start[i] : start[i + 1]]
            length = self.metric.length_mm(seats[None, :], self.seats[other[own]][:, None])
            guide[i] = weight[own] @ (length > reach[own][:, None])
        return guide

    def neighbourhoods(self, work: float, size: int = 8) -> None:
        """Frees a few devices at a time, linked ones and near ones, and seats them anew together, until the work is
        spent. The choice is random with a fixed seed."""
        rng = np.random.default_rng(1)
        entries = self.objective.entries
        devices = self.movable
        while self.work_left > 0 and len(devices):
            first = int(rng.choice(devices))
            rows = self.objective.touching(first)
            linked = np.unique(np.concatenate([entries.a[rows], entries.b[rows]]))
            linked = linked[np.isin(linked, devices)]
            few = rng.choice(linked, min(size // 2, len(linked)), replace=False)
            alike = devices[self.hall.kind[devices] == self.hall.kind[first]]
            more = rng.choice(alike, min(size // 2, len(alike)), replace=False)
            selected = np.unique(np.concatenate([[first], few, more])).astype(np.int64)
            offered = []
            for device, seats in zip(selected.tolist(), self.choices_of(selected), strict=True):
                own = np.isin(seats, self.seats[selected])
                free = seats[~own]
                if len(free) > 4:
                    guide = self._guide(np.array([device]), free)[0]
                    free = free[np.argsort(guide, kind="stable")[:4]]
                offered.append(np.union1d(seats[own], free))
            self.work_left -= MODEL
            self._solve(selected, offered, min(work, self.work_left))
