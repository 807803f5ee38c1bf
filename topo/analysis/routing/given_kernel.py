"""Forwarding tables that may lead nowhere or in circles, compiled; `topo.analysis.loads.given` calls it."""

from __future__ import annotations

import numpy as np

from topo.analysis.compiled.compiled import compiled
from topo.fabric.model import FloatArray, IntArray


@compiled
def follow_given(
    head: IntArray,
    at: IntArray,
    rate: FloatArray,
    group: IntArray,
    weight: FloatArray,
    senders: IntArray,
    table: IntArray,
    load: FloatArray,
    by_length: FloatArray,
    ended: IntArray,
    end_example: IntArray,
    circled: IntArray,
    circle_example: IntArray,
    first: int,
) -> None:
    """Adds to `load` (channels,) and `by_length` what follows the tables and arrives, as `follow_tables`.

    `senders` (switches,) counts the endpoints of each switch. `ended[v]` counts the pairs of endpoints whose packets
    end at switch v, which has no entry for them; `circled[v]` those whose packets run in the circle of which v is the
    first switch. The examples are the rows, counted from `first`, of a destination of each, -1 where there is none.
    """
    switches = len(group)
    flow = np.zeros(switches, np.float64)
    length = np.zeros(switches, np.int64)
    verdict = np.zeros(switches, np.int64)
    stack = np.empty(switches, np.int64)
    order = np.empty(switches, np.int64)
    for i in range(len(at)):
        t = at[i]
        # verdict: 0 not walked, 1 on the stack, 2 arrives, -1 - v ends at v, -1 - switches - v circles through v.
        verdict[:] = 0
        verdict[t] = 2
        length[t] = 0
        count = 0
        for s in range(switches):
            if group[s] != group[t] or senders[s] == 0 or verdict[s] != 0:
                continue
            depth = 0
            v = s
            while verdict[v] == 0 and table[i, v] >= 0:
                verdict[v] = 1
                stack[depth] = v
                depth += 1
                v = head[table[i, v]]
            fate = verdict[v]
            if fate == 0:
                fate = -1 - v
                verdict[v] = fate
            elif fate == 1:
                least = v
                u = head[table[i, v]]
                while u != v:
                    least = min(least, u)
                    u = head[table[i, u]]
                fate = -1 - switches - least
            for n in range(depth - 1, -1, -1):
                v = stack[n]
                verdict[v] = fate
                if fate == 2:
                    length[v] = length[head[table[i, v]]] + 1
                    order[count] = v
                    count += 1
        for s in range(switches):
            if s == t or group[s] != group[t] or senders[s] == 0:
                continue
            if verdict[s] == 2:
                flow[s] = weight[s] * rate[i]
                by_length[length[s]] += flow[s]
            elif verdict[s] >= -switches:
                v = -1 - verdict[s]
                ended[v] += senders[s]
                if end_example[v] < 0:
                    end_example[v] = first + i
            else:
                v = -1 - switches - verdict[s]
                circled[v] += senders[s]
                if circle_example[v] < 0:
                    circle_example[v] = first + i
        # Switches were ordered after the ones that they lead to, so backwards every flow is whole when it leaves.
        for n in range(count - 1, -1, -1):
            v = order[n]
            c = table[i, v]
            load[c] += flow[v]
            u = head[c]
            if u != t:
                flow[u] += flow[v]
            flow[v] = 0.0
        flow[t] = 0.0
