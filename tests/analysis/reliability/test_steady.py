"""The steady state against all patterns summed exactly and against a Monte Carlo written otherwise."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from functools import cache

import numpy as np
import pytest

import topo
from tests.slow import slow
from topo.analysis.failures import lost
from topo.analysis.reliability import Rate, Rates, families_of, steady_state
from topo.analysis.reliability.control import control_of
from topo.analysis.reliability.weighed import Weighed, below, expected, quantile
from topo.analysis.throughput import throughput
from topo.certificates.replays.chances import chances
from topo.design import parse_design
from topo.fabric import Fabric

TINY = "name: d\ngpus: {gpus}\nhost: example-host-1\nnetworks:\n  compute: {{family: ft2, switch: example-switch-4}}\n"


@cache
def tiny(gpus: int = 8) -> Fabric:
    return topo.build(parse_design(TINY.format(gpus=gpus)))


def carried(gpus: int, devices: Iterable[str], links: Iterable[int]) -> float:
    return _carried(gpus, frozenset(devices), frozenset(links))


@cache
def _carried(gpus: int, devices: frozenset[str], links: frozenset[int]) -> float:
    fabric = tiny(gpus)
    less = fabric.without(devices=sorted(devices), links=sorted(links))
    found = throughput(less, "all-to-all", "adaptive", 0, fabric)
    return 0.0 if math.isinf(found.lower) else min(found.lower, 1.0)


def test_every_pattern_of_six_switches_is_summed() -> None:
    fabric = tiny()
    families = families_of(fabric, 0, Rates({"switch": Rate(afr=0.5)}, 500.0))
    share = families[0].unavailable
    assert share == pytest.approx(500 / (500 + 8760 / 0.5))
    names = [str(n) for n in fabric.devices.name[fabric.devices.tier != 0]]
    names = [n for n in names if not n.startswith("host")]
    mean, off = 0.0, 0.0
    for pattern in itertools.product((False, True), repeat=len(names)):
        gone = [n for n, down in zip(names, pattern, strict=True) if down]
        weight = share ** len(gone) * (1 - share) ** (len(names) - len(gone))
        mean += weight * carried(8, gone, [])
        off += weight * (lost(fabric, fabric.without(devices=gone), 0).gpus if gone else 0)
    found = steady_state(fabric, 0, families)
    assert found.expected == pytest.approx((mean, mean), abs=1e-12)
    assert found.cut_off == pytest.approx((off, off), abs=1e-12)
    assert not found.seeds


def monte_carlo(gpus: int, draws: int) -> tuple[float, float, float]:
    """The mean, its error and the share of time below 0.9."""
    fabric = tiny(gpus)
    rng = np.random.default_rng(5)
    names = [str(n) for n, host in zip(fabric.devices.name, fabric.is_host, strict=True) if not host]
    switch, link = 0.02, 0.03
    values = []
    for _ in range(draws):
        gone = [n for n in names if rng.random() < switch]
        values.append(carried(gpus, gone, [int(i) for i in fabric.links.id if rng.random() < link]))
    every = np.array(values)
    return float(every.mean()), float(every.std() / math.sqrt(len(every))), float((every < 0.9).mean())


def rates_of(switch: float, link: float, hours: float = 100.0) -> Rates:
    return Rates({key: Rate(mtbf_hours=hours * (1 - u) / u) for key, u in (("switch", switch), ("link", link))}, hours)


@pytest.mark.parametrize(("gpus", "draws", "other"), [(4, 40, 1000), slow(4, 60, 2000), slow(8, 150, 4000)])
def test_exact_strata_and_draws_agree_with_a_monte_carlo(gpus: int, draws: int, other: int) -> None:
    fabric = tiny(gpus)
    mean, error, share = monte_carlo(gpus, other)
    families = families_of(fabric, 0, rates_of(0.02, 0.03))
    assert [f.unavailable for f in families] == pytest.approx([0.02, 0.03])
    found = steady_state(fabric, 0, families, draws=draws)
    low, high = found.expected
    assert found.seeds == tuple(range(draws))
    assert low - 4 * error <= mean <= high + 4 * error
    assert high - low < 0.01
    proved = found.proved
    assert proved[0] <= low <= high <= proved[1]
    hours = found.hours_below(0.9)
    assert hours[0] - 8760 * 0.03 <= 8760 * share <= hours[1] + 8760 * 0.03
    by = {stratum["broken"]: stratum["by"] for stratum in found.strata}
    assert (by[0], by[1], by[2], by[3]) == ("classes", "classes", "classes", "draws")


@pytest.mark.parametrize(("gpus", "switch", "link"), [(4, 0.01, 0.02), slow(8, 0.001, 0.002)])
def test_single_and_double_failures_are_weighed_as_all_of_them_one_by_one(
    gpus: int, switch: float, link: float
) -> None:
    fabric = tiny(gpus)
    families = families_of(fabric, 0, rates_of(switch, link))
    names = [str(n) for n, host in zip(fabric.devices.name, fabric.is_host, strict=True) if not host]
    things = [([n], [], switch) for n in names] + [([], [int(i)], link) for i in fabric.links.id]
    odds = [u / (1 - u) for _, _, u in things]
    none = math.prod(1 - u for _, _, u in things)
    one = sum(none * o * carried(gpus, d, k) for (d, k, _), o in zip(things, odds, strict=True))
    two = sum(
        none * odds[i] * odds[j] * carried(gpus, things[i][0] + things[j][0], things[i][1] + things[j][1])
        for i, j in itertools.combinations(range(len(things)), 2)
    )
    found = steady_state(fabric, 0, families, draws=0)
    strata = {s["broken"]: s["lower"] * s["probability"] for s in found.strata}
    assert strata[1] == pytest.approx(one)
    assert strata[2] == pytest.approx(two)
    assert found.proved[0] == pytest.approx(none + one + two)
    first = none * sum(odds)
    second = none * (sum(odds) ** 2 - sum(o * o for o in odds)) / 2
    assert found.proved[1] == pytest.approx(none + one + two + (1 - none - first - second))


def test_drawn_numbers_of_broken_groups_follow_their_distribution() -> None:
    odds = chances([30, 50], [0.05, 0.02])
    assert odds.total.sum() == pytest.approx(1)
    assert odds.none == pytest.approx(0.95**30 * 0.98**50)
    assert odds.mean == pytest.approx(2.5)
    rng = np.random.default_rng(1)
    drawn = [odds.draw(rng, 2, (i + 0.5) / 3000) for i in range(3000)]
    sizes = np.array([[len(one) for one in both] for both in drawn])
    assert sizes.sum(axis=1).min() == 2
    every = rng.binomial([30, 50], [0.05, 0.02], (200_000, 2))
    kept = every[every.sum(axis=1) >= 2]
    assert sizes.mean(axis=0) == pytest.approx(kept.mean(axis=0), rel=0.05)


def test_a_routing_that_follows_names_is_drawn_without_classes() -> None:
    fabric = tiny()
    families = families_of(fabric, 0, Rates({"link": Rate(mtbf_hours=990)}, 10.0))
    found = steady_state(fabric, 0, families, routing="ecmp", draws=20)
    assert {s["by"] for s in found.strata} == {"classes", "draws"}
    assert [s["broken"] for s in found.strata if s["by"] == "classes"] == [0]
    assert found.expected[0] < found.expected[1]


def test_quantiles_and_floors_of_known_parts_are_exact() -> None:
    parts = [Weighed(0.9, 1.0, 1.0, 0), Weighed(0.08, 0.8, 0.8, 0), Weighed(0.02, 0.5, 0.6, 0)]
    assert quantile(parts, 0.1, 0.99) == pytest.approx((0.8, 0.8))
    assert quantile(parts, 0.01, 0.99) == pytest.approx((0.5, 0.6))
    assert below(parts, 0.9, 0.99) == pytest.approx((0.1, 0.1))
    assert below(parts, 0.55, 0.99) == pytest.approx((0.0, 0.02))


@pytest.mark.parametrize("draws", [20, slow(60)])
def test_the_control_is_the_least_share_of_uplinks_and_narrows_the_mean(draws: int) -> None:
    fabric = topo.build(
        parse_design("name: d\ngpus: 512\nhost: h800-node\nnetworks: {compute: {family: ft2, switch: nvidia-qm9700}}\n")
    )
    families = families_of(fabric, 0, Rates({"fabric_link": Rate(mtbf_hours=2450)}, 50.0))
    assert families[0].unavailable == pytest.approx(0.02)
    cheap = control_of(fabric, 0)
    rows = np.flatnonzero(~fabric.is_endpoint_link)
    leaf = fabric.link_a[rows[0]]
    mine = rows[fabric.link_a[rows] == leaf]
    none = np.zeros(0, dtype=np.int64)
    assert cheap.of(mine[:3], none) == pytest.approx(1 - 3 / len(mine))
    assert cheap.of(none, np.array([leaf])) <= 1
    assert cheap.of(none, none) == 1
    found = steady_state(fabric, 0, families, draws=12)
    plain = expected(found.parts, 0.99)
    low, high = found.expected
    more = steady_state(fabric, 0, families, draws=draws, first_seed=1000)
    assert high - low < plain[1] - plain[0]
    assert low <= more.expected[1]
    assert more.expected[0] <= high


def test_quantiles_and_floors_of_draws_hold_what_is_true() -> None:
    """Sixty draws, stratified as patterns are, of a value between 0 and 1 whose every quantile is known: an interval at
    99 % misses in no more than a few of 200 repetitions, and is no longer nothing to line rate."""
    rng = np.random.default_rng(11)
    missed, wide = 0, []
    for _ in range(200):
        values = (np.arange(60) + rng.random(60)) / 60
        parts = [Weighed(0.01, 1.0, 1.0, 0.0), *(Weighed(0.99 / 60, v, v, 0.0, True) for v in values.tolist())]
        low, high = quantile(parts, 0.1, 0.99)
        share = below(parts, 0.5, 0.99)
        missed += not low <= 0.1 / 0.99 <= high
        missed += not share[0] <= 0.99 * 0.5 <= share[1]
        wide.append(high - low)
    assert missed <= 4
    assert max(wide) < 0.35
    alike = [Weighed(1 / 60, 0.9, 0.9, 0.0, True)] * 60
    assert quantile(alike, 0.1, 0.99) == (0.9, 0.9)
    assert below(alike, 0.8, 0.99)[1] == pytest.approx(1 - 0.005 ** (1 / 60))
