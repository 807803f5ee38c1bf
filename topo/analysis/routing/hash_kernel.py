"""Hashed paths, compiled. See `_hashed` for what calls it and for the hash.

The inner loops are short and free of branches, over words of 32 bits: compilers turn them into vector instructions.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from topo.analysis.compiled.compiled import compiled
from topo.analysis.routing.next_kernel import next_hops
from topo.fabric.model import BoolArray, FloatArray, IntArray

Words = npt.NDArray[np.uint32]

STEP = np.uint32(0x9E3779B9)
CHUNK = 1824
"""Sources that are hashed together: what belongs to them stays in the processor's first cache."""


@compiled
def top(x: np.uint32) -> np.uint32:
    """The upper 20 bits of the mixed word: the finaliser of MurmurHash3 less its last step."""
    x = np.uint32((x ^ (x >> np.uint32(16))) * np.uint32(0x85EBCA6B))
    x = np.uint32((x ^ (x >> np.uint32(13))) * np.uint32(0xC2B2AE35))
    return np.uint32(x >> np.uint32(12))


@compiled
def _first_hop(word: Words, salt: Words, first: Words, count: Words, live: int, at: Words) -> None:
    """at[i] becomes the choice of flow i, of key word[i], at the switch of these columns (flows,)."""
    for i in range(live):
        at[i] = top(np.uint32(word[i] ^ salt[i]))
    for i in range(live):
        at[i] = np.uint32(first[i] + np.uint32(np.uint32(at[i] * count[i]) >> np.uint32(20)))


@compiled
def _next_hop(word: Words, salt: Words, first: Words, count: Words, same: int, live: int, at: Words, x: Words) -> None:
    """at[i], the last choice of flow i, becomes its next; the columns (choices,) tell of the switch behind a choice.
    `same` is the number of choices there where it is one for all, else 0."""
    for i in range(live):
        x[i] = salt[at[i]]
    for i in range(live):
        x[i] = top(np.uint32(word[i] ^ x[i]))
    if same:
        for i in range(live):
            x[i] = np.uint32(np.uint32(x[i] * np.uint32(same)) >> np.uint32(20))
    else:
        for i in range(live):
            x[i] = np.uint32(np.uint32(x[i] * count[at[i]]) >> np.uint32(20))
    for i in range(live):
        at[i] = np.uint32(first[at[i]] + x[i])


@compiled
def _outlook(low: np.int64, high: np.int64, first: Words, count: Words, same: IntArray) -> None:
    """What lies ahead of flows that take one of the choices low .. high - 1, hop by hop (hops,): -1 where no switch
    behind has a choice, their one number of choices where all have as many, else 0. The choices ahead are taken for
    more than they may be: a range."""
    for hop in range(len(same)):
        least, most, begin, end = np.uint32(0xFFFFFFFF), np.uint32(0), np.uint32(0xFFFFFFFF), np.uint32(0)
        for c in range(low, high):
            least = min(least, count[c])
            most = max(most, count[c])
            if count[c] != 0:
                begin = min(begin, first[c])
                end = max(end, np.uint32(first[c] + count[c]))
        if most == 0:
            same[hop] = -1
            return
        same[hop] = most if least == most else 0
        low, high = np.int64(begin), np.int64(end)


@compiled
def hashed_all_to_all(
    start: IntArray,
    head: IntArray,
    dest: IntArray,
    group: IntArray,
    sends: BoolArray,
    end_start: IntArray,
    end_weight: FloatArray,
    src_key: Words,
    dst_key: Words,
    salt: Words,
    queue_pairs: int,
    load: FloatArray,
    by_length: FloatArray,
) -> int:
    """Adds to `load` (channels,) the flows between all endpoints of one group, each on one path, from the switches that
    `sends` (switches,) tells to those of `dest`. Returns the largest number of next hops that a flow had to choose
    among.

    Endpoints are sorted by switch: those of s are end_start[s] .. end_start[s + 1] - 1. A flow weighs the product of
    its two end weights. The flows from many sources to one endpoint go on together, hop by hop, until all further
    choices are forced; where all end weights are equal they are counted, else their weights are added.
    """
    switches = len(start) - 1
    distance = np.full(switches, -1, np.int64)
    order = np.empty(switches, np.int64)
    first = np.zeros(switches, np.int64)
    choices = np.zeros(switches, np.int64)
    choice = np.empty(max(len(head), 1), np.int64)
    determined = np.zeros(switches, np.bool_)
    held = np.zeros(switches, np.float64)
    tally = np.zeros(len(choice), np.int64)
    weighed = np.zeros(len(choice), np.float64)
    next_salt, next_first, next_count = (
        np.empty(len(choice), np.uint32), np.empty(len(choice), np.uint32), np.empty(len(choice), np.uint32),
    )  # fmt: skip
    ends = len(src_key)
    key, own, begin, many = (
        np.empty(ends, np.uint32), np.empty(ends, np.uint32), np.empty(ends, np.uint32), np.empty(ends, np.uint32),
    )  # fmt: skip
    weight = np.empty(ends, np.float64)
    word, at, aside = np.empty(CHUNK, np.uint32), np.empty(CHUNK, np.uint32), np.empty(CHUNK, np.uint32)
    each = np.empty(CHUNK, np.float64)
    same = np.empty(switches, np.int64)
    alike = True
    for e in range(1, ends):
        alike = alike and end_weight[e] == end_weight[0]
    most = 0
    for j in range(len(dest)):
        t = dest[j]
        count = next_hops(start, head, t, distance, order, first, choices, choice, determined)
        arriving = 0.0
        for d in range(end_start[t], end_start[t + 1]):
            arriving += end_weight[d]
        used, sources = 0, 0
        for i in range(1, count):
            s = order[i]
            used += choices[s]
            if group[s] != group[t] or not sends[s]:
                continue
            leaving = 0.0
            for e in range(end_start[s], end_start[s + 1]):
                leaving += end_weight[e]
            by_length[distance[s]] += leaving * arriving * queue_pairs
            if determined[s]:
                held[s] += leaving * arriving * queue_pairs
                continue
            for e in range(end_start[s], end_start[s + 1]):
                key[sources] = src_key[e]
                own[sources] = salt[s]
                begin[sources] = first[s]
                many[sources] = choices[s]
                weight[sources] = end_weight[e]
                sources += 1
        if sources:
            for i in range(1, count):
                most = max(most, choices[order[i]])
            for c in range(used):
                v = head[choice[c]]
                next_salt[c] = salt[v]
                next_first[c] = first[v]
                next_count[c] = 0 if determined[v] else choices[v]
        for low in range(0, sources, CHUNK):
            here = min(CHUNK, sources - low)
            last = low + here - 1
            _outlook(np.int64(begin[low]), np.int64(begin[last] + many[last]), next_first, next_count, same)
            for d in range(end_start[t], end_start[t + 1]):
                for q in range(1, queue_pairs + 1):
                    shift = np.uint32(dst_key[d] + np.uint32(np.uint32(q) * STEP))
                    for i in range(here):
                        word[i] = np.uint32(key[low + i] + shift)
                    if not alike:
                        for i in range(here):
                            each[i] = weight[low + i] * end_weight[d]
                    _first_hop(word, own[low:], begin[low:], many[low:], here, at)
                    live = here
                    hop = 0
                    while True:
                        if alike:
                            for i in range(live):
                                tally[at[i]] += 1
                        else:
                            for i in range(live):
                                weighed[at[i]] += each[i]
                        if same[hop] < 0:
                            break
                        if same[hop] == 0:
                            going = 0
                            for i in range(live):
                                word[going] = word[i]
                                at[going] = at[i]
                                each[going] = each[i]
                                going += next_count[at[i]] != 0
                            live = going
                        _next_hop(word, next_salt, next_first, next_count, same[hop], live, at, aside)
                        hop += 1
        if sources:
            unit = end_weight[0] * end_weight[0]
            for c in range(used):
                carried = tally[c] * unit + weighed[c]
                if carried != 0.0:
                    tally[c] = 0
                    weighed[c] = 0.0
                    load[choice[c]] += carried
                    if next_count[c] == 0:
                        held[head[choice[c]]] += carried
        for i in range(count - 1, 0, -1):
            v = order[i]
            if held[v] != 0.0:
                c = choice[first[v]]
                load[c] += held[v]
                held[head[c]] += held[v]
                held[v] = 0.0
        held[t] = 0.0
        for i in range(count):
            distance[order[i]] = -1
    return most


@compiled
def hashed_paths(
    start: IntArray,
    head: IntArray,
    flow_dst: IntArray,
    flow_src: IntArray,
    key: Words,
    salt: Words,
    queue_pairs: int,
    path: IntArray,
) -> int:
    """Fills row i * queue_pairs + q of `path` (flows * queue_pairs, longest) with the channels of queue pair q of
    flow i from switch flow_src[i] to flow_dst[i]; the rest stays as it is. Flows are sorted by flow_dst. Returns the
    largest number of next hops that a flow had to choose among."""
    switches = len(start) - 1
    distance = np.full(switches, -1, np.int64)
    order = np.empty(switches, np.int64)
    first = np.zeros(switches, np.int64)
    choices = np.zeros(switches, np.int64)
    choice = np.empty(max(len(head), 1), np.int64)
    determined = np.zeros(switches, np.bool_)
    count, most = 0, 0
    last = -1
    for i in range(len(flow_dst)):
        t = flow_dst[i]
        if t != last:
            for n in range(count):
                distance[order[n]] = -1
            count = next_hops(start, head, t, distance, order, first, choices, choice, determined)
            last = t
        if distance[flow_src[i]] < 0:
            continue
        word = key[i]
        for q in range(queue_pairs):
            word = np.uint32(word + STEP)
            v = flow_src[i]
            hop = 0
            while v != t:
                most = max(most, choices[v])
                pick = np.uint32(np.uint32(top(np.uint32(word ^ salt[v])) * np.uint32(choices[v])) >> np.uint32(20))
                c = choice[first[v] + np.int64(pick)]
                path[i * queue_pairs + q, hop] = c
                hop += 1
                v = head[c]
    return most
