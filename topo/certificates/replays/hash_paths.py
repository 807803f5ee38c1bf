"""Flows that a hash sends along one path each, placed with numpy alone.

The hash is the one that the documentation of `ecmp` states. Words come from the finaliser mix64 of splitmix64 (Steele,
Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014): with G = 0x9E3779B97F4A7C15, modulo 2^64,
word(n, k) = the upper half of mix64(mix64(seed * G + k) + (n + 1) * G). The rest is modulo 2^32: a flow's key is
word(source, 1) + word(destination, 2) + (queue pair + 1) * 0x9E3779B9, and at switch s, of salt word(s, 3) (word(0, 3)
where polarised), it takes choice floor(n * top / 2^20) of the n shortest next hops in port order, top being the upper
20 bits of key xor salt after the two multiplications of MurmurHash3's finaliser (Appleby, public domain).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from topo.certificates.reading.channels import FAR, Channels
from topo.certificates.reading.hash_words import Words, words
from topo.certificates.reading.whole import Whole
from topo.certificates.replays.end_demand import EndDemand
from topo.errors import CertificateError
from topo.fabric.model import BoolArray, IntArray

STEP = 0x9E3779B9
"""2**32 over the golden ratio: neighbouring numbers lie far apart."""
MOST_NEXT_HOPS = 4096
"""What 32 bits hold besides 20 bits of hash."""
CHUNK = 1 << 18
"""Flows hashed at once: enough that calls cost little, and their words stay in the processor's cache."""
ROWS = 32
"""Destinations and queue pairs in a chunk: few senders at a time choose among few channels, which cache holds too."""


@dataclass(frozen=True)
class Hash:
    """What the certificate says about the hash."""

    seed: int
    queue_pairs: int
    polarised: bool


def choose(x: Words, count: Words, aside: Words) -> None:
    """Each x, a key xor a salt, becomes its choice of `count`; `aside` is scratch of the same shape."""
    np.right_shift(x, np.uint32(16), out=aside)
    x ^= aside
    x *= np.uint32(0x85EBCA6B)
    np.right_shift(x, np.uint32(13), out=aside)
    x ^= aside
    x *= np.uint32(0xC2B2AE35)
    x >>= np.uint32(12)
    x *= count
    x >>= np.uint32(20)


@dataclass(frozen=True)
class NextHops:
    """Shortest next hops towards one switch: `choice[first[v]:first[v] + count[v]]` are channels that leave v, those of
    near switches first.
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
    choice = choice[np.argsort(far[choice], kind="stable")]
    count = np.bincount(channels.tail[choice], minlength=channels.switches)
    nearest = np.argsort(distance, kind="stable")
    first = np.empty_like(count)
    first[nearest] = np.cumsum(count[nearest]) - count[nearest]
    if count.max(initial=0) > MOST_NEXT_HOPS:
        raise CertificateError(f"{int(count.max())} next hops are more than the hash can choose among")
    reached = nearest[(distance[nearest] > 0) & (distance[nearest] < FAR)]
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
class _Step:
    """One hop of flows that go on together. Their choices lie in low .. high - 1 and are counted from `low` on; those
    of other switches may lie there too, but of none as far away as those of the step before.

    Of the switch behind each choice: whether flows go on from it (None: from all), its salt, its first choice counted
    from the `low` of the next step, and its number of choices (one for all, where it is the same).
    """

    low: int
    high: int
    some: BoolArray | None
    salt: Words
    first: Words
    count: Words


class _Ahead:
    """Shape (choices,) each: the switch behind a choice, its salt, first choice and number of choices, 0 if forced."""

    def __init__(self, hops: NextHops, switch: IntArray, salt: Words) -> None:
        self.switch, self.salt = switch, salt[switch]
        self.first = hops.first.astype(np.uint32)[switch]
        self.count = np.where(hops.forced, 0, hops.count).astype(np.uint32)[switch]

    def steps(self, low: int, high: int) -> list[_Step]:
        """What happens after choices low .. high - 1, until all that is left is forced."""
        result: list[_Step] = []
        while True:
            salt, first, count = self.salt[low:high], self.first[low:high], self.count[low:high]
            least, most = count.min(initial=MOST_NEXT_HOPS), count.max(initial=0)
            if most == 0:
                return [*result, _Step(low, high, None, salt, first, count)]
            some = count > 0 if least == 0 else None
            begin, end = first[some].min(), (first + count)[some].max()
            same = count[some].min() == most
            result.append(_Step(low, high, some, salt, first - begin, np.asarray(most) if same else count))
            low, high = int(begin), int(end)


class Room:
    """What all seeds share: the endpoints by switch and by weight, and buffers for flows."""

    def __init__(self, at: IntArray, weight: Whole) -> None:
        self.rank = np.unique(weight, return_inverse=True)[1].reshape(-1)
        self.by_switch = np.argsort(at, kind="stable")
        self.key, self.hash, self.aside = (np.empty(CHUNK, dtype=np.uint32) for _ in range(3))
        self.taken = np.empty(CHUNK, dtype=np.int64)


class Placing:
    """The endpoints of a demand in the checker's order, with the words of one seed."""

    def __init__(self, channels: Channels, at: IntArray, how: Hash, room: Room) -> None:
        self.channels, self.at, self.how = channels, at, how
        self.rank, self.by_switch = room.rank, room.by_switch
        self.src, self.dst = words(len(at), how.seed, 1), words(len(at), how.seed, 2)
        salt = words(max(channels.switches, 1), how.seed, 3)
        self.salt = np.full(channels.switches, salt[0]) if how.polarised else salt[: channels.switches]
        self.key, self.hash, self.aside, self.taken = room.key, room.hash, room.aside, room.taken

    def all_to_all(self, demand: EndDemand, to: IntArray, distance: npt.NDArray[np.int16], load: Whole) -> None:
        """Adds to `load` what all endpoints send the endpoints `to` of one switch, at `distance` (switches,)."""
        target = int(self.at[to[0]])
        hops = next_hops(self.channels, distance)
        near = (demand.group[self.at] == demand.group[target]) & (distance[self.at] < FAR) & (self.at != target)
        weight = demand.weight.astype(load.dtype)
        held: Whole = np.zeros(self.channels.switches, dtype=load.dtype)
        forced = near & hops.forced[self.at]
        np.add.at(held, self.at[forced], weight[forced] * int(weight[to].sum()) * self.how.queue_pairs)
        ahead = _Ahead(hops, self.channels.head[hops.choice], self.salt)
        free = self.by_switch[(near & ~forced)[self.by_switch]]
        free = free[np.argsort(distance[self.at[free]], kind="stable")]
        for senders in self._alike(free, hops, ahead):
            amount = int(weight[senders[0]])
            for each in np.unique(weight[to]).tolist():
                placed = np.zeros(len(hops.choice), dtype=np.int64)
                self._spread(hops, ahead, senders, to[weight[to] == each], placed)
                carried = placed.astype(load.dtype) * (amount * each)
                load[hops.choice] += carried
                last = ahead.count == 0
                np.add.at(held, ahead.switch[last], carried[last])
        forced_loads(self.channels, hops, held, load)

    def _alike(self, senders: IntArray, hops: NextHops, ahead: _Ahead) -> list[IntArray]:
        """Senders of one weight whose first choices are all followed by forced ones, or none of them, or some."""
        sums = np.concatenate([[0], np.cumsum(ahead.count > 0)])
        inside = sums[hops.first + hops.count] - sums[hops.first]
        sort = np.where(inside == 0, 0, np.where(inside == hops.count, 1, 2))
        kind = sort[self.at[senders]] + 3 * self.rank[senders]
        return [senders[kind == one] for one in np.flatnonzero(np.bincount(kind)).tolist()]

    def _spread(self, hops: NextHops, ahead: _Ahead, senders: IntArray, receivers: IntArray, placed: IntArray) -> None:
        """Adds to `placed` (choices,) how many flows from all senders to all receivers take each choice."""
        pairs = np.arange(1, self.how.queue_pairs + 1, dtype=np.uint32) * np.uint32(STEP)
        wanted = (self.dst[receivers][:, None] + pairs).reshape(-1, 1)
        tall = min(len(wanted), ROWS)
        width = min(len(senders), CHUNK // tall)
        for left in range(0, len(senders), width):
            part = senders[left : left + width]
            of = self.at[part]
            low, count = int(hops.first[of[0]]), _one_number(hops.count[of])
            first, salt, src = (hops.first[of] - low).astype(np.uint32), self.salt[of], self.src[part]
            steps = ahead.steps(low, int(hops.first[of[-1]] + hops.count[of[-1]]))
            for row in range(0, len(wanted), tall):
                size = len(wanted[row : row + tall]) * len(part)
                key, here, aside = (x[:size].reshape(-1, len(part)) for x in (self.key, self.hash, self.aside))
                np.add(src, wanted[row : row + tall], out=key)
                np.bitwise_xor(key, salt, out=here)
                choose(here, count, aside)
                here += first
                self._follow(steps, size, placed)

    def _follow(self, steps: list[_Step], size: int, placed: IntArray) -> None:
        """Counts the choices self.hash[:size] of flows of keys self.key[:size], and those that follow."""
        key = self.key[:size]
        for step, after in zip(steps, [*steps[1:], None], strict=True):
            taken = self.taken[: len(key)]
            taken[:] = self.hash[: len(key)]
            placed[step.low : step.high] += np.bincount(taken, minlength=step.high - step.low)
            if after is None:
                return
            if step.some is not None:
                on = step.some[taken]
                key, taken = key[on], taken[on]
            here, aside = self.hash[: len(key)], self.aside[: len(key)]
            np.take(step.salt, taken, out=here, mode="wrap")
            here ^= key
            count = step.count[taken] if step.count.ndim else step.count
            choose(here, count, aside)
            np.take(step.first, taken, out=aside, mode="wrap")
            here += aside

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
            key = key + np.uint32(STEP)
            at, word, units = self.at[src[rows]], key, amount[rows].astype(load.dtype)
            while len(at):
                taken = word ^ self.salt[at]
                choose(taken, hops.count[at].astype(np.uint32), np.empty_like(taken))
                channel = hops.choice[hops.first[at] + taken]
                np.add.at(load, channel, units)
                at = self.channels.head[channel]
                on = at != target
                at, word, units = at[on], word[on], units[on]


def _one_number(count: IntArray) -> Words:
    """The number, of no dimension, where all are equal, else all of them."""
    return (count[0] if (count == count[0]).all() else count).astype(np.uint32)
