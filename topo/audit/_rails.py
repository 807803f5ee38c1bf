"""Rails and planes: which ports of its hosts a leaf takes, and the cables that bring it another."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from topo.audit._graph import Graph, stem, text
from topo.checks.model import Finding
from topo.importers.as_built import Seen

USUAL, ODD = 0.75, 0.25
"""A port is usual at a leaf to which so large a share of its hosts bring it, and odd where at most this share does."""
FEW = 0.1
"""More odd cables than this share (and than two) are a way of cabling, no mistakes."""


def rails(graphs: Sequence[Graph]) -> list[Finding]:
    """Cables that bring a leaf a port of a host which few of its hosts bring it and all bring to other leaves, where
    the leaf has ports of its own. Hosts that are called alike and have the same ports are one kind."""
    cables = [graph.host_cables() for graph in graphs]
    kinds = _kinds((host, port.lower()) for own in cables for host, port, _, _ in own if port)
    return [finding for own in cables for finding in _of([c for c in own if c[1]], kinds)]


def _of(cables: list[tuple[str, str, str, Seen]], kind_of: dict[str, str]) -> list[Finding]:
    hosts: dict[tuple[str, str], set[str]] = defaultdict(set)
    bringing: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    kinds = []
    for host, port, leaf, _ in cables:
        kind = leaf, kind_of[host]
        kinds.append(kind)
        hosts[kind].add(host)
        bringing[(*kind, port.lower())].add(host)
    usual: dict[tuple[str, str], list[str]] = defaultdict(list)
    homes: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (leaf, hosts_kind, port), selected in bringing.items():
        if len(selected) >= USUAL * len(hosts[leaf, hosts_kind]):
            usual[leaf, hosts_kind].append(port)
            homes[hosts_kind, port].add(leaf)
    result = []
    for kind, (host, port, leaf, cable) in zip(kinds, cables, strict=True):
        low, own = port.lower(), usual[kind]
        odd = len(bringing[(*kind, low)]) <= ODD * len(hosts[kind])
        if odd and own and homes[kind[1], low] - {leaf}:
            words = ", ".join(sorted(own)[:4])
            message = f"{leaf} is a leaf of {words}, but has {port}: {text(cable)}"
            result.append(Finding("rail-broken", "error", message, (leaf, host)))
    return result if len(result) <= max(2, FEW * len(cables)) else []


def _kinds(ends: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Host -> its kind, the first host of it. One with ports that no other has is of the kind, called alike, that has
    these and some more: it lacks a cable."""
    ports: dict[str, set[str]] = defaultdict(set)
    for host, port in ends:
        ports[host].add(port)
    first: dict[tuple[str, frozenset[str]], str] = {}
    sizes = Counter[str]()
    result = {}
    for host, own in ports.items():
        result[host] = first.setdefault((stem(host), frozenset(own)), host)
        sizes[result[host]] += 1
    many = [(key, kind) for key, kind in first.items() if sizes[kind] > 1]
    for host, own in ports.items():
        if sizes[result[host]] == 1:
            wider = (kind for (name, theirs), kind in many if name == stem(host) and own < theirs)
            result[host] = next(wider, host)
    return result
