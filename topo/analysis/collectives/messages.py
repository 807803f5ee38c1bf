"""The messages of collective operations.

S is the size as nccl-tests counts it: the buffer of one rank; for all-gather and reduce-scatter the whole of all ranks'
parts. With n ranks, the bus bandwidth is the algorithm bandwidth S / time times `factor(n)`
(https://github.com/NVIDIA/nccl-tests/blob/master/doc/PERFORMANCE.md).

Algorithms: `flat-ring` and `flat-tree` know ranks alone; `ring` runs one ring for each GPU of a host, which enters and
leaves a host on one rail each; `tree` runs two complementary binary trees over the hosts for each GPU, as NCCL's double
binary tree (Sanders, Speck, Traeff, "Two-tree algorithms for full bandwidth broadcast, reduction and scan", 2009), with
a chain inside each host; `hierarchical` works inside the hosts and over rings of each GPU's peers on the other hosts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from topo.analysis.collectives.experts import Copies, ExpertLayout
from topo.analysis.collectives.ranks import Ranks
from topo.errors import ParameterError, nearest
from topo.fabric.model import FloatArray, IntArray

MOST = 1 << 24
"""Messages that are written out one by one."""
NODE_LIMITED = "node-limited"
"""The algorithm of dispatch and combine."""


@dataclass(frozen=True)
class Messages:
    """`size[i]` bytes from rank `src[i]` to rank `dst[i]` (shape (messages,) each); src differs from dst."""

    src: IntArray
    dst: IntArray
    size: FloatArray


@dataclass(frozen=True)
class Collective:
    """A collective operation: its algorithms, the usual one first, and the bus bandwidth factor."""

    algorithms: Mapping[str, Callable[[Ranks, float], list[Messages]]]
    factor: Callable[[int], float]


def _ring(order: IntArray, size: float) -> Messages:
    """Every member (last axis of `order`) sends to the next, the last to the first."""
    here, there = order.ravel(), np.roll(order, -1, axis=-1).ravel()
    return Messages(here, there, np.full(len(here), size))


def _share(n: int, size: float) -> float:
    return size * (n - 1) / n


def host_rings(ranks: Ranks) -> IntArray:
    """Shape (GPUs of a host, ranks): rings through all ranks, host by host. Ring c walks the GPUs of even hosts from c
    upwards and of odd hosts back, so that hosts are left and entered at one GPU index."""
    width, hosts = ranks.per_host, ranks.hosts
    steps = (np.arange(width)[:, None] + np.arange(width)[None, :]) % width
    walk = np.where((np.arange(hosts) % 2 == 0)[None, :, None], steps[:, None, :], steps[:, None, ::-1])
    return np.asarray(ranks.grid[np.arange(hosts)[None, :, None], walk]).reshape(width, -1)


def _inside(ranks: Ranks, size: float) -> Messages:
    """Every rank sends `size` to each other rank of its host."""
    first, second = np.nonzero(~np.eye(ranks.per_host, dtype=np.bool_))
    here, there = ranks.grid[:, first].ravel(), ranks.grid[:, second].ravel()
    return Messages(here, there, np.full(len(here), size))


def _flat_ring(turns: int) -> Callable[[Ranks, float], list[Messages]]:
    def build(ranks: Ranks, size: float) -> list[Messages]:
        return [_ring(np.arange(len(ranks)), turns * _share(len(ranks), size))]

    return build


def _rings(turns: int) -> Callable[[Ranks, float], list[Messages]]:
    def build(ranks: Ranks, size: float) -> list[Messages]:
        return [_ring(host_rings(ranks), turns * _share(len(ranks), size) / ranks.per_host)]

    return build


def _hierarchical(turns: int) -> Callable[[Ranks, float], list[Messages]]:
    """In-host and rail rings; `turns` is 1 for a gather or a scatter, 2 for both."""

    def build(ranks: Ranks, size: float) -> list[Messages]:
        part = size / ranks.per_host
        across = _ring(ranks.grid.T, turns * _share(ranks.hosts, part))
        return [_inside(ranks, turns * part)] + ([across] if ranks.hosts > 1 else [])

    return build


def _all_to_all(ranks: Ranks, size: float) -> list[Messages]:
    n = len(ranks)
    if n * n > MOST:
        raise ParameterError("ranks", n, f"{n * n:,} messages are too many to write out", f"at most {int(MOST**0.5):,}")
    src, dst = np.nonzero(~np.eye(n, dtype=np.bool_))
    return [Messages(src, dst, np.full(len(src), size / n))]


def _point_to_point(ranks: Ranks, size: float) -> list[Messages]:
    """The first rank to the last."""
    return [Messages(np.array([0]), np.array([len(ranks) - 1]), np.array([size]))]


def _both_ways(child: IntArray, parent: IntArray, size: float) -> list[Messages]:
    sizes = np.full(len(child), size)
    return [Messages(child, parent, sizes), Messages(parent, child, sizes)]


def _flat_tree(ranks: Ranks, size: float) -> list[Messages]:
    child = np.arange(1, len(ranks))
    return _both_ways(child, (child - 1) // 2, size)


def tree_parents(n: int) -> tuple[IntArray, IntArray]:
    """Shape (n,) each: the parent of every node in two binary trees, -1 at the roots. In the first, node i with lowest
    set bit b hangs below i - b + 2b, or i - b where that is no node, and 0 is the root: odd nodes are leaves. The
    second is the first mirrored, or shifted by one for odd n: all inner nodes of one but for one are leaves there.
    """
    node = np.arange(n)
    bit = node & -node
    above = (node ^ bit) | (bit << 1)
    parent = np.where(node == 0, -1, np.where(above < n, above, node ^ bit))
    other = (n - 1 - node) if n % 2 == 0 else (node - 1) % n
    back = np.argsort(other)
    second = parent[other]
    return parent, np.where(second < 0, -1, back[second])


def _trees(ranks: Ranks, size: float) -> list[Messages]:
    part = size / (2 * ranks.per_host)
    found = []
    for parent in tree_parents(ranks.hosts):
        child = np.flatnonzero(parent >= 0)
        found += _both_ways(ranks.grid[child].ravel(), ranks.grid[parent[child]].ravel(), part)
        for gpu in range(ranks.per_host):
            chain = np.roll(ranks.grid, -gpu, axis=1)
            found += _both_ways(chain[:, 1:].ravel(), chain[:, :-1].ravel(), part)
    return found


def expert_messages(
    ranks: Ranks, layout: ExpertLayout, copies: Copies, gpu_bytes: float, back: bool = False
) -> Messages:
    """Node-limited dispatch of `gpu_bytes` of tokens a GPU among every `layout.groups` hosts: one copy to the GPU of
    the same number on each host with an expert of the token, which hands it on; `back` turns all around, to combine.

    Raises ParameterError where the ranks are no whole number of such groups of hosts.
    """
    hosts, width = layout.groups, ranks.per_host
    if width != layout.gpus_per_host:
        raise ParameterError("per_host", width, "experts lie on all of these GPUs of a host", str(layout.gpus_per_host))
    if ranks.hosts % hosts:
        step = hosts * width
        near = sorted({max(n * step, step) for n in (len(ranks) // step, -(-len(ranks) // step))})
        message = f"{hosts} groups of experts on as many hosts take a multiple of {step} ranks"
        raise ParameterError("ranks", len(ranks), message, " or ".join(f"{n:,}" for n in near))
    blocks = ranks.grid.reshape(-1, hosts, width)
    first, second = np.nonzero(~np.eye(hosts, dtype=np.bool_))
    here, there = blocks[:, first].ravel(), blocks[:, second].ravel()
    across = Messages(here, there, np.full(len(here), gpu_bytes * copies.nic / max(hosts - 1, 1)))
    inside = _inside(ranks, gpu_bytes * copies.scale_up / max(width - 1, 1))
    src, dst, size = (np.concatenate([getattr(m, c) for m in (across, inside)]) for c in ("src", "dst", "size"))
    return Messages(dst, src, size) if back else Messages(src, dst, size)


def _gather(n: int) -> float:
    return (n - 1) / n


_ONE_WAY = {"ring": _rings(1), "hierarchical": _hierarchical(1), "flat-ring": _flat_ring(1)}

COLLECTIVES: Mapping[str, Collective] = {
    "all-to-all": Collective({"direct": _all_to_all}, _gather),
    "all-gather": Collective(_ONE_WAY, _gather),
    "reduce-scatter": Collective(_ONE_WAY, _gather),
    "all-reduce": Collective(
        {
            "ring": _rings(2),
            "tree": _trees,
            "hierarchical": _hierarchical(2),
            "flat-ring": _flat_ring(2),
            "flat-tree": _flat_tree,
        },
        lambda n: 2 * (n - 1) / n,
    ),
    "point-to-point": Collective({"direct": _point_to_point}, lambda n: 1.0),
}


def collective(name: str) -> Collective:
    """A collective by name; raises ParameterError that lists them."""
    if name not in COLLECTIVES:
        raise ParameterError(
            "collective", name, "unknown collective", ", ".join(COLLECTIVES), nearest(name, list(COLLECTIVES))
        )
    return COLLECTIVES[name]


def messages(name: str, ranks: Ranks, size: float, algorithm: str = "") -> Messages:
    """Every message of a collective of `size` bytes; raises ParameterError for an unknown collective or algorithm, and
    for fewer than two ranks."""
    known = collective(name).algorithms
    algorithm = algorithm or next(iter(known))
    if algorithm not in known:
        raise ParameterError("algorithm", algorithm, f"{name} has no such algorithm", ", ".join(known))
    if len(ranks) < 2:
        raise ParameterError("ranks", len(ranks), "a collective needs peers", "at least 2 ranks")
    parts = known[algorithm](ranks, size)
    src, dst, sizes = (np.concatenate([getattr(m, column) for m in parts]) for column in ("src", "dst", "size"))
    return Messages(src, dst, sizes)
