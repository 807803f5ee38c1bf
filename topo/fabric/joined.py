"""What pairs join: the connected components of a graph, with NumPy alone."""

from __future__ import annotations

import numpy as np

from topo.fabric.model import IntArray


def least_joined(nodes: int, u: IntArray, v: IntArray) -> IntArray:
    """Shape (nodes,): the least node that each is joined to by the pairs (u, v), itself where by none."""
    label: IntArray = np.arange(nodes, dtype=np.int64)
    while len(u):
        np.minimum.at(label, np.maximum(u, v), np.minimum(u, v))
        label = _to_root(label)
        u, v = label[u], label[v]
        apart = u != v
        u, v = u[apart], v[apart]
    return label


def components(nodes: int, u: IntArray, v: IntArray) -> IntArray:
    """Shape (nodes,): connected components, numbered from 0 by their least node."""
    least = least_joined(nodes, u, v)
    place: IntArray = np.cumsum(least == np.arange(nodes)) - 1
    return place[least]


def _to_root(label: IntArray) -> IntArray:
    """Where following `label`, which never leads up, ends."""
    while True:
        shorter = label[label]
        if np.array_equal(shorter, label):
            return label
        label = shorter
