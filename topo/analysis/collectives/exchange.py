"""The optimum of an all-to-all among GPUs as a concurrent flow, where sets of nodes alone do not tell it.

The flow is that of the traffic `gpu-all-to-all`: every GPU to every other at t times r / (N - 1), for N GPUs of line
rate r, of which n take part: t r n / (N - 1) of size over time. The flow is a schedule. Its proof from above holds for
every schedule where hosts hang on one switch each, so that none can pass on to a switch what it gets from another.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from topo.analysis.collectives.ranks import Ranks
from topo.analysis.gpus.hosts import host_classes
from topo.analysis.throughput import throughput
from topo.errors import LimitReachedError
from topo.fabric import Fabric
from topo.fabric.domains import joined_hosts
from topo.solvers.budget import QUESTION_S

LIMIT_S = QUESTION_S / 12
"""Seconds for the flow."""
MET = 1 + Fraction(1, 10**6)
"""A bound counts as reached where a flow is no further below."""


@dataclass(frozen=True)
class Exchange:
    """Size over time in Gb/s: a schedule reaches `lower`, none beats `upper` (None: not told). `certificate`: both."""

    lower: Fraction
    upper: Fraction | None
    certificate: dict[str, Any]


def exchange(fabric: Fabric, ranks: Ranks, network: int, limit_s: float = LIMIT_S) -> Exchange | None:
    """The all-to-all among the GPUs of whole hosts that are a scale-up domain each, all of one line rate; None for
    other ranks, and where time ends first."""
    hosts = np.unique(ranks.host)
    gpus = fabric.devices.gpus
    every = np.flatnonzero(fabric.is_host & (gpus > 0))
    domain, count = np.unique(joined_hosts(fabric, every), return_counts=True)
    alone = np.isin(joined_hosts(fabric, hosts), domain[count == 1]).all()
    fast = np.array([*fabric.scale_up_gbps, 0.0])[fabric.devices.group[hosts]] > 0
    if not alone or ranks.per_host != int(gpus[hosts].max()) or not (fast | (gpus[hosts] == 1)).all():
        return None
    classes = host_classes(fabric, network)
    total, others = sum(classes.weight, Fraction(0)), 1 / classes.scale if classes.scale else Fraction(0)
    rate = total - others
    served = int(gpus[every].sum())
    if classes.cut_off or not others or rate * served != total:
        return None
    rest = np.setdiff1d(every, hosts)
    some = fabric.without(devices=fabric.devices.name[rest].tolist()) if len(rest) else fabric
    try:
        result = throughput(some, "gpu-all-to-all", "adaptive", network, fabric if len(rest) else None, limit_s)
    except LimitReachedError:
        return None
    if result.certificate is None:
        return None
    each = rate * len(ranks) / (served - 1)
    one = all(len(links) == 1 for links in classes.attached)
    claim = result.certificate["claim"]
    return Exchange(
        Fraction(claim["lower"]) * each, Fraction(claim["upper"]) * each if one else None, result.certificate
    )
