"""What faults do to the bisection: the least capacity between halves of the hosts, as built against as planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from topo.audit._faults import Fault, Found
from topo.checks.model import Finding
from topo.errors import LimitReachedError
from topo.fabric import CORE, HOST, LEAF, Fabric
from topo.interval import Words, span
from topo.solvers.budget import QUESTION_S
from topo.units import gbps

TOLD = 10
"""The effect is told of at most so many faults one by one; of all together always."""


@dataclass(frozen=True)
class BisectionEffect:
    """The bisection of a network as planned and as built (with all faults), each in [lower, upper] Gb/s."""

    network: str
    planned_gbps: tuple[float, float]
    built_gbps: tuple[float, float]

    def text(self) -> str:
        """One line for people."""
        return f"{_span(self.built_gbps)}{_less(self.planned_gbps, self.built_gbps)}"


def rewired(fabric: Fabric, gone: Sequence[int], cables: Sequence[Found]) -> Fabric:
    """The fabric without these links (rows), and with each cable that joins two free ports in place of one of them that
    it has an end of."""
    keep = np.ones(len(fabric.links), dtype=np.bool_)
    keep[list(gone)] = False
    kept, left, link_of = np.flatnonzero(keep), set(gone), fabric.link_of_port
    used = set(fabric.links.a[kept].tolist()) | set(fabric.links.b[kept].tolist()) if cables else set()
    rows, ends = [], []
    for cable in cables:
        if min(cable.a, cable.b) < 0 or cable.a in used or cable.b in used:
            continue
        wanted = [int(link_of[p]) for p in (cable.a, cable.b) if int(link_of[p]) in left]
        if not wanted:
            continue
        used |= {cable.a, cable.b}
        left.discard(wanted[0])
        rows.append(wanted[0])
        ends.append(sorted((cable.a, cable.b), key=lambda p: int(fabric.devices.tier[fabric.ports.device[p]])))
    links = fabric.links.rows(np.concatenate([kept, np.array(rows, dtype=np.int64)]))
    a, b = np.array(links.a), np.array(links.b)
    a[len(kept) :], b[len(kept) :] = [low for low, _ in ends], [high for _, high in ends]
    return replace(fabric, links=replace(links, a=a, b=b))


def with_effects(
    fabric: Fabric, built: Fabric, faults: Sequence[Fault], networks: Sequence[int]
) -> tuple[list[Finding], tuple[BisectionEffect, ...]]:
    """The findings of the faults, the first of them with what each alone costs in bisection; and what all cost
    together, for each of the networks that has tiers."""
    known: dict[tuple[int, bytes, bytes], tuple[float, float] | None] = {}

    def asked(wired: Fabric, network: int) -> tuple[float, float] | None:
        """One fault alone is often all that is built otherwise: its bisection is that of what is built."""
        key = network, wired.links.a.tobytes(), wired.links.b.tobytes()
        if key not in known:
            known[key] = _bisection(wired, network)
        return known[key]

    told = {n: planned for n in networks if (planned := asked(fabric, n)) is not None}
    findings, said = [], 0
    for fault in faults:
        network = int(fabric.links.network[fault.links[0]]) if fault.links else -1
        alone = None
        if network in told and said < TOLD:
            said += 1
            alone = asked(rewired(fabric, fault.links, fault.cables), network)
        finding = fault.finding
        if alone is not None:
            text = f" Bisection of the {fabric.networks[network]} network: {_span(alone)}{_less(told[network], alone)}."
            finding = replace(finding, message=finding.message + text)
        findings.append(finding)
    effects = []
    for network, planned in told.items():
        own = any(fault.links and int(fabric.links.network[fault.links[0]]) == network for fault in faults)
        result = asked(built, network) if own else planned
        if result is not None:
            effects.append(BisectionEffect(fabric.networks[network], planned, result))
    return findings, tuple(effects)


def _bisection(fabric: Fabric, network: int) -> tuple[float, float] | None:
    """The interval in Gb/s; None for networks without tiers, where it would take long."""
    from topo.analysis.bisection import bisection

    mask = (fabric.devices.network == network) & (fabric.devices.tier != HOST)
    tier = fabric.devices.tier[mask]
    ends = fabric.endpoints.network == network
    joined = fabric.endpoint_link[ends] >= 0
    if not len(tier) or bool((tier < LEAF).any() or (tier > CORE).any()) or not joined.any():
        return None
    try:
        result = bisection(fabric, network, time_limit_s=QUESTION_S / 12)
    except LimitReachedError:
        return None
    return result.lower_gbps, result.upper_gbps


def _span(result: tuple[float, float]) -> str:
    return span(*result, gbps, Words(joined="between {} and {}"))


def _less(planned: tuple[float, float], result: tuple[float, float]) -> str:
    """By how much the one is below the other, where both are exact."""
    if planned[0] != planned[1] or result[0] != result[1]:
        return f", planned {_span(planned)}"
    lost = planned[0] - result[0]
    if not lost:
        return ", as planned"
    return f", {gbps(lost)} ({lost / planned[0]:.3%}) less than planned"
