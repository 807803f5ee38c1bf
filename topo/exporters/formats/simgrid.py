"""A SimGrid platform with the routes of our static forwarding tables, for fabrics of a few dozen endpoints."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import quoteattr

import numpy as np

from topo.exporters.plan import Exporter, Plan, exporters
from topo.exporters.table import written
from topo.fabric import Fabric
from topo.units import amount

MOST_ENDPOINTS = 64
"""Full routes are a line for every pair of endpoints: 4,032 lines of this many."""
LATENCY_S = "5e-7"


def _refuses(plan: Plan) -> str:
    n = int((plan.fabric.endpoints.network == 0).sum())
    return (
        f"{amount(n, 'endpoint')}; full routes are written for at most {MOST_ENDPOINTS:,}" if n > MOST_ENDPOINTS else ""
    )


def routes(fabric: Fabric, routing: str = "static") -> Iterator[tuple[int, int, list[tuple[int, bool]]]]:
    """For every pair of endpoints of one plane (rows of the main network's endpoints): the links from the one to the
    other under `static` or one seed of `ecmp`, and whether each is used from its end a."""
    from topo.analysis.demand import all_to_all
    from topo.analysis.loads.completion import fixed_paths

    demand = all_to_all(fabric)
    paths, net = fixed_paths(fabric, demand, routing), demand.network
    used, channel = paths.targets.used, paths.channel.tolist()
    link, forward = used.link.tolist(), (used.way == 0).tolist()
    ends, own = net.endpoint.tolist(), fabric.endpoint_link[net.endpoint].tolist()
    source, target = (rows[paths.flow] for rows in (paths.flows.src, paths.flows.dst))
    for row in np.lexsort((target, source)).tolist():
        a, b = int(source[row]), int(target[row])
        steps = [(link[c], forward[c]) for c in channel[row] if c >= 0]
        yield ends[a], ends[b], [(own[a], True), *steps, (own[b], False)]


def platform(fabric: Fabric, routing: str = "static", latency_s: str = LATENCY_S) -> bytes:
    """The platform file: a host per endpoint, a link per direction of every link of the main network. Without latency
    SimGrid's flows share links max-min fairly, with it in inverse proportion to their paths' latencies."""
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
        speed = f'bandwidth="{written(float(fabric.links.gbps[link]))}Gbps" latency="{latency_s}s"'
        lines += [f'<link id="l{fabric.links.id[link]}{way}" {speed}/>' for way in ("up", "down")]
    for source, target, path in routes(fabric, routing):
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
