"""A SimGrid platform with the routes of our static forwarding tables, for fabrics of a few dozen endpoints."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

import numpy as np

from topo.exporters._plan import Exporter, Plan, exporters
from topo.exporters._table import written
from topo.fabric import Fabric

MOST = 64
LATENCY_S = "5e-7"


def _refuses(plan: Plan) -> str:
    n = int((plan.fabric.endpoints.network == 0).sum())
    return f"{n:,} endpoints; full routes are written for at most {MOST}" if n > MOST else ""


def routes(fabric: Fabric, rule: str = "auto") -> Iterator[tuple[int, int, list[tuple[int, bool]]]]:
    """For every pair of endpoints of one plane (rows of the main network's endpoints): the links from the one to the
    other, and whether each is used from its end a."""
    from topo.analysis.routing.static import static_tables

    tables = static_tables(fabric, 0, rule)
    net = tables.network
    n = len(net.endpoint)
    numbers = tables.port_numbers(np.arange(n))
    start, link_of = fabric.port_start, fabric.link_of_port
    local = np.full(len(fabric.devices), -1, dtype=np.int64)
    local[net.device] = np.arange(net.switches)
    for source in range(n):
        for target in range(n):
            if source == target or net.endpoint_plane[source] != net.endpoint_plane[target]:
                continue
            path = [(int(fabric.endpoint_link[net.endpoint[source]]), True)]
            at = int(net.at[source])
            while at != int(net.at[target]):
                device = int(net.device[at])
                port = int(start[device]) + int(numbers[target, at]) - 1
                link = int(link_of[port])
                forward = int(fabric.links.a[link]) == port
                path.append((link, forward))
                at = int(local[fabric.link_b[link] if forward else fabric.link_a[link]])
            path.append((int(fabric.endpoint_link[net.endpoint[target]]), False))
            yield int(net.endpoint[source]), int(net.endpoint[target]), path


def platform(fabric: Fabric, rule: str = "auto") -> bytes:
    """The platform file: a host per endpoint, a link per direction of every link of the main network."""
    ends = fabric.endpoints
    name = fabric.devices.name
    hosts = {
        int(e): f"{name[ends.host[e]]}-nic{ends.nic[e]}-{ends.nic_port[e]}" for e in np.flatnonzero(ends.network == 0)
    }
    lines = [
        "<?xml version='1.0'?>",
        '<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">',
        '<platform version="4.1">',
        f'<zone id={quoteattr(fabric.name)} routing="Full">',
    ]
    lines += [f'<host id={quoteattr(h)} speed="1Gf"/>' for h in hosts.values()]
    for link in np.flatnonzero((fabric.links.network == 0) & fabric.links.active).tolist():
        speed = f'bandwidth="{written(float(fabric.links.gbps[link]))}Gbps" latency="{LATENCY_S}s"'
        lines += [f'<link id="l{fabric.links.id[link]}{way}" {speed}/>' for way in ("up", "down")]
    for source, target, path in routes(fabric, rule):
        steps = "".join(f'<link_ctn id="l{fabric.links.id[i]}{"up" if f else "down"}"/>' for i, f in path)
        pair = f"src={quoteattr(hosts[source])} dst={quoteattr(hosts[target])}"
        lines.append(f'<route {pair} symmetrical="NO">{steps}</route>')
    return ("\n".join([*lines, "</zone>", "</platform>"]) + "\n").encode()


exporters.add(
    "simgrid",
    Exporter(
        "SimGrid platform with static routes",
        lambda plan: {"simgrid/platform.xml": platform(plan.fabric)},
        "switches as devices, ports, cables; other networks",
        _refuses,
    ),
)
