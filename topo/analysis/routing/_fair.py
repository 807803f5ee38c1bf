"""Max-min fair rates: what flows on fixed paths get when each sends as fast as the links let it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from topo.analysis.network import SwitchNetwork
from topo.analysis.routing._paths import Paths
from topo.fabric.model import FloatArray

QUANTILES = (0.01, 0.1, 0.5, 0.9)


@dataclass(frozen=True)
class FairRates:
    """Max-min fair rates of flows, endpoint links included, each over the flow's own rate at t = 1.

    One entry per seed. `quantile[i]` holds the rates that the fractions `QUANTILES` of the flows stay below. Not to be
    mixed with the concurrent throughput: there all flows shrink alike until the worst link fits.
    """

    seeds: tuple[int, ...]
    flows: int
    mean: tuple[float, ...]
    slowest: tuple[float, ...]
    quantile: tuple[tuple[float, ...], ...]

    def text(self) -> str:
        """One line for people, over the seeds."""
        middle = [float(np.mean([q[i] for q in self.quantile])) for i in range(len(QUANTILES))]
        marks = ", ".join(f"p{round(f * 100):02d} {m:.3f}" for f, m in zip(QUANTILES, middle, strict=True))
        mean, worst = float(np.mean(self.mean)), min(self.slowest)
        return f"max-min fair over {len(self.seeds)} seeds: mean {mean:.3f}, {marks}, slowest {worst:.3f}"


def max_min_rates(net: SwitchNetwork, paths: Paths) -> FloatArray:
    """Shape (flows,), in the order of `paths.flows`: Gb/s of every flow, summed over its paths."""
    from topo.analysis.routing._fair_kernel import progressive_filling

    capacity = np.concatenate([paths.targets.capacity, net.attach_gbps, net.attach_gbps])
    rate = np.zeros(len(paths.flow))
    src, dst = paths.flows.src[paths.flow], paths.flows.dst[paths.flow]
    progressive_filling(
        paths.channel, src.astype(np.int64), dst.astype(np.int64), capacity, len(paths.targets.used), len(net.at), rate
    )
    return np.bincount(paths.flow, weights=rate, minlength=len(paths.flows.src)).astype(np.float64)


def fair_rates(net: SwitchNetwork, seeds: Sequence[int], runs: Iterable[Paths]) -> FairRates:
    """The rates of one run per seed."""
    means, slowest, quantiles, flows = [], [], [], 0
    for paths in runs:
        relative = max_min_rates(net, paths) / paths.flows.gbps
        flows = len(relative)
        means.append(float(relative.mean()))
        slowest.append(float(relative.min()))
        quantiles.append(tuple(float(q) for q in np.quantile(relative, QUANTILES)))
    return FairRates(tuple(seeds), flows, tuple(means), tuple(slowest), tuple(quantiles))
