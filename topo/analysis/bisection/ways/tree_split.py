"""From above, for trees: hosts shared out over leaves and pods, the cheapest of all such splits."""

from __future__ import annotations

from topo.analysis.bisection.fold import Fold, whole_tree
from topo.analysis.bisection.share import cheapest_split, hosts_on_a
from topo.analysis.bisection.sides import with_switches
from topo.analysis.bisection.way import Asked, Search, Way, ways
from topo.certificates.reading.cut import CutGraph
from topo.errors import CertificateError


def _accepts(asked: Asked) -> bool:
    return asked.open


def _bounds(asked: Asked) -> None:
    for part, shape in zip(asked.parts, asked.shapes, strict=True):
        if shape is not None and asked.open:
            _split_by_tree(asked.search, part, shape)


def _split_by_tree(search: Search, part: CutGraph, shape: Fold) -> None:
    tree, members = whole_tree(part, shape)
    try:
        counts = cheapest_split(tree, part.hosts)
    except CertificateError:
        return
    split = with_switches(search.graph, hosts_on_a(members, counts, part.hosts))
    search.offer(split, "hosts shared out over the tree's leaves and pods")


ways.add("tree-split", Way("hosts shared out over a tree", 30, _accepts, _bounds))
