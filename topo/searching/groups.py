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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from topo.searching.bounds import COARSE, IDLE, KNOWN, Bound, Bounds
from topo.searching.candidate import Candidate
from topo.searching.listed import dumped
from topo.searching.objectives import OBJECTIVES
from topo.searching.request import Request
from topo.searching.result import DOMINATED, HELD, REFUSED, REFUTED
from topo.searching.space import Pair, blocks
from topo.searching.values import unfixed

Vector = tuple[float, ...]
NEW: Any = object()
Unseen = dict[tuple[str, str, str], int]
"""Candidates passed over, by family, verdict and the key that refuses them."""
BY_COUNTS = {REFUSED: {"reason", "proof"}, REFUTED: {"reason", "switches", "links", "proof"},
             DOMINATED: {"switches", "links", "proof"}}  # fmt: skip
"""What a row says of a candidate that no engine was asked about."""
MAY = {"cost_usd_at_least", "throughput_at_most"}


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says of its candidate."""

    state: str
    key: str = ""
    by: int = -1
    switches: float = math.inf
    usd: float = math.inf
    requirement: str = ""


@dataclass
class Passing:
    """What can be passed over. `held` are the designs that are said to hold, `top` how many are listed, `family_best`
    the figure in the first objective that is said to be the best of each family (None where it has none), `named` the
    candidates that the result speaks of, `asked` the requirements."""

    bounds: Bounds
    held: Mapping[int, Vector]
    top: int
    family_best: Mapping[str, float | None]
    named: frozenset[int]
    asked: frozenset[str]
    unseen: Unseen = field(default_factory=dict)
    _first: set[tuple[str, str, str]] = field(default_factory=set)
    _said: dict[str, Said | None] = field(default_factory=dict)
    _groups: dict[tuple[Any, ...], tuple[Bound, frozenset[int]] | None] = field(default_factory=dict)

    def left(self, request: Request, lines: Sequence[str]) -> Iterator[tuple[int, Candidate, str]]:
        """The candidates to be counted, with their number and line. Raises ValueError where the list does not hold the
        request's candidates, each in its place."""
        number = 0
        for host, family, settings in blocks(request):
            head = f'"design": {{"host": {dumped(host)}, "family": {dumped(family)}'
            texts: dict[Pair | None, str] = {None: ""}
            seen: set[str] = set()
            bounded = True
            for setting in settings:
                try:
                    text = "".join([texts[pair] for pair in setting])
                except KeyError:
                    texts.update((pair, _told(pair)) for pair in setting if pair)
                    bounded = bounded and all(pair[0] in KNOWN for pair in setting if pair)
                    text = "".join([texts[pair] for pair in setting])
                if text in seen:
                    continue
                seen.add(text)
                start = f'{{"number": {number}, {head}{text}}}, "verdict": '
                line = lines[number] if number < len(lines) else ""
                if not line.startswith(start):
                    raise ValueError(f"candidate {number} is listed as {line[:80]}")
                if not bounded or not self._passed(host, family, setting, number, line[len(start) :]):
                    yield number, Candidate(host, family, tuple(filter(None, setting))), line
                number += 1
        if number != len(lines):
            raise ValueError(f"{len(lines):,} are listed, the request has {number:,}")

    def _passed(self, host: str, family: str, setting: Sequence[Pair | None], number: int, tail: str) -> bool:
        said = self._said.get(tail, NEW)
        if said is NEW:
            said = self._said[tail] = _said(f'{{"verdict": {tail}')
        if said is None:
            return False
        keys = tuple([pair for pair in setting if pair and pair[0] in COARSE])
        found = self._groups.get((host, family, keys), NEW)
        if found is NEW:
            found = self._groups[(host, family, keys)] = self._irrelevant(host, family, keys)
        if found is None:
            keys = tuple([pair for pair in setting if pair and pair[0] not in IDLE])
            found = self._groups.get((host, family, keys), NEW)
            if found is NEW:
                found = self._groups[(host, family, keys)] = self._irrelevant(host, family, keys)
        if found is None or not self._follows(said, *found):
            return False
        kind = (family, said.state, said.key)
        if kind not in self._first or number in self.named:
            self._first.add(kind)
            return False
        self.unseen[kind] = self.unseen.get(kind, 0) + 1
        return True

    def _irrelevant(self, host: str, family: str, keys: Sequence[Pair]) -> tuple[Bound, frozenset[int]] | None:
        """The bound of a group none of which can matter, and the designs that are at least as good; None for others."""
        bound = self.bounds.of(host, family, keys)
        if bound is None:
            return None
        better = frozenset(n for n, reached in self.held.items() if _at_least_as_good(reached, bound.best))
        if bound.impossible:
            return bound, better
        best = self.family_best.get(family, -math.inf)
        if len(better) < self.top or best is None or not bound.best[0] > best:
            return None
        return bound, better

    def _follows(self, said: Said, bound: Bound, better: frozenset[int]) -> bool:
        """Whether what a row says agrees with the bounds of its group."""
        if bound.impossible or said.state == REFUSED:
            return said.state == REFUSED
        if said.switches < bound.least_switches:
            return False
        if said.state == REFUTED:
            return said.requirement in self.asked
        return said.by in better and said.switches >= bound.switches and said.usd >= bound.usd * (1 - 1e-9)


def _told(pair: Pair) -> str:
    return f", {dumped(pair[0])}: {dumped(unfixed(pair[1]))}"


def _said(text: str) -> Said | None:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return None
    state = row.get("verdict")
    if state not in BY_COUNTS:
        return None
    rest = row.keys() - {"verdict"} - (MAY if state != REFUSED else set())
    proof = row.get("proof")
    if rest != BY_COUNTS[state] or not isinstance(proof, dict):
        return None
    switches = row.get("switches", {})
    usd = row.get("cost_usd_at_least", math.inf)
    if not isinstance(switches, dict) or not all(_number(n) for n in (*switches.values(), usd)):
        return None
    total = sum(switches.values())
    if state == REFUSED:
        known = proof.keys() == {"kind", "key"} and proof["kind"] == "recount" and isinstance(proof["key"], str)
        return Said(state, proof["key"]) if known and isinstance(row["reason"], str) else None
    if state == REFUTED:
        known = proof.get("kind") == "recount" and proof.get("requirement") == row["reason"]
        return Said(state, switches=total, usd=usd, requirement=str(row["reason"])) if known else None
    known = proof.keys() == {"kind", "by"} and proof["kind"] == "counts" and type(proof["by"]) is int
    return Said(state, by=proof["by"], switches=total, usd=usd) if known else None


def _number(value: Any) -> bool:
    return type(value) in (int, float) and value >= 0


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
