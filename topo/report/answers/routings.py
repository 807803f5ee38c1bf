"""What `topo routing` says: throughput, path lengths, loads, fair rates and freedom from deadlock of one routing."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from topo.analysis.deadlock.deadlock import Deadlock, deadlock
from topo.analysis.demand import Demand
from topo.analysis.loads.link_loads import (
    LinkLoads,
    LoadClass,
    adaptive_loads,
    as_full_as,
    link_loads,
    load_classes,
    total_gbps,
)
from topo.analysis.routing import ChannelLoads, FairRates, WorstLink, fair_rates, routing_name, routings
from topo.analysis.spec import split_spec
from topo.analysis.throughput import Throughput, throughput
from topo.analysis.traffic import demand_of
from topo.design import Design, build
from topo.errors import InputError, ParameterError
from topo.escape import spreadsheet
from topo.fabric import Fabric

PARTS = ("throughput", "fair rates", "deadlock")
"""What is computed one after the other."""
ADAPTIVE = "adaptive"


@dataclass(frozen=True)
class PathLengths:
    """Switches on the paths that traffic between different switches takes, by demand: `share` of it by number of
    switches, empty where only the mean is known. `longest` is None then."""

    mean: float
    longest: int | None
    share: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class RoutingPage:
    """One routing of one traffic in one network of a design.

    Everything about loads is at t = 1; of a hashed routing that of its first seed. `alike` tells how many more channels
    are as full as the last of `worst`. Without loads at hand `classes` and `worst` are empty, `links` and `lengths`
    None. `fair` is None where the routing splits flows, or for the reason that `no_fair` tells.
    """

    design: str
    network: str
    remark: str
    throughput: Throughput
    lengths: PathLengths | None
    classes: tuple[LoadClass, ...]
    worst: tuple[WorstLink, ...]
    alike: int
    fair: FairRates | None
    no_fair: str
    deadlock: Deadlock
    fabric: Fabric = field(compare=False, repr=False)
    links: LinkLoads | None = field(compare=False, repr=False)


def routing_page(
    design: Design,
    routing: str = "spray",
    traffic: str = "all-to-all",
    network: str = "",
    top: int = 10,
    time_limit_s: float = 60.0,
    done: Callable[[str], None] = lambda name: None,
) -> RoutingPage:
    """Builds the design and routes the traffic; `top` worst links are named. `done` is called with the name of each of
    `PARTS`. Raises InputError for unknown names and parameters, LimitReachedError where nothing is proved in time."""
    fabric = build(design)
    if network and network not in fabric.networks:
        raise ParameterError("--network", network, "the design has no such network", ", ".join(fabric.networks))
    row = fabric.network_row(network) if network else 0
    name = routing_name(routing, "--routing")
    result = throughput(fabric, traffic, routing, row, time_limit_s=time_limit_s)
    demand = result.demand or demand_of(fabric, traffic, row)
    loads, lengths = _loads(fabric, demand, result)
    worst = loads.worst(fabric, top) if loads is not None else ()
    links = link_loads(fabric, demand, loads) if loads is not None else None
    done(PARTS[0])
    fair, no_fair = _fair(fabric, demand, routing) if name != ADAPTIVE else (None, "")
    done(PARTS[1])
    stuck = deadlock(fabric, row, routing)
    done(PARTS[2])
    return RoutingPage(
        design.name,
        fabric.networks[row],
        result.routed.remark if result.routed else "",
        result,
        lengths,
        load_classes(fabric, links) if links is not None else (),
        worst,
        max(as_full_as(loads, worst[-1].use) - len(worst), 0) if loads is not None and worst else 0,
        fair,
        no_fair,
        stuck,
        fabric,
        links,
    )


def _loads(fabric: Fabric, demand: Demand, result: Throughput) -> tuple[ChannelLoads | None, PathLengths | None]:
    """What channels carry and how long paths are, as far as it is known."""
    routed = result.routed
    if routed is not None:
        total = sum(routed.length_gbps.values())
        share = tuple((n, gbps / total) for n, gbps in sorted(routed.length_gbps.items()))
        lengths = PathLengths(routed.mean_switches, routed.max_switches, share) if total else None
        return routed.loads, lengths
    if result.arc_use is None:
        return None, None
    loads = adaptive_loads(fabric, demand.network, result.arc_use)
    sent = total_gbps(demand)
    known = sent > 0 and demand.traffic != "gpu-all-to-all"
    return loads, PathLengths(1.0 + float(np.sum(loads.gbps)) / sent, None) if known else None


def _fair(fabric: Fabric, demand: Demand, routing: str) -> tuple[FairRates | None, str]:
    """The fair rates of flows on single paths; else the reason why there are none, empty where flows are split."""
    if routings.get(split_spec(routing, "--routing")[0]).fair is None or demand.is_empty:
        return None, ""
    try:
        return fair_rates(fabric, demand, routing), ""
    except InputError as error:
        return None, f"{error.problems[0].key} {error.problems[0].message}"


HEAD = (
    "link", "kind", "a_device", "a_port", "b_device", "b_port", "speed_gbps",
    "a_to_b_gbps", "b_to_a_gbps", "a_to_b_share", "b_to_a_share",
)  # fmt: skip


def loads_csv(value: RoutingPage) -> str:
    """Every link of the network at t = 1, in the order of the fabric's links: ends by name and port, Gb/s and share of
    the speed from end a to end b and back. Raises ParameterError where no loads are at hand."""
    fabric, result = value.fabric, value.links
    if result is None:
        raise ParameterError(
            "--loads", value.throughput.routing, f"no loads are at hand for {value.throughput.traffic}",
            "spray, wcmp, ecmp, static",
        )  # fmt: skip
    links, rows = fabric.links, result.link
    a, b, speed = links.a[rows], links.b[rows], links.gbps[rows]
    columns = (
        links.id[rows].tolist(),
        [spreadsheet(fabric.link_kinds[kind]) for kind in links.kind[rows].tolist()],
        map(spreadsheet, fabric.devices.name[fabric.ports.device[a]].tolist()),
        map(spreadsheet, fabric.port_name(a).tolist()),
        map(spreadsheet, fabric.devices.name[fabric.ports.device[b]].tolist()),
        map(spreadsheet, fabric.port_name(b).tolist()),
        [f"{x:.12g}" for x in speed.tolist()],
        *([f"{x:.12g}" for x in result.gbps[:, way].tolist()] for way in (0, 1)),
        *([f"{x:.9g}" for x in (result.gbps[:, way] / speed).tolist()] for way in (0, 1)),
    )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    writer.writerows(zip(*columns, strict=True))
    return text.getvalue()
