"""Hashed paths, compiled. See `_hashed` for what calls it and for the hash."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from topo.analysis.routing._compiled import compiled
from topo.analysis.routing._next_kernel import next_hops
from topo.fabric.model import FloatArray, IntArray

Words = npt.NDArray[np.uint64]

_A = np.uint64(0xBF58476D1CE4E5B9)
_B = np.uint64(0x94D049BB133111EB)
_STEP = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


@compiled
def mix(x: np.uint64) -> np.uint64:
    """The finaliser of splitmix64: a bijection of 64-bit words that lets every bit reach every other."""
    x = (x ^ (x >> np.uint64(30))) * _A
    x = (x ^ (x >> np.uint64(27))) * _B
    return x ^ (x >> np.uint64(31))


@compiled
def hashed_all_to_all(
    start: IntArray,
    head: IntArray,
    dest: IntArray,
    group: IntArray,
    end_start: IntArray,
    end_weight: FloatArray,
    src_key: Words,
    dst_key: Words,
    salt: Words,
    queue_pairs: int,
    load: FloatArray,
    by_length: FloatArray,
) -> None:
    """Adds to `load` (channels,) the flows between all endpoints of one group, each on one path.

    Endpoints are sorted by switch: those of s are end_start[s] .. end_start[s + 1] - 1. A flow weighs the product of
    its two end weights. The flows from one switch to one endpoint go on together, hop by hop: their steps do not wait
    for each other.
    """
    switches = len(start) - 1
    distance = np.full(switches, -1, np.int64)
    order = np.empty(switches, np.int64)
    first = np.zeros(switches, np.int64)
    choices = np.zeros(switches, np.int64)
    choice = np.empty(max(len(head), 1), np.int64)
    determined = np.zeros(switches, np.bool_)
    held = np.zeros(switches, np.float64)
    most = 0
    for s in range(switches):
        most = max(most, end_start[s + 1] - end_start[s])
    flow = np.empty(most, np.int64)
    at = np.empty(most, np.int64)
    for j in range(len(dest)):
        t = dest[j]
        count = next_hops(start, head, t, distance, order, first, choices, choice, determined)
        arriving = 0.0
        for d in range(end_start[t], end_start[t + 1]):
            arriving += end_weight[d]
        for i in range(1, count):
            s = order[i]
            if group[s] != group[t]:
                continue
            leaving = 0.0
            for e in range(end_start[s], end_start[s + 1]):
                leaving += end_weight[e]
            by_length[distance[s]] += leaving * arriving * queue_pairs
            if determined[s]:
                held[s] += leaving * arriving * queue_pairs
                continue
            base, n, own = first[s], np.uint64(choices[s]), salt[s]
            low, here = end_start[s], end_start[s + 1] - end_start[s]
            for d in range(end_start[t], end_start[t + 1]):
                for q in range(1, queue_pairs + 1):
                    shift = dst_key[d] + np.uint64(q) * _STEP
                    for i in range(here):
                        flow[i] = i
                        key = src_key[low + i] + shift
                        at[i] = choice[base + np.int64(((mix(key ^ own) >> _HALF) * n) >> _HALF)]
                    live = here
                    while live:
                        for i in range(live):
                            load[at[i]] += end_weight[low + flow[i]] * end_weight[d]
                        for i in range(live):
                            at[i] = head[at[i]]
                        going = 0
                        for i in range(live):
                            v = at[i]
                            if determined[v]:
                                held[v] += end_weight[low + flow[i]] * end_weight[d]
                            else:
                                flow[going] = flow[i]
                                at[going] = v
                                going += 1
                        live = going
                        for i in range(live):
                            v = at[i]
                            h = mix((src_key[low + flow[i]] + shift) ^ salt[v]) >> _HALF
                            at[i] = choice[first[v] + np.int64((h * np.uint64(choices[v])) >> _HALF)]
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
) -> None:
    """Fills row i * queue_pairs + q of `path` (flows * queue_pairs, longest) with the channels of queue pair q of
    flow i from switch flow_src[i] to flow_dst[i]; the rest stays as it is. Flows are sorted by flow_dst."""
    switches = len(start) - 1
    distance = np.full(switches, -1, np.int64)
    order = np.empty(switches, np.int64)
    first = np.zeros(switches, np.int64)
    choices = np.zeros(switches, np.int64)
    choice = np.empty(max(len(head), 1), np.int64)
    determined = np.zeros(switches, np.bool_)
    count = 0
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
            word += _STEP
            v = flow_src[i]
            hop = 0
            while v != t:
                h = mix(word ^ salt[v]) >> np.uint64(32)
                pick = np.int64((h * np.uint64(choices[v])) >> np.uint64(32))
                c = choice[first[v] + pick]
                path[i * queue_pairs + q, hop] = c
                hop += 1
                v = head[c]
