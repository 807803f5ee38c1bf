"""A schedule of a collective: trees over the ranks, and that no edge carries more than it can.

A tree of an all-gather or a broadcast leads from its root to all other ranks; turned round it sums towards the root, as
a reduce-scatter does, and both together are an all-reduce at half the rate. Data goes down all trees at once.

Keys: `kind`, `network`, `operation` (not all-to-all), `ranks`, `relays`, `root` (broadcast) as in kind `collective`;
`scale`, `each` (whole numbers), `trees`: `times`, `root` (a node of the rank graph) and `paths`, each a list of nodes
from a rank to a rank; `claim.algbw_gbps`. The trees of every root (of the one root) come to `each` times, the load of
no edge to more than `scale` times its capacity, so each root sends `each / scale` units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from topo.certificates.kinds.collective import KEYS, asked, ranks_of
from topo.certificates.reading.cut import whole_list, whole_number
from topo.certificates.reading.question import only
from topo.certificates.reading.rank_graph import RankGraph
from topo.certificates.reading.whole import part
from topo.certificates.verify import Kind, kinds
from topo.errors import CertificateError
from topo.fabric import Fabric

OPERATIONS = ("all-gather", "reduce-scatter", "all-reduce", "broadcast")


def _bounds(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    plain = dict(certificate)
    operation, graph = ranks_of(fabric, plain, OPERATIONS)
    scale, each = whole_number(plain, "scale", 1), whole_number(plain, "each", 1)
    sent, load = _followed(graph, certificate.get("trees"))
    roots = set(graph.rank.tolist())
    if operation == "broadcast":
        roots = set(np.flatnonzero(graph.key == whole_number(plain, "root")).tolist()) & roots
    if not roots or dict(sent) != dict.fromkeys(roots, each):
        raise CertificateError("the trees of some root do not come to what all send")
    capacity = {
        arc: c
        for u, v, c in zip(graph.u.tolist(), graph.v.tolist(), graph.capacity.tolist(), strict=True)
        for arc in ((u, v), (v, u))
    }
    for arc, amount in load.items():
        if amount > capacity.get(arc, 0) * scale:
            raise CertificateError(f"the edge from node {arc[0]} to {arc[1]} carries more than it can")
    result = graph.unit * Fraction(len(roots) * each, scale)
    if operation == "all-reduce":
        result /= 2
    claimed = only(part(plain, "claim"), "the claim", ("algbw_gbps",)).get("algbw_gbps")
    if claimed != str(result):
        raise CertificateError(f"the trees carry {result} Gb/s, not {claimed}")
    return {"lower": result}


def _followed(graph: RankGraph, trees: object) -> tuple[dict[int, int], dict[tuple[int, int], int]]:
    """What each root sends and each arc carries; raises CertificateError for what is no tree over all ranks."""
    if not isinstance(trees, Sequence) or isinstance(trees, str):
        raise CertificateError("`trees` is a list")
    ranks = set(graph.rank.tolist())
    sent: dict[int, int] = defaultdict(int)
    load: dict[tuple[int, int], int] = defaultdict(int)
    for tree in trees:
        if not isinstance(tree, Mapping) or not isinstance(tree.get("paths"), Sequence):
            raise CertificateError("a tree has `times`, `root` and `paths`")
        only(tree, "a tree", ("times", "root", "paths"))
        times, root = whole_number(dict(tree), "times", 1), whole_number(dict(tree), "root")
        reached = {root}
        for path in (whole_list(p) for p in tree["paths"]):
            if len(path) < 2 or path[0] not in reached or path[-1] in reached or path[-1] not in ranks:
                raise CertificateError("a path leads from a rank that a tree has reached to one that it has not")
            reached.add(path[-1])
            for arc in pairwise(path):
                load[arc] += times
        if root not in ranks or reached != ranks:
            raise CertificateError("a tree does not reach all ranks")
        sent[root] += times
    return sent, load


kinds.add("collective-trees", Kind(_bounds, asked, (*KEYS, "scale", "each", "trees")))
