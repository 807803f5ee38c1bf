"""What no schedule of a collective can beat: sets of nodes, and how much must leave them.

A schedule sends between GPUs over scale-up domains, NICs and switches; GPUs may pass on, copy and sum, the network does
neither. For n ranks and the size S of nccl-tests, with C what can leave a set of nodes in a second (Zhao, Maleki, Yang,
Pourreza, Krishnamurthy, "ForestColl", arXiv 2402.06787: the first two; Harary and Schwenk, "The communication problem
on graphs and digraphs", 1974, for the third):

- all-gather, reduce-scatter: a set with k of the ranks, not all, sends (or gets) k parts: S / time <= n C / k;
- broadcast: a set with the root and not all ranks sends all: S / time <= C;
- all-reduce: m disjoint sets that have all ranks between them, each at least one: of every byte at least 2 (m - 1)
  messages leave them, as telling everybody everything takes: S / time <= (sum of C) / (2 (m - 1));
- all-to-all: a set with k of the ranks sends k (n - k) parts: S / time <= n C / (k (n - k)).

Keys: `kind`, `network`, `operation`, `ranks` (runs of GPU keys, see `rank_graph`), `relays` (whether other GPUs of
their domains may pass on), `root` (a GPU key, for broadcast), `blocks` (runs of a label: label, length, ... over all
nodes; -1 for none; only all-reduce has more than the label 0), and `claim.algbw_gbps`, a fraction as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from topo.certificates.reading.cut import mask_of, network_row, whole_list, whole_number
from topo.certificates.reading.question import only
from topo.certificates.reading.rank_graph import RankGraph, rank_graph
from topo.certificates.reading.whole import part
from topo.certificates.verify import Kind, kinds
from topo.errors import CertificateError
from topo.fabric import Fabric
from topo.fabric.model import IntArray

OPERATIONS = ("all-gather", "reduce-scatter", "all-reduce", "broadcast", "all-to-all")


def _bounds(fabric: Fabric, intact: Fabric, certificate: Mapping[str, Any]) -> Mapping[str, Fraction]:
    plain = dict(certificate)
    operation, graph = ranks_of(fabric, plain, OPERATIONS)
    label = labels_of(certificate.get("blocks"), graph.nodes)
    root = np.flatnonzero(graph.key == whole_number(plain, "root")) if operation == "broadcast" else np.zeros(0, int)
    result = graph.unit * bound_of(graph, operation, label, int(root[0]) if len(root) else -1)
    claimed = only(part(plain, "claim"), "the claim", ("algbw_gbps",)).get("algbw_gbps")
    if claimed != str(result):
        raise CertificateError(f"the sets prove at most {result} Gb/s, not {claimed}")
    return {"upper": result}


def ranks_of(fabric: Fabric, certificate: dict[str, Any], known: tuple[str, ...]) -> tuple[str, RankGraph]:
    """The operation that a certificate is about, one of those `known`, and the graph of its ranks."""
    operation = certificate.get("operation")
    if operation not in known:
        raise CertificateError(f"nothing is known of {str(operation)[:80]!r}; known are {', '.join(known)}")
    if not isinstance(certificate.get("relays"), bool):
        raise CertificateError("`relays` is true or false")
    if ("root" in certificate) != (operation == "broadcast"):
        raise CertificateError("a broadcast has a root, and nothing else has")
    size = len(fabric.devices) * int(fabric.devices.gpus.max(initial=1))
    keys = np.flatnonzero(mask_of(certificate.get("ranks"), size))
    return str(operation), rank_graph(fabric, network_row(fabric, certificate), keys, certificate["relays"])


def labels_of(encoded: object, nodes: int) -> IntArray:
    """The labels that runs of (label, length) give, one for each node; raises CertificateError for anything else."""
    numbers = whole_list(encoded, -1)
    if len(numbers) % 2 or min(numbers[1::2], default=0) < 1 or sum(numbers[1::2]) != nodes:
        raise CertificateError("labels are runs that have every node once")
    if max(numbers[::2], default=-1) >= nodes:
        raise CertificateError("there are no more labels than nodes")
    return np.repeat(np.array(numbers[::2], dtype=np.int64), np.array(numbers[1::2], dtype=np.int64))


def runs_of(label: IntArray) -> list[int]:
    """Labels as runs: label, length, ..."""
    begin = np.concatenate([[0], np.flatnonzero(np.diff(label)) + 1])
    length = np.diff(np.concatenate([begin, [len(label)]]))
    return [int(x) for pair in zip(label[begin], length, strict=True) for x in pair]


def bound_of(graph: RankGraph, operation: str, label: IntArray, root: int = -1) -> Fraction:
    """S / time of an operation at most, in units of the graph; raises CertificateError where the sets bound nothing."""
    many = int(label.max(initial=-1)) + 1
    ranks = np.bincount(label[graph.rank] + 1, minlength=many + 1)[1:]
    n = len(graph.rank)
    crossing = label[graph.u] != label[graph.v]
    capacity = np.zeros(many + 1, dtype=np.int64)
    for end in (graph.u, graph.v):
        np.add.at(capacity, label[end][crossing] + 1, graph.capacity[crossing])
    if operation == "all-reduce":
        if many < 2 or (ranks < 1).any() or int(ranks.sum()) != n:
            raise CertificateError("an all-reduce is bounded by sets with all ranks, each with one at least")
        return Fraction(int(capacity[1:].sum()), 2 * (many - 1))
    if many != 1 or not 0 < ranks[0] < n:
        raise CertificateError("a bound takes one set with some ranks and not all")
    inside, out = int(ranks[0]), int(capacity[1])
    if operation == "broadcast":
        if root < 0 or label[root] != 0 or root not in graph.rank:
            raise CertificateError("the set of a broadcast has its root")
        return Fraction(out)
    return Fraction(n * out, inside if operation != "all-to-all" else inside * (n - inside))


KEYS = ("operation", "ranks", "relays", "root", "claim")


def asked(fabric: Fabric, certificate: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """The question that a bound or a schedule of a collective answers, and that in words."""
    operation = str(certificate["operation"])
    ranks = sum(certificate["ranks"][1::2])
    question = {key: certificate[key] for key in ("operation", "ranks", "relays", "root") if key in certificate}
    return {"what": "collective", **question}, f"size over time of {operation} by {ranks:,} ranks, in Gb/s"


kinds.add("collective", Kind(_bounds, asked, (*KEYS, "blocks")))
