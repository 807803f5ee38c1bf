"""Flows hashed to one path each, hop by hop.

The hash. A flow is (source endpoint, destination endpoint, queue pair); endpoints count in the network's order from 0.
Endpoints and switches have random words of 32 bits. With mix64 the finaliser of splitmix64 (Steele, Lea, Flood, "Fast
splittable pseudorandom number generators", OOPSLA 2014) and G = 0x9E3779B97F4A7C15, modulo 2^64: word(n, k) = the upper
half of mix64(mix64(seed * G + k) + (n + 1) * G). From there on modulo 2^32: the flow's key is word(source, 1) +
word(destination, 2) + (queue pair + 1) * 0x9E3779B9; switch s has the salt word(s, 3), or word(0, 3) where all switches
share one hash (polarised). At switch s the flow takes choice floor(n * top / 2^20) of the n shortest next hops in port
order, where top is the upper 20 bits of mix32(key xor salt), the finaliser of MurmurHash3 (Appleby, public domain)
without its last step, which mixes upper bits into lower ones. More than 4,096 next hops (12 bits) are refused.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from topo.analysis.demand import Demand, Flows, Uniform
from topo.analysis.routing.ends import Ends
from topo.analysis.routing.loads import ROUNDING, ChannelLoads
from topo.analysis.routing.matrix import EXACT_BELOW
from topo.analysis.routing.paths import Paths
from topo.analysis.routing.targets import Targets
from topo.errors import ParameterError
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.units import amount

Words = npt.NDArray[np.uint32]

_G = 0x9E3779B97F4A7C15
"""2**64 over the golden ratio: the step of splitmix64 (Steele, Lea, Flood 2014)."""
_MASK = (1 << 64) - 1
"""Sums of 64-bit numbers wrap around."""
PARTS = 16
"""However many cores there are, so that sums are added in one order everywhere."""
MOST_NEXT_HOPS = 4096
"""Next hops times 20 bits of hash fit into 32 bits."""


@dataclass(frozen=True)
class Hash:
    """How flows are hashed: `queue_pairs` flows per pair of endpoints."""

    seed: int
    queue_pairs: int = 1
    polarised: bool = False


def mixed(x: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The finaliser of splitmix64 over an array."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ (x >> np.uint64(31)))


def words(count: int, seed: int, kind: int) -> Words:
    """Shape (count,): word(n, kind) of the hash."""
    start = mixed(np.array([(seed * _G + kind) & _MASK], dtype=np.uint64))
    whole = mixed(start + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_G))
    return (whole >> np.uint64(32)).astype(np.uint32)


def salts(switches: int, how: Hash) -> Words:
    """Shape (switches,): what each switch mixes into the keys."""
    one = words(switches, how.seed, 3)
    return np.full(switches, one[0], dtype=np.uint32) if how.polarised and switches else one


def flow_count(demand: Demand) -> int:
    """Flows between endpoints at one queue pair each, those that stay on their switch too."""
    if isinstance(demand.form, Uniform):
        return sum(int(n) ** 2 for n in np.bincount(demand.form.group[demand.network.at] + 1)[1:].tolist())
    return len(demand.flows.src) if demand.flows else 0


@dataclass(frozen=True)
class Hashed:
    """What the flows of a uniform demand are hashed over: the channels that leave each switch and where they lead, the
    `group` (switches,) whose endpoints send to each other, the endpoints with their words as sources and destinations,
    and the salt of each switch."""

    start: IntArray
    head: IntArray
    group: IntArray
    ends: Ends
    source: Words
    destination: Words
    salt: Words
    queue_pairs: int

    def loads(self, dest: IntArray, sends: BoolArray) -> tuple[FloatArray, FloatArray]:
        """Loads (channels,) and demand by path length of the flows from switches that `sends` (switches,) tells to
        those of `dest`, in products of the weights of two ends. Raises ParameterError for too many next hops."""
        from concurrent.futures import ThreadPoolExecutor

        from topo.analysis.routing.hash_kernel import hashed_all_to_all

        def part(rows: IntArray) -> tuple[FloatArray, FloatArray]:
            load, by_length = np.zeros(len(self.head)), np.zeros(len(self.start))
            most = hashed_all_to_all(
                self.start, self.head, rows, self.group, sends, self.ends.start, self.ends.weight, self.source,
                self.destination, self.salt, self.queue_pairs, load, by_length,
            )  # fmt: skip
            _refuse_above(most)
            return load, by_length

        with ThreadPoolExecutor(min(os.cpu_count() or 1, PARTS)) as pool:
            parts = list(pool.map(part, np.array_split(dest, PARTS)))
        load = sum((p[0] for p in parts), np.zeros(len(self.head)))
        return load, sum((p[1] for p in parts), np.zeros(len(self.start)))


def hashed_loads(targets: Targets, demand: Demand, ends: Ends, how: Hash) -> tuple[ChannelLoads, FloatArray]:
    """Loads of a uniform demand, and the demand in Gb/s by path length."""
    form = demand.form
    if not isinstance(form, Uniform):
        raise TypeError("a uniform demand is needed; others go flow by flow")
    used = targets.used
    n = len(ends.order)
    source, destination = (words(n, how.seed, kind)[ends.order] for kind in (1, 2))
    salt = salts(used.switches, how)
    over = Hashed(used.start, used.head, form.group, ends, source, destination, salt, how.queue_pairs)
    load, by_length = over.loads(demand.destinations, np.ones(used.switches, dtype=np.bool_))
    unit = ends.unit * ends.unit * form.scale / how.queue_pairs
    exact = float(by_length.sum()) < EXACT_BELOW and bool((ends.weight == np.rint(ends.weight)).all())
    error = 0.0 if exact else 1.01 * (n * n * how.queue_pairs + 4) * ROUNDING
    return targets.loads(load, unit, error), by_length * float(unit)


def _refuse_above(most: int) -> None:
    """Raises ParameterError where a flow had more next hops to choose among than the hash can number."""
    if most > MOST_NEXT_HOPS:
        allowed = f"at most {MOST_NEXT_HOPS:,} next hops at a switch"
        raise ParameterError("routing", "ecmp", f"has to choose among {amount(most, 'next hop')}", allowed, "use spray")


def hashed_paths(targets: Targets, demand: Demand, flows: Flows, how: Hash) -> Paths:
    """The path of every queue pair of every flow."""
    from topo.analysis.paths.hops import hops
    from topo.analysis.routing.hash_kernel import hashed_paths as fill

    net, used = demand.network, targets.used
    n = len(net.at)
    order = np.argsort(net.at[flows.dst], kind="stable")
    ordered = Flows(flows.src[order], flows.dst[order], flows.gbps[order])
    key = words(n, how.seed, 1)[ordered.src] + words(n, how.seed, 2)[ordered.dst]
    path = np.full((len(order) * how.queue_pairs, max(hops(net).max - 1, 1)), -1, dtype=np.int32)
    to, out = (net.at[rows].astype(np.int64) for rows in (ordered.dst, ordered.src))
    most = fill(used.start, used.head, to, out, key, salts(used.switches, how), how.queue_pairs, path)
    _refuse_above(most)
    return Paths(targets, ordered, path, np.repeat(np.arange(len(order)), how.queue_pairs), how.queue_pairs)
