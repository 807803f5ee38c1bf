"""Every single failure of a kind, proved by one representative of each orbit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from topo.analysis.failures._graph import HostedGraph, hosted_graph
from topo.analysis.failures._lost import Lost, lost
from topo.analysis.failures._rest import with_digest, without
from topo.analysis.failures._rows import FailureRow
from topo.analysis.failures._things import (
    TIERS,
    Alike,
    Thing,
    alike_cables,
    alike_devices,
    alike_hosts,
    alike_nics,
    alike_planes,
    of_kind,
)
from topo.analysis.spec import split_spec
from topo.analysis.throughput import Before, Throughput, before_failures, throughput
from topo.errors import LimitReachedError, ParameterError, nearest
from topo.fabric import Fabric, with_cables
from topo.fabric.model import IntArray
from topo.solvers.budget import QUESTION_S, Budget, now
from topo.units import amount

Asked = Callable[[tuple[int, ...], tuple[str, ...]], Throughput]
Ready = dict[Thing, tuple[Fabric, Lost]]
"""What a failure leaves, and who is cut off then."""
KINDS = ("cable", "nic", "host", "leaf", "spine", "core", "switch", "plane")
BEFORE = 0.2
"""Share of the time limit for what the questions about all failures start from."""
COUNTED_PER_S = 4e6
"""Failures times links for which a second is enough, where it is counted who is cut off: 1,000 failures of a fabric of
40,000 links take 8 s of an idle core."""
LEAST_S = 1.0
"""What the limit counts as at least, where it is counted who is cut off."""
PASSED = 1.25
"""Times the limit after which no more throughputs are sought."""
SYMMETRIC_TRAFFIC = ("all-to-all", "gpu-all-to-all")
SYMMETRIC_ROUTING = ("adaptive", "spray")


def single_failures(
    fabric: Fabric,
    kinds: Iterable[str] = KINDS,
    network: str | int = 0,
    traffic: str = "all-to-all",
    routing: str = "adaptive",
    cables: IntArray | None = None,
    time_limit_s: float = QUESTION_S,
    hosted: HostedGraph | None = None,
    asked: Asked | None = None,
) -> tuple[FailureRow, ...]:
    """One row per orbit of single failures of each kind, the least throughput first within a kind.

    A representative proves its whole orbit because traffic and routing follow any permutation of the fabric; others
    raise ParameterError. A cable takes all its links away: as the fabric knows them, or by `cables` (shape (fabric
    links,)), the cable of each link; otherwise each link has its own. A switch is one of any tier. Kinds that the
    network does not have give no row. An orbit whose throughput is not found within its share of
    `time_limit_s` has the interval [0, inf]; where the orbits are too many to look at each in that time,
    LimitReachedError is raised. `hosted` is the network's `hosted_graph`, where it is at hand; `asked`
    tells what is left after a failure, where that is known, by the links and devices that it takes away.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise ParameterError("what", kind, "no such kind of failure", ", ".join(KINDS), nearest(kind, KINDS))
    _refuse("traffic", traffic, SYMMETRIC_TRAFFIC)
    _refuse("routing", routing, SYMMETRIC_ROUTING)
    row = fabric.network_row(network) if isinstance(network, str) else network
    keys = split_spec(traffic, "traffic")[1]
    if "over" in keys:
        message = "asks two networks, and failures are alike in one"
        raise ParameterError("traffic", traffic, message, ", ".join(SYMMETRIC_TRAFFIC))
    if keys and not gpus_hang_alike(fabric, row):
        message = "GPUs of one host hang on unlike switches, so one failure cannot stand for those like it"
        raise ParameterError("traffic", traffic, message, ", ".join(SYMMETRIC_TRAFFIC))
    hosted = hosted or hosted_graph(fabric, row)
    if cables is not None:
        fabric = with_cables(fabric, np.arange(len(cables)), cables)
    start, rows, known = now(), [], dict[Thing, FailureRow]()
    alike = [(kind, one) for kind in dict.fromkeys(kinds) for one in _alike(fabric, hosted, kind)]
    counting_s = time_limit_s if asked is None else math.inf
    refuse_many(fabric, len(alike), counting_s)
    ready: Ready = {}
    result = [(kind, like) for kind, one in alike for like in _as_many(fabric, row, one, counting_s, ready)]
    before = None if asked else before_failures(fabric, row, traffic, routing, BEFORE * time_limit_s)
    asking = Asking(fabric, row, (traffic, routing), before, asked)
    for i, (kind, one) in enumerate(result):
        left = remaining(start, time_limit_s) / (len(result) - i)
        if one.first in known:
            rows.append(replace(known[one.first], what=kind, stands_for=one.stands_for))
            continue
        rows.append(examined(asking, Failure(kind, 1, one.first, one.stands_for), left, ready))
        known[one.first] = rows[-1]
    order = {kind: i for i, kind in enumerate(KINDS)}
    return tuple(sorted(rows, key=lambda r: (order[r.what], r.lower, -r.cut_off, r.worst)))


def refuse_many(fabric: Fabric, failures: int, time_limit_s: float) -> None:
    """Raises LimitReachedError where so many failures are too many to count who is cut off by each."""
    if not Budget(max(time_limit_s, LEAST_S)).allows(failures * max(len(fabric.links), 1000), COUNTED_PER_S):
        raise LimitReachedError(
            f"{amount(failures, 'failure')} that are unlike, of a fabric of "
            f"{amount(len(fabric.links), 'link')}, are too many to look "
            f"at each in {time_limit_s:g} s"
        )


def _as_many(fabric: Fabric, network: int, one: Alike, time_limit_s: float, ready: Ready) -> list[Alike]:
    """Alike failures by how many GPUs and hosts they cut off, which differ only where planes have equal parts left. One
    degraded fabric is kept as `ready`, as it is asked again."""
    if one.stands_for == 1:
        return [one]
    less = without(fabric, network, one.first)
    first = lost(fabric, less, network)
    if not ready:
        ready[one.first] = less, first
    if not first.tied:
        return [one]
    refuse_many(fabric, one.stands_for, time_limit_s)
    groups: dict[tuple[int, int], list[Thing]] = {}
    for thing in one.every():
        gone = lost(fabric, without(fabric, network, thing), network)
        groups.setdefault((gone.gpus, len(gone.hosts)), []).append(thing)
    return [Alike(things[0], len(things), things.copy) for things in groups.values()]


def kinds_of(fabric: Fabric, network: int) -> tuple[str, ...]:
    """The kinds of things of which a network has one that could fail alone."""
    own = fabric.switches_in(network)
    joined = bool((fabric.links.network == network).any())
    ends = bool((fabric.endpoints.network == network).any())
    have = {"cable": joined, "nic": ends, "host": ends, "plane": len(np.unique(fabric.devices.plane[own])) > 1}
    have |= {kind: bool(of_kind(fabric.devices.tier[own], kind).any()) for kind in TIERS}
    return tuple(kind for kind in KINDS if have[kind])


def is_symmetric(traffic: str, routing: str) -> bool:
    """Whether one failure stands for those that permutations of switches and hosts carry it to: traffic and routing
    follow them. Within domains that needs more of a fabric (`gpus_hang_alike`)."""
    return traffic in SYMMETRIC_TRAFFIC and split_spec(routing, "routing")[0] in SYMMETRIC_ROUTING


def gpus_hang_alike(fabric: Fabric, network: int) -> bool:
    """Every GPU of a host has as many ports of each speed on each switch of the network as any other of that host: the
    links of the host then tell those of its GPUs."""
    ends = fabric.endpoints
    rows = np.flatnonzero((ends.network == network) & (fabric.endpoint_switch >= 0))
    alone = bool((ends.gpu_count[rows] == 1).all())
    speed = np.stack([ends.gbps[rows], fabric.links.gbps[fabric.endpoint_link[rows]]])
    kind = np.unique(speed, axis=1, return_inverse=True)[1].reshape(-1)
    columns = np.stack([ends.host[rows], fabric.endpoint_switch[rows], kind, ends.gpu_first[rows]])
    ports, count = np.unique(columns, axis=1, return_counts=True)
    _, place, gpus = np.unique(ports[:3], axis=1, return_inverse=True, return_counts=True)
    most = np.zeros(len(gpus), dtype=np.int64)
    np.maximum.at(most, place.reshape(-1), count)
    alike = bool((count == most[place.reshape(-1)]).all())
    host = np.unique(ports[:3], axis=1)[0]
    return alone and alike and bool((gpus == fabric.devices.gpus[host]).all())


def _refuse(key: str, text: str, allowed: tuple[str, ...]) -> None:
    name, _ = split_spec(text, key)
    if name not in allowed:
        raise ParameterError(
            key, text, "depends on names, so one failure cannot stand for those like it", ", ".join(allowed)
        )


def _alike(fabric: Fabric, hosted: HostedGraph, kind: str) -> Iterator[Alike]:
    if kind in TIERS:
        return alike_devices(fabric, hosted, kind)
    if kind == "cable":
        return alike_cables(fabric, hosted)
    if kind == "plane":
        return alike_planes(fabric, hosted)
    return alike_nics(fabric, hosted) if kind == "nic" else alike_hosts(fabric, hosted)


def remaining(start: float, time_limit_s: float) -> float:
    """Seconds that are left for failures, at least one while the limit is not passed by far; then 0."""
    spent = now() - start
    return max(time_limit_s - spent, 1.0) if spent < PASSED * time_limit_s else 0.0


@dataclass(frozen=True)
class Failure:
    """`count` things of kind `what` that fail together, and how many failures like it it stands for."""

    what: str
    count: int
    thing: Thing
    stands_for: int


class Asking(NamedTuple):
    """What is asked of each failure of a network: traffic and routing, with what `before_failures` gave; `asked`
    answers instead of a solver."""

    fabric: Fabric
    network: int
    question: tuple[str, str]
    before: Before | None = None
    asked: Asked | None = None


def examined(asking: Asking, failure: Failure, time_limit_s: float, ready: Ready | None = None) -> FailureRow:
    """The row of one failure, every question asked again; its throughput unknown where no time is left. What is
    `ready` is taken from there."""
    fabric, network, (traffic, routing), before, asked = asking
    thing = failure.thing
    if ready and thing in ready:
        less, gone = ready.pop(thing)
    else:
        less = without(fabric, network, thing)
        gone = lost(fabric, less, network)
    try:
        if time_limit_s <= 0.0:
            raise LimitReachedError("no time is left")
        if asked is not None:
            result = asked(thing.links, thing.devices)
        else:
            with_digest(fabric, network, thing, less)
            result = throughput(less, traffic, routing, network, fabric, time_limit_s, before=before)
    except LimitReachedError:
        ends, proof = (0.0, math.inf), None
    else:
        ends, proof = (result.lower, result.upper), result.certificate
    head = (failure.what, failure.count, failure.stands_for, traffic, routing, *ends, thing.name, gone.gpus, gone)
    return FailureRow(*head, proof, thing.links, thing.devices)
