"""A Fabric from a networkx graph: the door for fabrics that topo did not design."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from topo.errors import ParameterError, shown
from topo.fabric import HOST, SWITCH, Devices, Endpoints, Fabric, Links, PortRole, Ports
from topo.fabric.model import BoolArray, FloatArray, IntArray
from topo.fabric.speed import FASTEST_GBPS, SLOWEST_GBPS, SPEEDS

if TYPE_CHECKING:
    import networkx as nx

DEFAULT_ENDPOINT_GBPS = 400.0
"""What most NICs of GPU hosts carry today (NDR InfiniBand, 400G Ethernet); a graph says nothing of them."""
MAX_ENDPOINTS = 4_000_000
"""Some gigabyte of columns and names."""


def from_networkx(graph: nx.Graph[Any], name: str = "imported") -> Fabric:
    """The fabric of an undirected switch graph; in a MultiGraph parallel edges are parallel links.

    Node attributes: `endpoints` (how many, default 0), `endpoint_gbps` (default: the graph's, then 400), `plane`
    (default 0). Edge attributes: `gbps`, required, and `active` (default True). Every endpoint becomes a host of its
    own with one NIC and one GPU. A node with `tier="host"`, as `to_networkx` writes, is a host instead: each of its
    edges is one NIC, `gpus` counts its GPUs (default: one per edge). Device names are the node names, other characters
    than A-Z a-z 0-9 . _ - replaced.

    Raises ParameterError for directed graphs, self-loops, edges between planes or hosts, missing or bad attributes, and
    names that become alike.
    """
    _refuse_kind(graph)
    nodes = _nodes(graph)
    links = _edges(graph, nodes)
    ends = _ends(nodes, links)
    return _assembled(name, nodes, links, ends)


@dataclass(frozen=True)
class _Nodes:
    """Hosts and switches in node order; `row` numbers each kind from 0, switches as -1 - number."""

    row: Mapping[Hashable, int]
    hosts: list[str]
    host_gpus: list[int]
    switches: list[str]
    plane: IntArray
    endpoints: IntArray
    endpoint_gbps: FloatArray


@dataclass(frozen=True)
class _Edges:
    """Switch-to-switch links sorted by their two ends, and host links sorted by host (shape (n,) each)."""

    a: IntArray
    b: IntArray
    gbps: FloatArray
    active: BoolArray
    host: IntArray
    host_at: IntArray
    host_gbps: FloatArray
    host_active: BoolArray


@dataclass(frozen=True)
class _Ends:
    """Endpoints in host order: named hosts first, then those that stand for `endpoints` counts."""

    host_names: list[str]
    gpus: IntArray
    host: IntArray
    nic: IntArray
    at: IntArray
    gbps: FloatArray
    active: BoolArray


def _refuse_kind(graph: object) -> None:
    import networkx as nx

    if not isinstance(graph, nx.Graph):
        raise ParameterError("graph", type(graph).__name__, "is no networkx graph", "networkx.Graph or MultiGraph")
    if graph.is_directed():
        raise ParameterError(
            "graph", type(graph).__name__, "directed graphs are refused", "Graph or MultiGraph", "graph.to_undirected()"
        )
    if not len(graph):
        raise ParameterError("graph", "no nodes", "there is nothing to import", "at least one switch")


def _whole(value: object, key: str, at_most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 0 <= value <= at_most:
        raise ParameterError(key, value, "is no count", f"a whole number from 0 to {at_most:,}")
    return int(value)


def _speed(value: object, key: str) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float | np.integer | np.floating)
        or not SLOWEST_GBPS <= value <= FASTEST_GBPS
    ):
        raise ParameterError(key, "missing" if value is None else value, "is no speed", SPEEDS)
    return float(value)


def _nodes(graph: nx.Graph[Any]) -> _Nodes:
    default = _speed(graph.graph.get("endpoint_gbps", DEFAULT_ENDPOINT_GBPS), "graph.endpoint_gbps")
    row: dict[Hashable, int] = {}
    named: dict[str, Hashable] = {}
    hosts: list[str] = []
    gpus: list[int] = []
    switches: list[str] = []
    plane, count, speed = [], [], []
    networks: dict[object, Hashable] = {}
    for node, data in graph.nodes(data=True):
        name = _device_name(node)
        if name in named:
            raise ParameterError(
                "node",
                node,
                f"becomes the same device name as node {shown(named[name])}: {name}",
                hint="rename one of them",
            )
        named[name] = node
        key = f"node {shown(node, 40)}"
        if data.get("tier") == "host":
            if "endpoints" in data:
                raise ParameterError(
                    f"{key}: endpoints",
                    data["endpoints"],
                    "a host counts its NICs by its edges",
                    hint="leave `endpoints` away at hosts",
                )
            row[node] = len(hosts)
            hosts.append(name)
            wanted = data.get("gpus", graph.degree(node))
            gpus.append(_whole(wanted, f"{key}: gpus", 1024))
            continue
        row[node] = -1 - len(switches)
        switches.append(name)
        plane.append(_whole(data.get("plane", 0), f"{key}: plane", 1_000_000))
        count.append(_whole(data.get("endpoints", 0), f"{key}: endpoints", MAX_ENDPOINTS))
        speed.append(_speed(data.get("endpoint_gbps", default), f"{key}: endpoint_gbps"))
        networks.setdefault(data.get("network", ""), node)
    if len(networks) > 1:
        raise ParameterError(
            "graph", ", ".join(shown(n) for n in networks), "switches of several networks", "one network",
            "to_networkx(fabric, network='compute') gives one",
        )  # fmt: skip
    if sum(count) > MAX_ENDPOINTS:
        raise ParameterError("endpoints", f"{sum(count):,}", "too many in all", f"at most {MAX_ENDPOINTS:,}")
    return _Nodes(
        row, hosts, gpus, switches, np.array(plane, np.int32), np.array(count, np.int64), np.array(speed, np.float64)
    )


_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._-]+")


def _device_name(node: Hashable) -> str:
    name = _NOT_IN_NAMES.sub("_", str(node)).strip("_")
    if not name or len(name) > 200:
        raise ParameterError("node", node, "gives no device name", "1 to 200 of the characters A-Z a-z 0-9 . _ -")
    return name


def _edges(graph: nx.Graph[Any], nodes: _Nodes) -> _Edges:
    between: list[tuple[int, int]] = []
    between_data: list[tuple[float, bool]] = []
    host_ends: list[tuple[int, int]] = []
    host_data: list[tuple[float, bool]] = []
    plane = nodes.plane.tolist()
    for u, v, data in graph.edges(data=True):
        if u == v:
            raise ParameterError("edge", u, "self-loops are refused", "edges between two devices")
        key = f"edge {shown(u, 40)} - {shown(v, 40)}"
        gbps_active = _speed(data.get("gbps"), f"{key}: gbps"), bool(data.get("active", True))
        a, b = nodes.row[u], nodes.row[v]
        if a >= 0 and b >= 0:
            raise ParameterError("edge", f"{shown(u, 30)} - {shown(v, 30)}", "joins two hosts", "host to switch")
        if a >= 0 or b >= 0:
            host_ends.append((a, -1 - b) if a >= 0 else (b, -1 - a))
            host_data.append(gbps_active)
            continue
        low, high = sorted((-1 - a, -1 - b))
        if plane[low] != plane[high]:
            raise ParameterError(
                key, f"planes {plane[low]} and {plane[high]}", "joins two planes", "edges within one plane"
            )
        between.append((low, high))
        between_data.append(gbps_active)
    ends, hosts = np.array(between, np.int64).reshape(-1, 2), np.array(host_ends, np.int64).reshape(-1, 2)
    about, host_about = (np.array(d, np.float64).reshape(-1, 2) for d in (between_data, host_data))
    order = np.lexsort((ends[:, 1], ends[:, 0]))
    by_host = np.argsort(hosts[:, 0], kind="stable")
    return _Edges(
        ends[order, 0],
        ends[order, 1],
        about[order, 0].copy(),
        about[order, 1] > 0,
        hosts[by_host, 0],
        hosts[by_host, 1],
        host_about[by_host, 0].copy(),
        host_about[by_host, 1] > 0,
    )


def _ends(nodes: _Nodes, links: _Edges) -> _Ends:
    named = len(nodes.hosts)
    at = np.repeat(np.arange(len(nodes.switches)), nodes.endpoints)
    names = [f"{nodes.switches[i]}-h{k}" for i, n in enumerate(nodes.endpoints.tolist()) for k in range(n)]
    alike = [name for name, n in Counter([*nodes.hosts, *nodes.switches, *names]).items() if n > 1]
    if alike:
        raise ParameterError("node", alike[0], "is also the name of an endpoint's host", hint="rename the node")
    nic = np.arange(len(links.host)) - np.searchsorted(links.host, links.host)
    return _Ends(
        nodes.hosts + names,
        np.concatenate([np.array(nodes.host_gpus, np.int64), np.ones(len(names), np.int64)]),
        np.concatenate([links.host, named + np.arange(len(names))]),
        np.concatenate([nic, np.zeros(len(names), np.int64)]),
        np.concatenate([links.host_at, at]),
        np.concatenate([links.host_gbps, nodes.endpoint_gbps[at]]),
        np.concatenate([links.host_active, np.ones(len(names), np.bool_)]),
    )


def _assembled(name: str, nodes: _Nodes, links: _Edges, ends: _Ends) -> Fabric:
    hosts, switches, n, m = len(ends.host_names), len(nodes.switches), len(ends.host), len(links.a)
    ports = _ports(hosts, switches, links, ends)
    host_port, switch_port = np.arange(n), np.arange(n, len(ports))
    # Switch ports come sorted by switch: first its endpoints, then its links, each in link order.
    users = np.concatenate([ends.at, links.a, links.b])
    place = np.empty(len(users), np.int64)
    place[np.argsort(users, kind="stable")] = switch_port
    plane = nodes.plane
    return Fabric(
        name=name,
        networks=("compute",),
        parts=(),
        groups=("imported",) if hosts else (),
        scale_up_gbps=(0.0,) if hosts else (),
        link_kinds=("endpoint", "switch"),
        port_names=np.array([str(i + 1) for i in range(int(ports.number.max(initial=1)))], dtype=np.str_),
        devices=_devices(nodes, ends),
        ports=ports,
        links=Links(
            np.arange(n + m),
            np.concatenate([host_port, place[n : n + m]]),
            np.concatenate([place[:n], place[n + m :]]),
            np.concatenate([ends.gbps, links.gbps]),
            np.repeat([0, 1], [n, m]).astype(np.int32),
            np.zeros(n + m, np.int32),
            np.concatenate([plane[ends.at], plane[links.a]]).astype(np.int32),
            np.concatenate([ends.nic, np.full(m, -1)]).astype(np.int32),
            _bundles(ends, links),
            np.zeros(n + m, np.bool_),
            np.concatenate([ends.active, links.active]),
        ),
        endpoints=_endpoints(ends, plane),
        origins=(),
    )


def _devices(nodes: _Nodes, ends: _Ends) -> Devices:
    hosts, switches = len(ends.host_names), len(nodes.switches)
    minus_hosts, minus_switches = np.full(hosts, -1, np.int32), np.full(switches, -1, np.int32)
    minus = np.concatenate([minus_hosts, minus_switches])
    index = np.concatenate([np.arange(hosts), _within(nodes.plane)]).astype(np.int32)
    return Devices(
        name=np.array(ends.host_names + nodes.switches, dtype=np.str_),
        tier=np.repeat([HOST, SWITCH], [hosts, switches]).astype(np.int32),
        network=np.concatenate([minus_hosts, np.zeros(switches, np.int32)]),
        plane=np.concatenate([minus_hosts, nodes.plane]),
        rail=minus.copy(),
        pod=minus.copy(),
        index=index,
        part=minus.copy(),
        group=np.concatenate([np.zeros(hosts, np.int32), minus_switches]),
        domain=np.concatenate([np.arange(hosts, dtype=np.int32), minus_switches]),
        gpus=np.concatenate([ends.gpus, np.zeros(switches, np.int64)]).astype(np.int32),
    )


def _within(group: IntArray) -> IntArray:
    """The position of each row among the rows of equal value."""
    order = np.argsort(group, kind="stable")
    place = np.empty(len(group), np.int64)
    place[order] = np.arange(len(group)) - np.searchsorted(group[order], group[order])
    return place


def _ports(hosts: int, switches: int, links: _Edges, ends: _Ends) -> Ports:
    """One port for every link end: those of the hosts in endpoint order, then those of each switch."""
    users = np.concatenate([ends.at, links.a, links.b])
    order = np.argsort(users, kind="stable")
    n = len(ends.host)
    device = np.concatenate([ends.host, hosts + users[order]])
    number = np.concatenate([ends.nic, np.arange(len(users)) - np.searchsorted(users[order], users[order])])
    gbps = np.concatenate([ends.gbps, np.concatenate([ends.gbps, links.gbps, links.gbps])[order]])
    role = np.concatenate([np.full(n, PortRole.HOST), np.where(order < n, PortRole.HOST, PortRole.FABRIC)])
    one = np.ones(len(device), np.int32)
    number32 = number.astype(np.int32)
    return Ports(
        device.astype(np.int32), number32 + 1, number32 + 1, one, one.copy(), gbps, role.astype(np.int32), number32
    )


def _bundles(ends: _Ends, links: _Edges) -> IntArray:
    """Consecutive links between the same two devices form a bundle."""
    left = np.concatenate([-1 - ends.host, links.a])
    right = np.concatenate([ends.at, links.b])
    starts = np.ones(len(left), np.bool_)
    starts[1:] = (left[1:] != left[:-1]) | (right[1:] != right[:-1])
    return np.cumsum(starts) - 1


def _endpoints(ends: _Ends, plane: IntArray) -> Endpoints:
    nics, gpus = np.bincount(ends.host, minlength=len(ends.host_names))[ends.host], ends.gpus[ends.host]
    first = ends.nic * gpus // np.maximum(nics, 1)
    count = np.maximum((ends.nic + 1) * gpus // np.maximum(nics, 1) - first, np.minimum(gpus, 1))
    zero = np.zeros(len(ends.host), np.int32)
    return Endpoints(
        port=np.arange(len(ends.host)),
        host=ends.host.astype(np.int32),
        nic=ends.nic.astype(np.int32),
        nic_port=zero,
        gpu_first=first.astype(np.int32),
        gpu_count=count.astype(np.int32),
        network=zero.copy(),
        plane=plane[ends.at].astype(np.int32),
        rail=ends.nic.astype(np.int32),
        gbps=ends.gbps.copy(),
    )
