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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice, product, repeat
from typing import Any, NamedTuple

from topo.searching.bounds.groups import FLAT, GROUPS, KNOWN, LEVELS, PARTS, RATIO, RATIOED, Bound, Bounds
from topo.searching.candidates.candidate import Candidate
from topo.searching.candidates.objectives import OBJECTIVES
from topo.searching.candidates.request import Request
from topo.searching.candidates.space import Block, Choices, Pair, Setting, spaces
from topo.searching.candidates.values import unfixed
from topo.searching.record.listed import dumped
from topo.searching.record.result import HELD, REFUSED, REFUTED
from topo.searching.record.said import Said, said

Vector = tuple[float, ...]
Kind = tuple[str, str, str]
"""A family, a verdict, and the key that refuses."""
NEW: Any = object()
ALIKE = (*FLAT, GROUPS)
"""Families whose keys are sizes, most of which bounds depend on: a group is called by all but its switch."""
VERDICT = '}, "verdict": '
"""What follows the keys of a candidate in its line."""


class Group(NamedTuple):
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
    unseen: dict[Kind, int] = field(default_factory=lambda: defaultdict(int))

    def left(self, request: Request, lines: Iterable[str]) -> Iterator[tuple[int, Candidate, str]]:
        """The candidates to be counted, with their number and line. Raises ValueError where the list does not hold the
        request's candidates, each in its place."""
        number, named, unseen = 0, self.named, self.unseen
        first: set[Kind | None] = {None}
        rest = iter(lines)
        for host, family, blocks in spaces(request):
            walk = _Walk(self, host, family)
            for block in blocks:
                told = walk.told(block)
                part = list(islice(rest, len(told.texts)))
                tails = _tails(part, number, walk.head(block), told.texts)
                for kind, line, setting in zip(walk.kinds(block, told, tails), part, told.settings, strict=True):
                    if kind is None or kind not in first or number in named:
                        first.add(kind)
                        yield number, Candidate(host, family, (block.switch, *filter(None, setting))), line
                    else:
                        unseen[kind] += 1
                    number += 1
        if next(rest, None) is not None:
            raise ValueError(f"more are listed than the {number:,} of the request")

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


class _Told(NamedTuple):
    """The candidates of a block, each once, by their keys beside the switch: how a line tells them, what they add to
    the name of a group, and the setting. `foreign` where one of these keys is none that bounds know."""

    texts: Sequence[str]
    names: Sequence[str]
    settings: Sequence[Setting]
    foreign: bool


@dataclass
class _Walk:
    """The candidates of one host and family, and what is known so far: of groups by the pairs that bounds depend on, of
    what lines say, and of both."""

    passing: Passing
    host: str
    family: str
    known: dict[tuple[str, str], Kind | None] = field(default_factory=dict)
    groups: dict[str, Group | None] = field(default_factory=dict)
    by_keys: dict[tuple[Pair, ...], Group | None] = field(default_factory=dict)
    said: dict[str, Said | None] = field(default_factory=dict)
    rests: dict[int, tuple[Choices, _Told]] = field(default_factory=dict)

    @cached_property
    def levels(self) -> tuple[frozenset[str], ...]:
        """Keys that bounds of this family depend on, and more of them."""
        return (*LEVELS, LEVELS[-1] | {RATIO}) if self.family in RATIOED else LEVELS

    @cached_property
    def names(self) -> _Memo:
        """What each pair adds to the name of a group: the same for parts that bounds cannot tell apart."""
        return _Memo(self._name)

    def head(self, block: Block) -> str:
        """How the lines of a block begin after their number."""
        return f'"design": {{"host": {dumped(self.host)}, "family": {dumped(self.family)}{_text(block.switch)}'

    def told(self, block: Block) -> _Told:
        """The candidates of a block, made once for all switch parts that have the same choices."""
        rest = block.rest
        if id(rest) not in self.rests:
            self.rests[id(rest)] = rest, self._told(block)
        return self.rests[id(rest)][1]

    def _told(self, block: Block) -> _Told:
        rest, texts_of = block.rest, _Memo(_text)
        if rest.more:
            every = [setting[1:] for setting in block.settings()]
            texts = ["".join([texts_of[pair] for pair in setting]) for setting in every]
        else:
            every = list(chain.from_iterable(product(*values) for values in rest.boxes))
            texts = [text for values in rest.boxes for text in _joined(values, texts_of)]
        if self.family in ALIKE:
            names = texts
        elif rest.more:
            names = ["".join([self.names[pair] for pair in setting]) for setting in every]
        else:
            names = [name for values in rest.boxes for name in _joined(values, self.names)]
        foreign = not {pair[0] for pair in texts_of if pair} <= KNOWN
        if len(set(texts)) == len(texts):
            return _Told(texts, names, every, foreign)
        places = sorted({text: place for place, text in reversed([*enumerate(texts)])}.values())
        return _Told([texts[i] for i in places], [names[i] for i in places], [every[i] for i in places], foreign)

    def _name(self, pair: Pair | None) -> str:
        if pair is None or pair[0] not in self.levels[-1]:
            return ""
        return f"{pair[0]}={self.passing.bounds.part(pair[1]) if pair[0] in PARTS else pair[1]!r} "

    def kinds(self, block: Block, told: _Told, tails: Sequence[str]) -> Sequence[Kind | None]:
        """Of what kind each candidate that can be passed over is said to be; None where it has to be counted."""
        if told.foreign:
            return [None] * len(tails)
        switch, known = self.names[block.switch], self.known
        pairs = [(switch + name, tail) for name, tail in zip(told.names, tails, strict=True)]
        result = list(map(known.get, pairs, repeat(NEW)))
        if NEW in result:
            for place, kind in enumerate(result):
                if kind is NEW:
                    pair = pairs[place]
                    if pair not in known:
                        known[pair] = self._kind(*pair, (block.switch, *told.settings[place]))
                    result[place] = known[pair]
        return result

    def _kind(self, name: str, tail: str, setting: Setting) -> Kind | None:
        group: Group | None = self.groups.get(name, NEW)
        if group is NEW:
            group = self.groups[name] = self._group(setting)
        if group is None:
            return None
        row = self.said.get(tail, NEW)
        if row is NEW:
            row = self.said[tail] = said(f'{{"verdict": {tail}')
        return (self.family, row.state, row.key) if row and self.passing.follows(row, group) else None

    def _group(self, setting: Setting) -> Group | None:
        """The group by the fewest keys that tell enough."""
        for level in self.levels:
            keys = tuple([pair for pair in setting if pair and pair[0] in level])
            if keys not in self.by_keys:
                self.by_keys[keys] = self.passing.group(self.host, self.family, keys)
            if self.by_keys[keys] is not None:
                return self.by_keys[keys]
        return None


class _Memo(dict[Pair | None, str]):
    """What is made of each pair, once."""

    def __init__(self, make: Callable[[Pair | None], str]) -> None:
        """By `make`."""
        self.make = make

    def __missing__(self, pair: Pair | None) -> str:
        """Made when it is asked for first."""
        result = self[pair] = self.make(pair)
        return result


def _tails(lines: Sequence[str], number: int, head: str, texts: Sequence[str]) -> list[str]:
    """What lines say after the keys of their candidates; raises ValueError where one is not about its candidate."""
    starts = [f'{{"number": {n}, {head}{text}{VERDICT}' for n, text in enumerate(texts, number)]
    if len(lines) < len(starts) or not all(map(str.startswith, lines, starts)):
        raise ValueError(f"the list is not of the candidates from {number:,} on")
    return [line[len(start) :] for line, start in zip(lines, starts, strict=True)]


def _joined(values: Sequence[Sequence[Pair | None]], texts: _Memo) -> list[str]:
    """The texts of every choice of values, the last key's changing fastest."""
    result = [""]
    for choices in reversed(values):
        result = [text + rest for text in [texts[pair] for pair in choices] for rest in result]
    return result


def _text(pair: Pair | None) -> str:
    """How a line tells a key and its value."""
    return "" if pair is None else f", {dumped(pair[0])}: {dumped(unfixed(pair[1]))}"


def _at_least_as_good(one: Vector, other: Vector) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True))


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
