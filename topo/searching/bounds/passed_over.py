"""Goes through a list of candidates and passes over whole groups whose bounds show that none of them can matter.

A candidate is passed over where each of these is so, and is counted otherwise:

* the list names it in its place, and says of it what such a list can say: refused, refuted or dominated by counts;
* by its group's bound it can be no better in anything than as many designs that hold as are listed at the top;
* by the bound it costs more (in the first objective) than what is said to be the best of its family;
* the figures of its row are no less than the bounds, and what it is said to be dominated by is at least as good.

So whatever its verdict should be, it is no winner, no point of the front, and not the best of its family. The first
candidate with each verdict and key of a family is counted in any case, as are those that the result names.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import islice
from typing import Any

import numpy as np

from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.searching.bounds.groups import FIGURES, Bounds
from topo.searching.bounds.places import Groups, Places
from topo.searching.bounds.says import Says
from topo.searching.candidates.candidate import Candidate
from topo.searching.candidates.objectives import OBJECTIVES
from topo.searching.candidates.request import Request
from topo.searching.candidates.space import Pair, Setting, spaces
from topo.searching.record.result import HELD

Vector = tuple[float, ...]
Kind = tuple[str, str, str]
"""A family, a verdict, and the key that refuses."""
VERDICT = '}, "verdict": '
"""What follows the keys of a candidate in its line."""


@dataclass
class Passing:
    """What can be passed over. `held` are the designs that are said to hold, `top` how many are listed, `family_best`
    the figure in the first objective that is said to be the best of each family (None where it has none), `named` the
    candidates that the result speaks of, `asked` the requirements. `unseen` are those that were passed over."""

    bounds: Bounds
    held: Mapping[int, Vector]
    top: int
    family_best: Mapping[str, float | None]
    named: frozenset[int]
    asked: frozenset[str]
    unseen: dict[Kind, int] = field(default_factory=lambda: defaultdict(int))
    first: set[Kind] = field(default_factory=set)
    """The kinds of which one was counted."""

    def left(self, request: Request, lines: Iterable[str]) -> Iterator[tuple[int, Candidate, str]]:
        """The candidates to be counted, with their number and line. Raises ValueError where the list does not hold the
        request's candidates, each in its place."""
        number, rest = 0, iter(lines)
        for host, family, blocks in spaces(request):
            places = Places(host, family, self.bounds, partial(self.groups, host, family))
            rows, says = _Rows(), Says(self.held, self.asked)
            for block in blocks:
                told = places.told(block)
                part = list(islice(rest, len(told.texts)))
                rows.says += says.numbers(_tails(part, number + len(rows.lines), places.head(block), told.texts))
                rows.groups.append(places.of(block))
                rows.lines += part
                rows.settings += told.settings
                rows.switches += [block.switch] * len(part)
            for n in self._counted(family, rows, says, places.groups(), number):
                keys = (rows.switches[n], *filter(None, rows.settings[n]))
                yield number + n, Candidate(host, family, keys), rows.lines[n]
            number += len(rows.lines)
        if next(rest, None) is not None:
            raise ValueError(f"more are listed than the {number:,} of the request")

    def _counted(self, family: str, rows: _Rows, says: Says, groups: Groups, number: int) -> list[int]:
        """Which of the candidates from `number` on have to be counted; the others are passed over."""
        said = np.array(rows.says, dtype=np.intp)
        past = says.follow(said, groups, np.concatenate([*rows.groups, np.zeros(0, dtype=np.intp)]))
        past[[n - number for n in self.named if 0 <= n - number < len(past)]] = False
        kind_of, kinds = says.kinds()
        for place, (state, key) in enumerate(kinds):
            own = np.flatnonzero(past & (kind_of[said] == place))
            if len(own):
                kind = family, state, key
                if kind not in self.first:
                    self.first.add(kind)
                    past[own[0]] = False
                self.unseen[kind] += int(np.count_nonzero(past[own]))
        return np.flatnonzero(~past).tolist()

    def groups(self, host: str, family: str, asked: Sequence[Sequence[Pair]]) -> tuple[BoolArray, Groups]:
        """Which groups, each of candidates with these values among others, have none that may matter; and these."""
        told, reach, figures = self.bounds.of(host, family, asked)
        better: BoolArray = np.asarray((self._reached <= reach[:, np.newaxis]).all(axis=2))
        best = self.family_best.get(family, -math.inf)
        past = figures[:, FIGURES.index("impossible")] > 0
        if best is not None:
            past |= (np.count_nonzero(better, axis=1) >= self.top) & (reach[:, 0] > best)
        past &= told
        return past, Groups(figures[past], better[past])

    @cached_property
    def _reached(self) -> FloatArray:
        """Shape (designs that hold, objectives)."""
        return np.array([*self.held.values()]).reshape(len(self.held), len(self.bounds.request.objectives))


@dataclass
class _Rows:
    """Candidates of one host and family in their order: what each line says, by number, the group of each, their lines,
    their settings beside the switch, and the switch."""

    says: list[int] = field(default_factory=list)
    groups: list[IntArray] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    switches: list[Pair] = field(default_factory=list)


def _tails(lines: Sequence[str], number: int, head: str, texts: Sequence[str]) -> list[str]:
    """What lines say after the keys of their candidates; raises ValueError where one is not about its candidate."""
    starts = [f'{{"number": {n}, {head}{text}{VERDICT}' for n, text in enumerate(texts, number)]
    if len(lines) < len(starts) or not all(map(str.startswith, lines, starts)):
        raise ValueError(f"the list is not of the candidates from {number:,} on")
    return [line[len(start) :] for line, start in zip(lines, starts, strict=True)]


def passing(stated: Mapping[str, Any], request: Request, lines: Iterable[str], bounds: Bounds) -> Passing:
    """What can be passed over of a list of candidates, by what the result says."""
    held: dict[int, Vector] = {}
    for line in lines:
        if '"judged": ' in line:
            row = json.loads(line)
            if row.get("verdict") == HELD:
                held[int(row["number"])] = goal_vector(row["judged"]["values"], request)
    goal = OBJECTIVES[request.objectives[0]]
    best: dict[str, float | None] = {}
    named = [entry.get("number") for entry in (stated.get("winner") or {}, *stated.get("top", []))]
    for family, reason in stated["why_not"].items():
        named.append(reason.get("number"))
        figure = reason["certificate"].get("at_least") if reason["certificate"].get("kind") == "counts" else None
        least = None if figure is None else goal.least(float(figure))
        best[family] = None if least is None else least + 1e-9 * abs(least)
    numbers = frozenset(n for n in named if isinstance(n, int))
    asked = frozenset(requirement.id for requirement in request.requirements)
    return Passing(bounds, held, max(len(stated.get("top", [])), 1), best, numbers, asked)


def goal_vector(values: Mapping[str, Any], request: Request) -> Vector:
    """Measured values by objective, less being better."""
    return tuple(OBJECTIVES[name].least(float(values[name])) for name in request.objectives)
