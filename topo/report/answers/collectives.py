"""What `topo collective` says: collectives over ranks of a design, their times and bandwidths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict

import numpy as np

from topo.analysis.collectives import CollectiveTime, collective_time, expert_time, place
from topo.analysis.collectives.exchange import MET
from topo.analysis.collectives.expert_messages import splits
from topo.analysis.collectives.experts import (
    Copies,
    ExpertLayout,
    InNetworkGain,
    expected_copies,
    in_network_gains,
    mean_copies,
    sampled_copies,
)
from topo.analysis.collectives.in_network import in_network
from topo.analysis.collectives.lowering import Forwarding
from topo.analysis.collectives.operation import ALIASES, COLLECTIVES, collective
from topo.analysis.collectives.optimum import Optimum, optima, schedule
from topo.analysis.collectives.ranks import Order, Ranks, UnevenRanksError
from topo.analysis.paths.latency import default_model, latency_model
from topo.catalog import LatencyModel
from topo.design import Design, build
from topo.errors import LimitReachedError, ParameterError, nearest
from topo.fabric import Fabric
from topo.solvers.budget import QUESTION_S
from topo.units import noun

EXPERTS = ("dispatch", "combine")
OPS = (*COLLECTIVES, *EXPERTS)
SAMPLED_TOKENS = 20_000
"""The mean is then off by less than a hundredth of what tokens differ among each other."""
TREES_S = QUESTION_S
"""Seconds for the trees of one operation: what a user waits for."""


@dataclass(frozen=True)
class Placement:
    """Ranks on GPUs: as `place` takes them."""

    ranks: int | None = None
    per_host: int | None = None
    order: Order = "packed"
    every: int = 1
    first_gpu: int = 0


@dataclass(frozen=True)
class Tokens:
    """What expert parallelism moves: tokens a GPU, and the bytes of one token in dispatch and combine."""

    per_gpu: int = 4096
    hidden: int = 7168
    dispatch_bytes: int = 1
    combine_bytes: int = 2

    def bytes_of(self, op: str) -> int:
        """Bytes of one token in an operation."""
        return self.hidden * (self.dispatch_bytes if op == "dispatch" else self.combine_bytes)


@dataclass(frozen=True)
class Collectives:
    """Times of collectives of one design. `copies` are the expected copies of one token in closed form, and `sampled`
    the same from random tokens, where expert parallelism was asked for. `domains` are the scale-up domains that the
    ranks lie on; `left_out` has an operation, an algorithm, and why it was not asked. `gains` is what operations in the
    network would save of expert parallelism. `optima` are the bounds that
    no schedule beats, `schedules` the trees that reach them (certificates), where they were asked for."""

    design: str
    network: str
    hosts: int
    per_host: int
    routing: str
    forwarding: str
    latency: str
    times: tuple[CollectiveTime, ...]
    copies: Copies | None = None
    sampled: Copies | None = None
    domains: int = 0
    left_out: tuple[tuple[str, str, str], ...] = ()
    gains: tuple[InNetworkGain, ...] = ()
    optima: Mapping[str, Optimum] = field(default_factory=dict)
    schedules: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    def reached_by(self, name: str) -> list[str]:
        """What reaches the bound of an operation: trees, a flow (both with a certificate), algorithms but for their
        steps."""
        bound = self.optima.get(name)
        if bound is None:
            return []
        proofs = ["trees"] * (name in self.schedules) + ["flow"] * (bound.flow is not None)
        own = [time for time in self.times if time.collective == name and not time.in_network]
        least = {
            time.algorithm: bound.time_us(time.size_bytes) / (max(time.samples_us) - time.steps_us) for time in own
        }
        return proofs + [algorithm for algorithm, share in least.items() if share * MET >= 1]

    def share(self, time: CollectiveTime) -> float | None:
        """A time as a share of the optimum: the least time of any schedule over it. None where no bound is known, as
        for operations in the network, which the bound does not cover."""
        bound = self.optima.get(time.collective)
        return None if bound is None or time.in_network else bound.time_us(time.size_bytes) / time.time_us

    @property
    def certificates(self) -> dict[str, dict[str, Any]]:
        """File name -> certificate: of every bound, and of every schedule that reaches one."""
        bounds = {f"optimum-{name}": bound.certificate for name, bound in self.optima.items()}
        flows = {f"flow-{name}": bound.flow for name, bound in self.optima.items() if bound.flow is not None}
        return {**bounds, **flows, **{f"schedule-{name}": result for name, result in self.schedules.items()}}


class CollectiveOptions(TypedDict, total=False):
    """What may be said of collectives beside the operations; each as in `collectives`."""

    algorithm: str
    placement: Placement
    size: float
    routing: str
    forwarding: Forwarding
    network: str
    latency: str
    layout: ExpertLayout | None
    tokens: Tokens
    trees: bool
    scale_up_planes_lost: int


def collectives(
    design: Design,
    ops: Sequence[str] = (),
    algorithm: str = "",
    placement: Placement = Placement(),
    size: float = float(1 << 30),
    routing: str = "spray",
    forwarding: Forwarding = "plane",
    network: str = "",
    latency: str = "",
    layout: ExpertLayout | None = None,
    tokens: Tokens = Tokens(),
    trees: bool = False,
    scale_up_planes_lost: int = 0,
) -> Collectives:
    """Every operation of `ops` (default: all but expert parallelism) under every algorithm, or the one named.

    `latency` names a latency model of the catalog, `none` leaves the steps out; by default it is that of the switches'
    protocol. Raises InputError for unknown names, for ranks that do not fit, with the nearest numbers that do, and for
    what the routing cannot do. `trees` asks for schedules that reach the bounds too; where time ends first they
    are left out.
    """
    fabric = build(design)
    if scale_up_planes_lost:
        fabric = _without_planes(design, fabric, scale_up_planes_lost)
    row = _row_of(fabric, network, ops)
    model = _model_of(design, fabric, row, latency)
    ranks = place(fabric, **vars(placement), network=row)
    experts = layout or ExpertLayout(gpus_per_host=ranks.per_host)
    can = in_network(design.catalog, fabric)

    def timed(op: str, name: str) -> CollectiveTime:
        return collective_time(fabric, op, ranks, size, name, routing, forwarding, row, model, can)

    def moved(op: str) -> CollectiveTime:
        return expert_time(fabric, op, ranks, experts, tokens.per_gpu, tokens.bytes_of(op), routing, row, model)

    times, left_out = _times(ops, algorithm, timed, moved)
    asked = any(op in EXPERTS for op in ops)
    bounds = optima(fabric, ranks, row, forwarding, tuple(ops) or tuple(COLLECTIVES))
    proofs, without = _scheduled(fabric, bounds if trees else {})
    copies = _both_copies(ranks, experts) if asked else (None, None)
    return Collectives(
        design.name,
        fabric.networks[row],
        ranks.hosts,
        ranks.per_host,
        routing,
        forwarding,
        model.id if isinstance(model, LatencyModel) else "",
        tuple(times),
        copies[0],
        copies[1],
        len(np.unique(ranks.domain)),
        (*left_out, *without),
        tuple(_gains(ranks, experts)) if asked else (),
        bounds,
        proofs,
    )


def _model_of(design: Design, fabric: Fabric, network: int, name: str) -> LatencyModel | None:
    """The latency model of this name in the catalog; none for `none`, and without a name that of the protocol."""
    if name in ("", "none"):
        return None if name else default_model(fabric, network, design.catalog)
    return latency_model(design.catalog, name, "--latency")


def _times(
    ops: Sequence[str],
    algorithm: str,
    timed: Callable[[str, str], CollectiveTime],
    moved: Callable[[str], CollectiveTime],
) -> tuple[list[CollectiveTime], list[tuple[str, str, str]]]:
    """The times of all operations, and what was left out: by default what its ranks or switches cannot do."""
    times: list[CollectiveTime] = []
    left_out: list[tuple[str, str, str]] = []
    for op in ops or tuple(COLLECTIVES):
        if op in EXPERTS:
            times.append(moved(op))
            continue
        for name in _algorithms(op, algorithm, bool(ops)):
            try:
                times.append(timed(op, name))
            except ParameterError as error:
                if algorithm or not (name == "sharp" or isinstance(error, UnevenRanksError)):
                    raise
                left_out.append((op, name, str(error)))
    return times, left_out


def _row_of(fabric: Fabric, network: str, ops: Sequence[str]) -> int:
    """The network's row; raises ParameterError for a network or an operation that there is not."""
    if network and network not in fabric.networks:
        raise ParameterError("--network", network, "the design has no such network", ", ".join(fabric.networks))
    for op in ops:
        if op not in OPS:
            raise ParameterError("--op", op, "unknown operation", ", ".join(OPS), nearest(op, OPS))
    return fabric.network_row(network) if network else 0


def _scheduled(
    fabric: Fabric, bounds: Mapping[str, Optimum]
) -> tuple[dict[str, dict[str, Any]], list[tuple[str, str, str]]]:
    """Schedules of trees that reach the bounds, by operation, and the operations for which time ended first."""
    proofs: dict[str, dict[str, Any]] = {}
    without: list[tuple[str, str, str]] = []
    for name, bound in bounds.items():
        try:
            proof = schedule(fabric, bound, TREES_S)
        except LimitReachedError as error:
            without.append((name, "trees", str(error)))
        else:
            proofs |= {} if proof is None else {name: proof}
    return proofs, without


def _without_planes(design: Design, fabric: Fabric, lost: int) -> Fabric:
    """The fabric where `lost` of the switches of every scale-up domain are gone, with the share of its bandwidth that
    the others carry. Raises ParameterError for parts that do not tell how many there are, or have no more."""
    left = []
    for name, gbps in zip(fabric.groups, fabric.scale_up_gbps, strict=True):
        scale_up = design.catalog.host(name).scale_up
        planes = scale_up.planes if scale_up is not None else None
        if gbps and (planes is None or lost >= planes):
            allowed = f"at most {planes - 1:,}" if planes else "parts with scale_up.planes"
            raise ParameterError(
                "--scale-up-planes-lost",
                lost,
                f"{name} has {planes or 'no number of'} {noun(planes or 0, 'plane')}",
                allowed,
            )
        left.append(gbps * (planes - lost) / planes if planes else gbps)
    return replace(fabric, scale_up_gbps=tuple(left))


def _gains(ranks: Ranks, layout: ExpertLayout) -> list[InNetworkGain]:
    """Over all sets of hosts that hold the experts; empty where they need no NIC."""
    rows = [in_network_gains(layout, split) for split in splits(ranks, layout)]
    mean = [
        InNetworkGain(row[0].max_groups, float(np.mean([g.copies for g in row])), float(np.mean([g.once for g in row])))
        for row in zip(*rows, strict=True)
    ]
    return mean if any(gain.copies for gain in mean) else []


def _both_copies(ranks: Ranks, layout: ExpertLayout) -> tuple[Copies, Copies]:
    """Copies of a token expected and sampled, over all sets of hosts that hold the experts."""
    many = Counter(splits(ranks, layout))
    tokens = {split: max(SAMPLED_TOKENS * n // many.total(), 1) for split, n in many.items()}
    expected = [expected_copies(layout, split) for split in many for _ in range(many[split])]
    sampled = [sampled_copies(layout, tokens[split], 1, split=split) for split in many for _ in range(many[split])]
    return mean_copies(expected), mean_copies(sampled)


def _algorithms(op: str, wanted: str, strict: bool) -> list[str]:
    """The algorithms to try: all, or the one wanted where the operation has it."""
    known = list(collective(op).algorithms)
    if not wanted:
        return known
    wanted = wanted if wanted in known else ALIASES.get(wanted, wanted)
    if wanted not in known and strict:
        raise ParameterError(
            "--algorithm", wanted, f"{op} has no such algorithm", ", ".join(known), nearest(wanted, known)
        )
    return [wanted] if wanted in known else []
