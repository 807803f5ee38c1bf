"""Flows that a hash sends along one path each, placed with numpy alone.

The hash is the one that the documentation of `ecmp` states. With mix the finaliser of splitmix64 (Steele, Lea, Flood,
"Fast splittable pseudorandom number generators", OOPSLA 2014) and G = 0x9E3779B97F4A7C15, all modulo 2^64:
word(n, k) = mix(mix(seed * G + k) + (n + 1) * G); a flow's key is word(source, 1) + word(destination, 2) + (queue pair
+ 1) * G, and at switch s, of salt word(s, 3) (word(0, 3) where polarised), it takes choice floor(n * top / 2^32) of the
n shortest next hops in port order, top being the upper half of mix(key xor salt).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, pairwise

import numpy as np
import numpy.typing as npt

from topo.certificates._channels import FAR, Channels
from topo.certificates._end_demand import EndDemand
from topo.certificates._whole import Whole
from topo.errors import CertificateError
from topo.fabric.model import BoolArray, IntArray

Words = npt.NDArray[np.uint64]

STEP = 0x9E3779B97F4A7C15
CHUNK = 1 << 15
"""Flows hashed at once: their words stay in the processor's cache."""


@dataclass(frozen=True)
class Hash:
    """What the certificate says about the hash."""

    seed: int
    queue_pairs: int
    polarised: bool


def words(count: int, seed: int, kind: int) -> Words:
    """Shape (count,): word(n, kind)."""
    start = _mixed(np.array([(seed * STEP + kind) % 2**64], dtype=np.uint64))
    return _mixed(start + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(STEP))


def _mixed(x: Words) -> Words:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: Words = x ^ (x >> np.uint64(31))
    return mixed


@dataclass(frozen=True)
class NextHops:
    """Shortest next hops towards one switch: `choice[first[v]:first[v] + count[v]]` are channels that leave v.
    `forced[v]`: v and all that follows have one choice. `reached` lists the switches with a path, nearest first, less
    the destination itself, and `level[i]` where those of distance i + 1 begin."""

    choice: IntArray
    first: IntArray
    count: IntArray
    forced: BoolArray
    reached: IntArray
    level: list[int]


def next_hops(channels: Channels, distance: npt.NDArray[np.int16]) -> NextHops:
    """The next hops by the distances (switches,) to the destination."""
    far = distance[channels.tail]
    choice = np.flatnonzero((distance[channels.head] == far - 1) & (far < FAR))
    count = np.bincount(channels.tail[choice], minlength=channels.switches)
    first = np.cumsum(count) - count
    reached = np.argsort(distance, kind="stable")
    reached = reached[(distance[reached] > 0) & (distance[reached] < FAR)]
    most = int(distance[reached[-1]]) if len(reached) else 0
    level = np.searchsorted(distance[reached], np.arange(1, most + 2)).tolist()
    forced = distance == 0
    for i, j in pairwise(level):
        here = reached[i:j]
        forced[here] = (count[here] == 1) & forced[channels.head[choice[first[here]]]]
    return NextHops(choice, first, count, forced, reached, level)


def forced_loads(channels: Channels, hops: NextHops, held: Whole, load: Whole) -> None:
    """Moves what forced switches hold to the destination, and adds it to the load of the channels on the way."""
    for i, j in reversed(list(pairwise(hops.level))):
        here = hops.reached[i:j]
        here = here[held[here] != 0]
        channel = hops.choice[hops.first[here]]
        load[channel] += held[here]
        np.add.at(held, channels.head[channel], held[here])


@dataclass(frozen=True)
class _Onwards:
    """Shape (choices,) each: whether a choice leads to a further one (None: all do), and salt, first choice and number
    of choices of the switch it leads to; `same` tells that these numbers are equal wherever flows go on."""

    some: BoolArray | None
    salt: Words
    first: Words
    count: Words
    same: bool


class Placing:
    """The endpoints of a demand in the checker's order, and buffers for their flows."""

    def __init__(self, channels: Channels, at: IntArray, how: Hash) -> None:
        self.channels, self.at, self.how = channels, at, how
        self.src, self.dst = words(len(at), how.seed, 1), words(len(at), how.seed, 2)
        salt = words(max(channels.switches, 1), how.seed, 3)
        self.salt = np.full(channels.switches, salt[0]) if how.polarised else salt[: channels.switches]
        self.key, self.hash, self.other, self.aside = (np.empty(CHUNK, dtype=np.uint64) for _ in range(4))

    def all_to_all(self, demand: EndDemand, to: IntArray, distance: npt.NDArray[np.int16], load: Whole) -> None:
        """Adds to `load` what all endpoints send the endpoints `to` of one switch, at `distance` (switches,)."""
        target = int(self.at[to[0]])
        hops = next_hops(self.channels, distance)
        near = (demand.group[self.at] == demand.group[target]) & (distance[self.at] < FAR) & (self.at != target)
        weight = demand.weight.astype(np.int64)
        held = np.zeros(self.channels.switches, dtype=np.int64)
        forced = near & hops.forced[self.at]
        np.add.at(held, self.at[forced], weight[forced] * int(weight[to].sum()) * self.how.queue_pairs)
        for senders, amount in self._alike(np.flatnonzero(near & ~forced), weight, hops):
            for each in np.unique(weight[to]).tolist():
                receivers = to[weight[to] == each]
                placed = np.zeros(len(hops.choice), dtype=np.int64)
                self._spread(hops, senders, receivers, placed)
                load[hops.choice] += placed * (amount * each)
                last = hops.forced[self.channels.head[hops.choice]]
                np.add.at(held, self.channels.head[hops.choice[last]], placed[last] * (amount * each))
        forced_loads(self.channels, hops, held, load)

    def _alike(self, senders: IntArray, weight: IntArray, hops: NextHops) -> Iterator[tuple[IntArray, int]]:
        """Senders of one weight whose first choices are all followed by forced ones, or none of them, or some."""
        open_ = (~hops.forced[self.channels.head[hops.choice]]).astype(np.int64)
        sums = np.concatenate([[0], np.cumsum(open_)])
        begin, count = hops.first[self.at[senders]], hops.count[self.at[senders]]
        inside = sums[begin + count] - sums[begin]
        kind = np.where(inside == 0, 0, np.where(inside == count, 1, 2)) + 3 * weight[senders]
        for one in np.unique(kind).tolist():
            yield senders[kind == one], one // 3

    def _spread(self, hops: NextHops, senders: IntArray, receivers: IntArray, placed: IntArray) -> None:
        """Adds to `placed` (choices,) how many flows from all senders to all receivers take each choice."""
        of = self.at[senders]
        first, count, salt = hops.first[of].astype(np.uint64), hops.count[of].astype(np.uint64), self.salt[of]
        onwards = self._onwards(hops, np.unique(of))
        width = min(len(senders), CHUNK)
        tall = max(CHUNK // width, 1)
        for left in range(0, len(senders), width):
            part = slice(left, left + width)
            for row in range(0, len(receivers), tall):
                wanted = self.dst[receivers[row : row + tall]][:, None]
                shape = (len(wanted), len(of[part]))
                size = shape[0] * shape[1]
                key = self.key[:size].reshape(shape)
                np.add(self.src[senders[part]][None, :], wanted, out=key)
                for _ in range(self.how.queue_pairs):
                    key += np.uint64(STEP)
                    taken = self.hash[:size].reshape(shape)
                    np.bitwise_xor(key, salt[part], out=taken)
                    self._choose(taken, count[part], self.aside[:size].reshape(shape))
                    taken += first[part]
                    self._follow(onwards, key.reshape(-1), taken.reshape(-1).view(np.int64), placed)

    def _onwards(self, hops: NextHops, at: IntArray) -> list[_Onwards]:
        """What happens after each choice of flows that start at the switches `at`, until all that is left is forced."""
        found: list[_Onwards] = []
        ahead = self.channels.head[hops.choice]
        open_ = ~hops.forced[ahead]
        while True:
            leaves = np.zeros(self.channels.switches, dtype=np.bool_)
            leaves[at] = True
            chosen = leaves[self.channels.tail[hops.choice]]
            at = np.unique(ahead[chosen & open_])
            if not len(at):
                return found
            columns = self.salt[ahead], hops.first[ahead].astype(np.uint64), hops.count[ahead].astype(np.uint64)
            same = hops.count[at].min() == hops.count[at].max()
            found.append(_Onwards(open_ if (chosen & ~open_).any() else None, *columns, same))

    def _follow(self, onwards: list[_Onwards], key: Words, taken: IntArray, placed: IntArray) -> None:
        """Counts the choices `taken` by flows of these keys, and those that follow."""
        placed += np.bincount(taken, minlength=len(placed))
        spare = cycle((self.other, self.hash))
        for step in onwards:
            if step.some is not None:
                on = step.some[taken]
                key, taken = key[on], taken[on]
            if not len(taken):
                return
            here, aside = next(spare)[: len(taken)], self.aside[: len(taken)]
            np.take(step.salt, taken, out=here, mode="clip")
            here ^= key
            many = step.count[taken[:1]] if step.same else np.take(step.count, taken)
            self._choose(here, many, aside)
            np.take(step.first, taken, out=aside, mode="clip")
            here += aside
            taken = here.view(np.int64)
            placed += np.bincount(taken, minlength=len(placed))

    @staticmethod
    def _choose(x: Words, count: Words, aside: Words) -> None:
        """x becomes floor(count * top / 2^32) with top the upper half of mix(x)."""
        np.right_shift(x, np.uint64(30), out=aside)
        x ^= aside
        x *= np.uint64(0xBF58476D1CE4E5B9)
        np.right_shift(x, np.uint64(27), out=aside)
        x ^= aside
        x *= np.uint64(0x94D049BB133111EB)
        np.right_shift(x, np.uint64(63), out=aside)
        x >>= np.uint64(32)
        x ^= aside
        x *= count
        x >>= np.uint64(32)

    def flows(
        self, rows: IntArray, demand: EndDemand, target: int, distance: npt.NDArray[np.int16], load: Whole
    ) -> None:
        """Adds to `load` the flows `rows` of a stated demand, all to endpoints of the switch `target`."""
        assert demand.flows is not None
        src, dst, amount = demand.flows
        rows = rows[self.at[src[rows]] != target]
        if not len(rows):
            return
        if (distance[self.at[src[rows]]] == FAR).any():
            raise CertificateError(f"switch {target} is sent what cannot reach it")
        hops = next_hops(self.channels, distance)
        key = self.src[src[rows]] + self.dst[dst[rows]]
        for _ in range(self.how.queue_pairs):
            key = key + np.uint64(STEP)
            at, word, units = self.at[src[rows]], key, amount[rows].astype(load.dtype)
            while len(at):
                taken = word ^ self.salt[at]
                self._choose(taken, hops.count[at].astype(np.uint64), np.empty(len(at), dtype=np.uint64))
                channel = hops.choice[hops.first[at] + taken.view(np.int64)]
                np.add.at(load, channel, units)
                at = self.channels.head[channel]
                on = at != target
                at, word, units = at[on], word[on], units[on]
