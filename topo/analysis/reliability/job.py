"""How often a job is interrupted: a failure that leaves a NIC of one of its hosts without any link, or takes a host.
The NICs of a host that stand in for each other in a network beside the compute network count as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topo.analysis.reliability.groups import Family
from topo.analysis.reliability.rates import HOURS_A_MONTH
from topo.errors import ParameterError
from topo.fabric import Fabric
from topo.fabric.model import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Interruptions:
    """Of a job on the first `gpus` GPUs: interruptions a month by one failure alone (`single`), by key, and at most so
    many more where a failure meets others that are not repaired yet (`overlapping`, a union bound; None where the
    time of repair is not known)."""

    gpus: int
    single: float
    by_key: dict[str, float]
    overlapping: float | None

    @property
    def upper(self) -> float | None:
        """At most so many a month."""
        return None if self.overlapping is None else self.single + self.overlapping


def interruptions(fabric: Fabric, network: int, families: Sequence[Family], gpus: int | None = None) -> Interruptions:
    """Interruptions a month. Raises ParameterError for more GPUs than the fabric has."""
    every = int(fabric.devices.gpus.sum())
    if gpus is not None and not 0 < gpus <= every:
        raise ParameterError("gpus", gpus, "the fabric has no such job", f"1 to {every:,}")
    first = gpus or every
    rows = np.flatnonzero((fabric.endpoints.network == network) & _in_job(fabric, first))
    unit = (fabric.endpoints.plane if fabric.bonds(network) else fabric.endpoints.nic)[rows].astype(np.int64)
    key = fabric.endpoints.host[rows].astype(np.int64) * (int(unit.max(initial=0)) + 1) + unit
    _, nic = np.unique(key, return_inverse=True)
    nic = nic.reshape(-1).astype(np.int64)
    ports = np.bincount(nic)
    rate = np.zeros(len(rows))
    down = np.zeros(len(rows))
    by_key: dict[str, float] = {}
    known = True
    for family in families:
        hit_group, hit_end = _hits(fabric, family, rows)
        pair = hit_group * max(len(ports), 1) + nic[hit_end]
        both, lost = np.unique(pair, return_counts=True)
        whole = lost == ports[both % max(len(ports), 1)]
        dead = np.unique(both[whole] // max(len(ports), 1))
        by_key[family.key] = len(dead) * family.per_hour * HOURS_A_MONTH
        partial = ~np.isin(hit_group, dead)
        np.add.at(rate, hit_end[partial], family.per_hour)
        known &= family.unavailable is not None
        np.add.at(down, hit_end, family.unavailable or 0.0)
    more = _overlapping(rate, np.minimum(down, 1.0), nic, ports) * HOURS_A_MONTH if known else None
    return Interruptions(first, float(sum(by_key.values())), by_key, more)


def _in_job(fabric: Fabric, gpus: int) -> BoolArray:
    """Shape (endpoints,): endpoints that serve one of the first GPUs, counted host by host."""
    before = np.cumsum(fabric.devices.gpus) - fabric.devices.gpus
    start = before[fabric.endpoints.host] + fabric.endpoints.gpu_first
    return np.asarray((fabric.endpoints.gpu_count > 0) & (start < gpus))


def _hits(fabric: Fabric, family: Family, ends: IntArray) -> tuple[IntArray, IntArray]:
    """Pairs (group, position in `ends`) of endpoints that a group takes off the network, each once."""
    at_link = np.full(len(fabric.links), -1, dtype=np.int64)
    link = fabric.endpoint_link[ends]
    at_link[link[link >= 0]] = np.flatnonzero(link >= 0)
    result = [np.stack([family.link_group, at_link[family.link]])[:, at_link[family.link] >= 0]]
    for end in (fabric.endpoints.host[ends], fabric.endpoint_switch[ends]):
        order = np.argsort(end, kind="stable")
        low = np.searchsorted(end[order], family.device, "left")
        high = np.searchsorted(end[order], family.device, "right")
        span = high - low
        offset = np.arange(int(span.sum())) - np.repeat(np.cumsum(span) - span, span)
        result.append(np.stack([np.repeat(family.device_group, span), order[np.repeat(low, span) + offset]]))
    pairs = np.unique(np.concatenate(result, axis=1), axis=1)
    return pairs[0].astype(np.int64), pairs[1].astype(np.int64)


def _overlapping(rate: FloatArray, down: FloatArray, nic: IntArray, ports: IntArray) -> float:
    """At most so many an hour: some port of a NIC fails while all its others are down. Ports fail by groups of their
    own; a union bound over NICs, and the least of the others' probabilities where groups are shared."""
    total = 0.0
    for width in np.unique(ports[ports > 1]).tolist():
        rows = np.flatnonzero(ports[nic] == width)
        order = rows[np.argsort(nic[rows], kind="stable")].reshape(-1, width)
        r, q = rate[order], down[order]
        for port in range(width):
            total += float((r[:, port] * np.delete(q, port, axis=1).min(axis=1)).sum())
    return total
