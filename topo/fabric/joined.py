"""What pairs join: the connected components of a graph, with NumPy alone."""

from __future__ import annotations

import numpy as np

from topo.fabric.model import IntArray


def least_joined(nodes: int, u: IntArray, v: IntArray) -> IntArray:
    """Shape (nodes,): the least node that each is joined to by the pairs (u, v), itself where by none."""
    label: IntArray = np.arange(nodes, dtype=np.int64)
    while True:
        at_u, at_v = label[u], label[v]
        apart = np.flatnonzero(at_u != at_v)
        if not len(apart):
            return label
        u, v, at_u, at_v = u[apart], v[apart], at_u[apart], at_v[apart]
        low = np.minimum(at_u, at_v)
        np.minimum.at(label, at_u, low)
        np.minimum.at(label, at_v, low)
        label = _to_root(label)


def components(nodes: int, u: IntArray, v: IntArray) -> IntArray:
    """Shape (nodes,): connected components, numbered from 0 by their least node."""
    result: IntArray = np.unique(least_joined(nodes, u, v), return_inverse=True)[1].astype(np.int64).reshape(-1)
    return result


def _to_root(label: IntArray) -> IntArray:
    """Where following `label`, which never leads up, ends."""
    while True:
        shorter = label[label]
        if np.array_equal(shorter, label):
            return label
        label = shorter
