"""Hosts by what they hang on and with whom a scale-up domain joins them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from topo.analysis.network import SwitchNetwork
from topo.fabric import Fabric
from topo.fabric.model import IntArray
from topo.fabric.ranks import ordered, ranks

Tie = tuple[int | float, ...]
"""(switch, line rate, link speed, GPU, GPUs) of one endpoint."""
Plain = tuple[tuple[int, int], tuple[Tie, ...]]
"""(group, GPUs) of a host and its ties, sorted."""

SILENT = 2
"""A host without an endpoint in this network is -SILENT less the number of its (group, GPUs)."""
OWN = -2
"""The GPU of a tie whose GPUs no other tie of the host serves: such GPUs may change places."""


@dataclass(frozen=True)
class Classes:
    """Class i is `hosts[i]` hosts like `plain[kind[i]]`, `share[i]` of them in each of the `domains[domain[i]]`
    scale-up domains whose hosts are of the kinds `inside[domain[i]]` (sorted). Classes are numbered by their first
    host. `of_host` (fabric devices,) is the class of each host, -1 for those without an endpoint here."""

    plain: tuple[Plain, ...]
    kind: tuple[int, ...]
    domain: tuple[int, ...]
    inside: tuple[tuple[int, ...], ...]
    hosts: tuple[int, ...]
    domains: tuple[int, ...]
    share: tuple[int, ...]
    of_host: IntArray

    def mixed(self) -> list[int]:
        """The kinds of domains that join hosts of several kinds, in order of their first host."""
        unlike = {d for d in self.domain if len({k for k in self.inside[d] if k >= 0}) > 1}
        return [d for d in dict.fromkeys(self.domain) if d in unlike]

    def image(self, switch: IntArray) -> tuple[list[int], list[int]] | None:
        """Where a permutation of the switches takes each class and each kind of domain; None where it tears them."""
        row = {key: i for i, key in enumerate(self.plain)}
        to = switch.tolist()
        kinds = [row.get((part, tuple(sorted((to[int(t[0])], *t[1:]) for t in ties))), -1) for part, ties in self.plain]
        if min(kinds, default=0) < 0:
            return None
        place = {members: d for d, members in enumerate(self.inside)}
        moved = (tuple(sorted(kinds[k] if k >= 0 else k for k in members)) for members in self.inside)
        domains = [place.get(members, -1) for members in moved]
        if any(d < 0 or self.domains[d] != self.domains[i] for i, d in enumerate(domains)):
            return None
        number = {key: i for i, key in enumerate(zip(self.kind, self.domain, strict=True))}
        return [number[kinds[k], domains[d]] for k, d in zip(self.kind, self.domain, strict=True)], domains


def host_classes(fabric: Fabric, net: SwitchNetwork) -> Classes:
    """The classes of the hosts of a network."""
    devices = fabric.devices
    plain, kind_of = _plain(fabric, net)
    silent: dict[tuple[int, int], int] = {}
    members: dict[int, list[int]] = {}
    for host in np.flatnonzero(fabric.is_host).tolist():
        part = int(devices.group[host]), int(devices.gpus[host])
        kind = kind_of[host] if host in kind_of else -SILENT - silent.setdefault(part, len(silent))
        domain = int(devices.domain[host])
        members.setdefault(domain if domain >= 0 else -1 - host, []).append(kind)
    inside: dict[tuple[int, ...], int] = {}
    domain_kind = {domain: inside.setdefault(tuple(sorted(kinds)), len(inside)) for domain, kinds in members.items()}
    domains = np.bincount(list(domain_kind.values()), minlength=len(inside)).tolist()
    number: dict[tuple[int, int], int] = {}
    of_host = np.full(len(devices), -1, dtype=np.int64)
    for host, kind in kind_of.items():
        domain = int(devices.domain[host])
        own = domain_kind[domain if domain >= 0 else -1 - host]
        of_host[host] = number.setdefault((kind, own), len(number))
    kinds, of_domain = zip(*number, strict=True) if number else ((), ())
    contents = tuple(inside)
    share = tuple(contents[d].count(k) for k, d in number)
    hosts = tuple(np.bincount(of_host[of_host >= 0], minlength=len(number)).tolist())
    return Classes(tuple(plain), kinds, of_domain, contents, hosts, tuple(domains), share, of_host)


def _plain(fabric: Fabric, net: SwitchNetwork) -> tuple[list[Plain], dict[int, int]]:
    """What hosts with an endpoint are, and the place in that of each of them, in order."""
    devices = fabric.devices
    columns = [
        net.at,
        net.endpoint_gbps,
        net.attach_gbps,
        served(fabric, net),
        fabric.endpoints.gpu_count[net.endpoint],
    ]
    order = ordered(net.host, *(ranks(column) for column in columns))
    host = net.host[order]
    rows = np.stack([c[order].astype(np.float64) for c in columns], axis=1)
    start = np.flatnonzero(np.diff(host, prepend=-1))
    stop = np.append(start[1:], len(host))[: len(start)]
    hosts, group, gpus = host[start].tolist(), devices.group.tolist(), devices.gpus.tolist()
    known: dict[tuple[tuple[int, int], bytes], int] = {}
    number: dict[Plain, int] = {}
    kind_of: dict[int, int] = {}
    for h, i, j in zip(hosts, start.tolist(), stop.tolist(), strict=True):
        part = group[h], gpus[h]
        short = part, rows[i:j].tobytes()
        if short not in known:
            ties = tuple((int(t[0]), *t[1:]) for t in rows[i:j].tolist())
            known[short] = number.setdefault((part, ties), len(number))
        kind_of[h] = known[short]
    return list(number), kind_of


def served(fabric: Fabric, net: SwitchNetwork) -> IntArray:
    """Shape (n,): the first GPU that each endpoint serves, -1 where a scale-up domain joins the GPUs of the host, and
    OWN where no two endpoints of the host serve a GPU together."""
    ends = fabric.endpoints
    first, count = ends.gpu_first[net.endpoint].astype(np.int64), ends.gpu_count[net.endpoint]
    joined = np.array([*fabric.scale_up_gbps, 0.0])[fabric.devices.group[net.host]] > 0
    if (joined | (count == 0)).all():
        return np.full(len(net.host), -1, dtype=np.int64)
    order = np.lexsort((count, first, net.host))
    order = order[count[order] > 0]
    host, begin, end = net.host[order], first[order], (first + count)[order]
    shared = np.zeros(len(fabric.devices), dtype=np.bool_)
    shared[host[1:][(host[1:] == host[:-1]) & (end[:-1] > begin[1:])]] = True
    return np.where(joined | (count == 0), -1, np.where(shared[net.host], first, OWN))
