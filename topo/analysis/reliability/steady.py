"""The steady state: what is carried on average and at worst: few failures exactly, patterns of many by draws."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from topo.analysis.failures import HostedGraph, hosted_graph, is_symmetric
from topo.analysis.reliability import weighed
from topo.analysis.reliability.control import Control, broken_rows, control_of, many
from topo.analysis.reliability.groups import Family
from topo.analysis.reliability.patterns import CAP, Alike, Broken, Given, Patterns, alike, broken_of
from topo.analysis.reliability.weighed import Interval, Weighed
from topo.certificates.replays.chances import Chances, chances, strata
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.fabric.model import FloatArray
from topo.solvers.budget import now
from topo.units import amount

EVERY_PATTERN = 10
"""Groups up to which all patterns of what is broken are asked."""
CONFIDENCE = 0.99
"""Of the interval that draws give, where nothing else is asked."""
QUANTILES = (0.1, 0.01, 0.001)
"""Shares of time that a report tells the worst of."""
WIDE = 0.001
"""An interval of proved strata narrower than this share of its upper end needs no draws."""
PAIRS_UNTIL = 0.5
"""Share of the time after which pairs are no longer examined one by one."""
NEVER = 1e-12
"""A share of time that needs no answer."""
MOST_SINGLES = 500
"""Unlike groups up to which each is broken alone."""


@dataclass(frozen=True)
class Looked:
    """What a steady state rests on: the proof of each pattern (None: not found in time), up to how many broken groups
    all classes are among them (`all`, -1 to 2), the symmetry behind the first and behind each second, and how patterns
    were drawn: `drawn` of `draws`, at least `least` broken."""

    proofs: Mapping[Broken, dict[str, Any] | None]
    up_to: int | str
    symmetry: HostedGraph | None = None
    firsts: Mapping[Broken, HostedGraph] = field(default_factory=dict)
    draws: int = 0
    drawn: int = 0
    least: int = 0


@dataclass(frozen=True)
class Replay:
    """Answers that are known already: of each pattern, up to how many broken groups, and how many were drawn."""

    given: Given
    up_to: int | str
    drawn: int


@dataclass(frozen=True)
class Steady:
    """What a traffic gets under a routing while groups fail and are repaired independently. `parts` are shares of time;
    `strata` tell for 0, 1, 2, ... broken groups: probability, ends of the mean, how it is known."""

    traffic: str
    routing: str
    groups: int
    mean_broken: float
    none_broken: float
    parts: tuple[Weighed, ...] = field(repr=False)
    strata: tuple[dict[str, Any], ...]
    gpus: int
    seeds: tuple[int, ...] = ()
    patterns: int = 0
    confidence: float = CONFIDENCE
    controls: FloatArray | None = field(default=None, repr=False, compare=False)
    """The control of many patterns, where some were drawn."""
    looked: Looked | None = field(default=None, repr=False, compare=False)
    """What was looked at, for its certificate."""

    @property
    def proved(self) -> Interval:
        """The mean, with everything that was not examined between nothing and line rate."""
        return weighed.proved(self.parts)

    @property
    def expected(self) -> Interval:
        """The mean: the proved interval, or where that is wide and patterns were drawn, at `confidence`."""
        if not self.seeds:
            return self.proved
        (a, b), (c, d) = self.proved, weighed.expected(self.parts, self.confidence, controls=self.controls)
        return max(a, c), min(b, d)

    @property
    def cut_off(self) -> Interval:
        """GPUs cut off on average."""
        return weighed.expected(self.parts, self.confidence, float(self.gpus), "cut_off")

    def quantile(self, share: float) -> Interval:
        """What is not reached in this share of the time."""
        return weighed.quantile(self.parts, share, self.confidence)

    def hours_below(self, floor: float) -> Interval:
        """Hours a year in which less than `floor` of line rate is carried."""
        low, high = weighed.below(self.parts, floor, self.confidence)
        return 8760 * low, 8760 * high

    def words(self) -> str:
        """How it is known."""
        if not self.seeds:
            return "proved: patterns of few failures exactly, the rest by its probability"
        drawn = math.fsum(p.weight for p in self.parts if p.drawn)
        return (
            f"{self.confidence:.0%} confidence: {1 - drawn:.4%} of the time exactly, the rest by Student's t over "
            f"{amount(len(self.seeds), 'pattern')} (seeds {self.seeds[0]} to {self.seeds[-1]})"
        )

    def to_json(self, floors: Sequence[float] = ()) -> dict[str, Any]:
        """Plain data."""

        def ends(value: Interval) -> dict[str, float]:
            return {"lower": value[0], "upper": value[1]}

        drawn = {"confidence": self.confidence, "seeds": list(self.seeds)} if self.seeds else {}
        return {
            "traffic": self.traffic,
            "routing": self.routing,
            **ends(self.expected),
            "proved": ends(self.proved),
            **drawn,
            "quantiles": {f"{q:g}": ends(self.quantile(q)) for q in QUANTILES},
            **({"hours_below": {f"{f:g}": ends(self.hours_below(f)) for f in floors}} if floors else {}),
            "gpus_cut_off": ends(self.cut_off),
            "groups": self.groups,
            "mean_broken": self.mean_broken,
            "none_broken": self.none_broken,
            "strata": [dict(stratum) for stratum in self.strata],
        }


def steady_state(
    fabric: Fabric,
    network: int,
    families: Sequence[Family],
    traffic: str = "all-to-all",
    routing: str = "adaptive",
    draws: int = 100,
    first_seed: int = 0,
    time_limit_s: float = 60.0,
    replay: Replay | None = None,
) -> Steady:
    """The steady state of a network; demands of what is cut off are dropped, and nobody gets more than line rate.

    None, one and two broken groups are examined by classes of verified symmetry while there is time, and weighed by
    their exact probabilities; the rest is drawn, where it is too likely to be left between nothing and line rate. Up to
    EVERY_PATTERN groups, all patterns are. `replay` answers in place of a solver and the clock. Raises ParameterError
    for a family whose time of repair nobody says.
    """
    odds, start = _odds(families), now()
    given = replay.given if replay else None
    asked = Patterns(fabric, network, traffic, routing, start + time_limit_s, given=given)
    count, gpus = sum(family.size for family in families), int(fabric.devices.gpus.sum())
    head = (traffic, routing, count, odds.mean, odds.none)
    if count <= EVERY_PATTERN:
        parts = _all(asked, families)
        every = tuple(p for _, p in parts)
        return Steady(*head, every, _strata(odds, parts), gpus, (), asked.asked, looked=Looked(asked.proofs, "all"))
    parts = [(0, _weighed(odds.none, asked, Broken()))] if odds.none > NEVER else []
    least, up_to = 1, 0 if parts else -1
    intact: HostedGraph | None = None
    firsts: dict[Broken, HostedGraph] = {}
    symmetric = is_symmetric(traffic, routing)
    if symmetric and len(odds.total) > 1 and odds.total[1] > WIDE / 10:
        intact = hosted_graph(fabric, network)
        singles = list(alike(fabric, fabric, network, families, intact))
        if len(singles) <= MOST_SINGLES:
            parts += [(1, part) for part in _singles(asked, odds, families, singles)]
            least, up_to = 2, 1 if parts and up_to == 0 else up_to
            pairs_by = start + PAIRS_UNTIL * time_limit_s
            in_pairs = replay is None or replay.up_to == 2
            if odds.beyond(2) > WIDE / 2 and odds.total[2] > WIDE / 10 and in_pairs:
                result = _pairs(asked, odds, families, singles, pairs_by if replay is None else math.inf, firsts)
                parts += [(2, part) for part in result or ()]
                least, up_to = (3, 2) if result else (2, up_to)
    seeds: list[int] = []
    controls: FloatArray | None = None
    rest, (low, high) = odds.beyond(least), weighed.proved([p for _, p in parts])
    if rest > 0 and high - low > WIDE * high:
        cheap = control_of(fabric, network)
        controls = many(cheap, odds, families, least, first_seed)
        most = draws if replay is None else min(draws, replay.drawn)
        random = _Draws(first_seed, draws, most, least, time_limit_s / draws if draws else None)
        for seed, part in enumerate(_drawn(asked, odds, families, cheap, random), first_seed):
            parts.append(part)
            seeds.append(seed)
        each = rest / max(len(seeds), 1)
        parts = [(k, replace(p, weight=each) if p.drawn else p) for k, p in parts]
    every, of_parts = tuple(p for _, p in parts), _strata(odds, parts)
    looked = Looked(asked.proofs, up_to, intact, firsts, draws, len(seeds), least)
    return Steady(*head, every, of_parts, gpus, tuple(seeds), asked.asked, controls=controls, looked=looked)


Part = tuple[int, Weighed]


def _weighed(weight: float, asked: Patterns, broken: Broken) -> Weighed:
    state = asked.state(broken)
    return Weighed(weight, state.lower, state.upper, state.cut_off, False, state.known)


def _all(asked: Patterns, families: Sequence[Family]) -> list[Part]:
    """Every pattern with its probability."""
    groups = [(f, g) for f in families for g in range(f.size)]
    result = []
    for pattern in product((False, True), repeat=len(groups)):
        weight, broken = 1.0, Broken()
        for (family, group), down in zip(groups, pattern, strict=True):
            share = family.unavailable or 0.0
            weight *= share if down else 1 - share
            broken = broken.and_(broken_of(asked.fabric, family, [group])) if down else broken
        result.append((sum(pattern), _weighed(weight, asked, broken)))
    return result


def _odds(families: Sequence[Family]) -> Chances:
    """Raises ParameterError for a family whose time of repair nobody says."""
    for family in families:
        if family.unavailable is None:
            raise ParameterError(
                "repair_hours",
                family.key,
                "the steady state needs the time of repair of this",
                hint="repair_hours: 24 beside failure_rates, or in the rate itself",
            )
    return chances([family.size for family in families], [family.unavailable or 0.0 for family in families])


class _Draws(NamedTuple):
    """Patterns of at least `least` broken groups to draw: the first `most` of `number`, `each_s` seconds for one."""

    first_seed: int
    number: int
    most: int
    least: int
    each_s: float | None


def _drawn(asked: Patterns, odds: Chances, families: Sequence[Family], cheap: Control, draws: _Draws) -> Iterator[Part]:
    """One pattern a seed, stratified by the number of broken groups; two at least, then until time ends. Weights are
    left at 0."""
    asked.warm()
    for i, at in enumerate(strata(draws.first_seed, draws.number)[: draws.most]):
        if asked.late and i >= 2:
            return
        rng = np.random.default_rng(draws.first_seed + i)
        drawn = odds.draw(rng, draws.least, (at + rng.random()) / draws.number)
        broken = Broken()
        for family, own in zip(families, drawn, strict=True):
            broken = broken.and_(broken_of(asked.fabric, family, own)) if own else broken
        state = asked.state(broken, draws.each_s)
        if not state.known and asked.late and i >= 2:
            return
        known = cheap.of(*broken_rows(families, drawn))
        yield sum(map(len, drawn)), Weighed(0.0, state.lower, state.upper, state.cut_off, True, state.known, known)


def _singles(asked: Patterns, odds: Chances, families: Sequence[Family], singles: Sequence[Alike]) -> list[Weighed]:
    """One broken group: each class, and what takes nothing away."""
    result = [_weighed(odds.none * odds.odds(one.family) * one.count, asked, one.one) for one in singles]
    for number, family in enumerate(families):
        idle = family.size - sum(one.count for one in singles if one.family == number)
        if idle:
            result.append(_weighed(odds.none * odds.odds(number) * idle, asked, Broken()))
    return result


def _pairs(
    asked: Patterns,
    odds: Chances,
    families: Sequence[Family],
    singles: Sequence[Alike],
    until: float,
    firsts: dict[Broken, HostedGraph],
) -> list[Weighed] | None:
    """Two broken groups: each class of the first with each class of the second in what the first leaves; None where
    time runs out, as half a stratum is worth no more than none. `firsts` gets the symmetry of what each leaves."""
    result = []
    for first in singles:
        if now() > until:
            return None
        less = asked.less(first.one)
        firsts[first.one] = hosted_graph(less, asked.network)
        rest = list(alike(asked.fabric, less, asked.network, families, firsts[first.one]))
        base = odds.none * odds.odds(first.family) * first.count / 2
        for second in rest:
            if now() > until:
                return None
            weight = base * odds.odds(second.family) * second.count
            result.append(_weighed(weight, asked, first.one.and_(second.one)))
        for number, family in enumerate(families):
            others = family.size - (number == first.family)
            idle = others - sum(one.count for one in rest if one.family == number)
            if idle > 0:
                result.append(_weighed(base * odds.odds(number) * idle, asked, first.one))
    return result


def _strata(odds: Chances, parts: Sequence[Part]) -> tuple[dict[str, Any], ...]:
    """By number of broken groups: what is known of the mean throughput, and how."""
    result = []
    for k in sorted({k for k, _ in parts}):
        own = [p for number, p in parts if number == k]
        total = math.fsum(p.weight for p in own) or 1.0
        drawn = any(p.drawn for p in own)
        low = math.fsum(p.weight * p.lower for p in own) / total
        high = math.fsum(p.weight * p.upper for p in own) / total
        result.append(
            {
                "broken": k,
                "probability": float(odds.total[k]) if k < len(odds.total) else 0.0,
                "lower": low,
                "upper": min(high, CAP),
                "least": min(p.lower for p in own),
                "patterns": len(own),
                "by": "draws" if drawn else "classes",
            }
        )
    return tuple(result)
