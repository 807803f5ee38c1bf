"""Max-min fair rates: what flows on fixed paths get when each sends as fast as the links let it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from topo.analysis.demand import Demand, Flows, Uniform
from topo.analysis.network import SwitchNetwork
from topo.analysis.routing.ends import flows_of
from topo.analysis.routing.paths import Paths
from topo.fabric.model import FloatArray, IntArray
from topo.units import amount

QUANTILES = (0.01, 0.1, 0.5, 0.9)
"""The slowest flows are what a job waits for: one in a hundred, one in ten, the median, and nine in ten."""
SHIFTS = 16
"""Shifts of an all-to-all that are computed where its flows are too many to hold."""


@dataclass(frozen=True)
class FairRates:
    """Max-min fair rates of flows, endpoint links included, each over the flow's own rate at t = 1.

    One entry per seed. `quantile[i]` holds the rates that the fractions `QUANTILES` of the flows stay below. Not to be
    mixed with the concurrent throughput: there all flows shrink alike until the worst link fits. Where `shifts` names
    some, the rates are those of these shift permutations at line rate, each alone, as an all-to-all runs through all
    `of_shifts` of them; no other flows were computed.
    """

    seeds: tuple[int, ...]
    flows: int
    mean: tuple[float, ...]
    slowest: tuple[float, ...]
    quantile: tuple[tuple[float, ...], ...]
    shifts: tuple[int, ...] = ()
    of_shifts: int = 0

    def text(self) -> str:
        """One line for people, over the seeds."""
        middle = [float(np.mean([q[i] for q in self.quantile])) for i in range(len(QUANTILES))]
        marks = ", ".join(f"p{round(f * 100):02d} {m:.3f}" for f, m in zip(QUANTILES, middle, strict=True))
        mean, worst = float(np.mean(self.mean)), min(self.slowest)
        sample = f"{len(self.shifts):,} of {amount(self.of_shifts, 'shift')}, each alone, " if self.shifts else ""
        return (
            f"max-min fair over {sample}{amount(len(self.seeds), 'seed')}: mean {mean:.3f}, {marks}, slowest "
            f"{worst:.3f}"
        )


def max_min_rates(net: SwitchNetwork, paths: Paths) -> FloatArray:
    """Shape (flows,), in the order of `paths.flows`: Gb/s of every flow, summed over its paths."""
    from topo.analysis.routing.fair_kernel import progressive_filling

    capacity = np.concatenate([paths.targets.capacity, net.attach_gbps, net.attach_gbps])
    rate = np.zeros(len(paths.flow))
    src, dst = paths.flows.src[paths.flow], paths.flows.dst[paths.flow]
    progressive_filling(
        paths.channel, src.astype(np.int64), dst.astype(np.int64), capacity, len(paths.targets.used), len(net.at), rate
    )
    return np.bincount(paths.flow, weights=rate, minlength=len(paths.flows.src)).astype(np.float64)


def fair_rates(net: SwitchNetwork, seeds: Sequence[int], runs: Iterable[Iterable[Paths]]) -> FairRates:
    """The rates of one run per seed, each of one or several sets of paths that are sent one after the other."""
    means, slowest, quantiles, flows = [], [], [], 0
    for run in runs:
        relative = np.concatenate([max_min_rates(net, paths) / paths.flows.gbps for paths in run])
        flows = len(relative)
        means.append(float(relative.mean()))
        slowest.append(float(relative.min()))
        quantiles.append(tuple(float(q) for q in np.quantile(relative, QUANTILES)))
    return FairRates(tuple(seeds), flows, tuple(means), tuple(slowest), tuple(quantiles))


@dataclass(frozen=True)
class Turns:
    """The flows of a demand, or of some of the shifts that make up an all-to-all: `shifts` of `of_shifts`."""

    parts: tuple[Flows, ...]
    shifts: tuple[int, ...] = ()
    of_shifts: int = 0

    def stated(self, rates: FairRates) -> FairRates:
        """Rates that tell which shifts they are of."""
        return replace(rates, shifts=self.shifts, of_shifts=self.of_shifts)


def flows_in_turn(demand: Demand, most: int) -> Turns:
    """Every flow of a demand where there are at most `most`; of a larger all-to-all some shifts, evenly spaced."""
    form, net = demand.form, demand.network
    if not isinstance(form, Uniform):
        return Turns((flows_of(demand, most),))
    group = form.group[net.at]
    groups = [np.flatnonzero(group == g) for g in np.unique(group[group >= 0])]
    if sum(len(g) ** 2 for g in groups) <= most:
        return Turns((flows_of(demand, most),))
    count = max(len(g) for g in groups) - 1
    shifts = tuple(np.unique(np.linspace(1, count, min(SHIFTS, count)).astype(np.int64)).tolist())
    return Turns(tuple(_shift(net, groups, k) for k in shifts), shifts, count)


def _shift(net: SwitchNetwork, groups: Sequence[IntArray], k: int) -> Flows:
    """Endpoint i of each group to i + k, at the lower of the two line rates."""
    src = np.concatenate(groups)
    dst = np.concatenate([np.roll(g, -(k % len(g))) for g in groups])
    src, dst = src[src != dst], dst[src != dst]
    return Flows(src, dst, np.minimum(net.endpoint_gbps[src], net.endpoint_gbps[dst]))
