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
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from topo.searching.bounds import KNOWN, LEVELS, Bound, Bounds
from topo.searching.candidate import Candidate
from topo.searching.listed import dumped
from topo.searching.objectives import OBJECTIVES
from topo.searching.request import Request
from topo.searching.result import HELD, REFUSED, REFUTED
from topo.searching.said import Said, said
from topo.searching.space import Box, Pair, Setting, spaces
from topo.searching.values import unfixed

Vector = tuple[float, ...]
Kind = tuple[str, str, str]
"""A family, a verdict, and the key that refuses."""
NEW: Any = object()


@dataclass(frozen=True, slots=True)
class Group:
    """Candidates none of which can matter, by their bound, and the designs that hold and are at least as good."""

    bound: Bound
    better: frozenset[int]


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
    unseen: dict[Kind, int] = field(default_factory=dict)

    def left(self, request: Request, lines: Sequence[str]) -> Iterator[tuple[int, Candidate, str]]:
        """The candidates to be counted, with their number and line. Raises ValueError where the list does not hold the
        request's candidates, each in its place."""
        number, first = 0, set()
        for host, family, boxes in spaces(request):
            walk = _Walk(self, host, family)
            head = f'"design": {{"host": {dumped(host)}, "family": {dumped(family)}'
            seen: set[str] = set()
            for box in boxes:
                for text, group, setting in walk.settings(box):
                    if text in seen:
                        continue
                    seen.add(text)
                    start = f'{{"number": {number}, {head}{text}}}, "verdict": '
                    line = lines[number] if number < len(lines) else ""
                    if not line.startswith(start):
                        raise ValueError(f"candidate {number} is listed as {line[:80]}")
                    kind = walk.kind(group, line[len(start) :], setting)
                    if kind is None or kind not in first or number in self.named:
                        first.add(kind)
                        yield number, Candidate(host, family, tuple(filter(None, setting))), line
                    else:
                        self.unseen[kind] = self.unseen.get(kind, 0) + 1
                    number += 1
        if number != len(lines):
            raise ValueError(f"{len(lines):,} are listed, the request has {number:,}")

    def group(self, host: str, family: str, keys: Sequence[Pair]) -> Group | None:
        """The group of candidates with these values among others; None where one of them may matter."""
        bound = self.bounds.of(host, family, keys)
        if bound is None:
            return None
        better = frozenset(n for n, reached in self.held.items() if _at_least_as_good(reached, bound.best))
        best = self.family_best.get(family, -math.inf)
        if bound.impossible or (len(better) >= self.top and best is not None and bound.best[0] > best):
            return Group(bound, better)
        return None

    def follows(self, row: Said, group: Group) -> bool:
        """Whether what a row says agrees with the bounds of its group."""
        bound = group.bound
        if bound.impossible or row.state == REFUSED:
            return row.state == REFUSED
        if row.switches < bound.least_switches or row.usd < bound.least_usd * (1 - 1e-9):
            return False
        if row.state == REFUTED:
            return row.requirement in self.asked
        return row.by in group.better and row.switches >= bound.switches and row.usd >= bound.usd * (1 - 1e-9)


@dataclass
class _Walk:
    """The candidates of one host and family, and what is known so far: of groups that agree in the first of `LEVELS` by
    how a line names those keys, of others by their pairs, and of what lines say."""

    passing: Passing
    host: str
    family: str
    known: dict[str, Group | None] = field(default_factory=dict)
    finer: dict[tuple[Pair, ...], Group | None] = field(default_factory=dict)
    said: dict[str, Said | None] = field(default_factory=dict)
    kinds: dict[tuple[str, str], Kind | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Names of keys and values are made once."""
        self.texts, self.names = _Texts(), _Texts(LEVELS[0])

    def settings(self, box: Box) -> Iterator[tuple[str, str, Setting]]:
        """Every setting with how a line tells its keys, and the name of its group."""
        texts, names = self.texts, self.names
        if box.more:
            return (("".join([texts[p] for p in s]), "".join([names[p] for p in s]), s) for s in box.settings())
        told = map("".join, product(*[[texts[p] for p in values] for values in box.values]))
        name = map("".join, product(*[[names[p] for p in values] for values in box.values]))
        return zip(told, name, box.settings(), strict=True)

    def kind(self, group: str, tail: str, setting: Setting) -> Kind | None:
        """Of what kind a candidate that can be passed over is said to be; None where it has to be counted."""
        known = (group, tail)
        if known in self.kinds:
            return self.kinds[known]
        if self.texts.foreign:
            return None
        of: Group | None = self.known.get(group, NEW)
        if of is NEW:
            of = self.known[group] = self._group(setting, LEVELS[0])
        if of is not None:
            kind = self.kinds[known] = self._kind(tail, of)
            return kind
        for level in LEVELS[1:]:
            keys = tuple([pair for pair in setting if pair and pair[0] in level])
            of = self.finer.get(keys, NEW)
            if of is NEW:
                of = self.finer[keys] = self.passing.group(self.host, self.family, keys)
            if of is not None:
                return self._kind(tail, of)
        return None

    def _group(self, setting: Setting, level: Set[str]) -> Group | None:
        return self.passing.group(self.host, self.family, [pair for pair in setting if pair and pair[0] in level])

    def _kind(self, tail: str, group: Group) -> Kind | None:
        row = self.said.get(tail, NEW)
        if row is NEW:
            row = self.said[tail] = said(f'{{"verdict": {tail}')
        return (self.family, row.state, row.key) if row and self.passing.follows(row, group) else None


class _Texts(dict[Pair | None, str]):
    """How a line tells a key and its value; nothing of keys beside `only`. `foreign` where one has no bounds."""

    def __init__(self, only: Set[str] | None = None) -> None:
        """Of all keys, or of some."""
        self.only, self.foreign = only, False

    def __missing__(self, pair: Pair | None) -> str:
        """Made when it is asked for first."""
        result = ""
        if pair is not None and (self.only is None or pair[0] in self.only):
            result = f", {dumped(pair[0])}: {dumped(unfixed(pair[1]))}"
            self.foreign = self.foreign or pair[0] not in KNOWN
        self[pair] = result
        return result


def _at_least_as_good(one: Vector, other: Vector) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True))


def passing(stated: Mapping[str, Any], request: Request, lines: Sequence[str], bounds: Bounds) -> Passing:
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
