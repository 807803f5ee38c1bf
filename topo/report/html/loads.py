"""How full the links are under each routing, as histograms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from topo.analysis.demand import all_to_all
from topo.analysis.network import switch_network
from topo.analysis.routing import Routed, route
from topo.analysis.routing.hashed import Hash, flow_count
from topo.analysis.routing.sampled import SomeLoads, some_hashed_loads
from topo.diagrams.asked import use_of_links
from topo.errors import InputError
from topo.fabric import Fabric
from topo.fabric.model import FloatArray
from topo.units import amount

MOST_FLOWS = 1 << 32
"""Hashed for a page: about ten seconds of a core. All of 65,536 endpoints in one plane are as many."""
ROUTINGS = ("spray", "ecmp:seeds=1", "static")
BIN = 0.05
"""Of the speed of a link: a twentieth, as wide as a bar can be told from the next."""


@dataclass(frozen=True)
class LinkUse:
    """Shape (links, 2) by routing: the share of each link's speed that an all-to-all at line rate uses on the compute
    network, from end a to end b and back, NaN where it is not known. `remark` says of which links one is shown."""

    shares: Mapping[str, FloatArray]
    remark: str = ""


@dataclass(frozen=True)
class LoadRow:
    """Utilisation of one kind of link under one routing, both directions; `counts` per bin of `BIN`, of a routing that
    is known for `links` alone in proportion for all."""

    routing: str
    links: int
    least: float
    mean: float
    most: float
    counts: tuple[int, ...]


@dataclass(frozen=True)
class LoadTable:
    """One kind of link; all rows have equally many bins, the last holds all beyond. `links` are counted once, those of
    the rows once a direction."""

    kind: str
    links: int
    rows: tuple[LoadRow, ...]


def link_use(fabric: Fabric, adaptive: FloatArray | None) -> LinkUse:
    """The use of links under each routing. Routings that cannot route it are left out.

    `adaptive` (shape (arcs,) of the compute network) is the use under an optimal adaptive routing: the flows that its
    certificate states, averaged over the fabric's symmetry.
    """
    demand, speed = all_to_all(fabric, 0), fabric.links.gbps[:, None]
    use: dict[str, FloatArray] = {}
    remark = ""
    if adaptive is not None:
        use["adaptive"] = use_of_links(fabric, switch_network(fabric, 0), adaptive)
    sprayed: Routed | None = None
    for routing in ROUTINGS:
        name = routing.split(":")[0]
        try:
            if name == "ecmp" and sprayed is not None and flow_count(demand) > MOST_FLOWS:
                some = some_hashed_loads(fabric, demand, sprayed.loads, Hash(1), MOST_FLOWS)
                use[name] = some.loads.link_gbps(len(fabric.links)) / speed
                remark, sprayed = _remark(flow_count(demand), some), None
                del some
                continue
            routed = route(fabric, demand, routing)
        except InputError:
            continue
        use[name] = routed.link_gbps(fabric) / speed
        sprayed = routed if name == "spray" else None
        del routed
    return LinkUse(use, remark)


def _remark(flows: int, some: SomeLoads) -> str:
    """What a hashed routing is shown of where it has too many flows."""
    text = f"The {amount(flows, 'flow')} of ecmp are too many to be hashed for a page"
    if np.isnan(some.loads.value).all():
        return f"{text}: it is left out."
    where = []
    if some.of_parts > some.parts:
        where.append(f"of {some.parts:,} of {amount(some.of_parts, 'plane')}, which the others equal")
    if not some.whole:
        where.append("of the links that carry the traffic of some switches alone, chosen evenly")
    shown = ", and there ".join(where)
    return (
        f"{text}. It is shown {shown}; all flows over a link shown are counted, and the bars are scaled to all links."
    )


def load_tables(fabric: Fabric, use: Mapping[str, FloatArray]) -> tuple[LoadTable, ...]:
    """The use of links by kind, one row a routing."""
    network = fabric.links.network == 0
    result = []
    for kind in np.unique(fabric.links.kind[network & ~fabric.is_endpoint_link]).tolist():
        mask = network & (fabric.links.kind == kind)
        shares = {name: u[mask].ravel() for name, u in use.items()}
        shares = {name: v for name, u in shares.items() if len(v := u[~np.isnan(u)]) or not len(u)}
        most = max((float(v.max(initial=0.0)) for v in shares.values()), default=0.0)
        bins = int(min(max(np.ceil(most / BIN + 1e-9), 21), 80))
        links = int(mask.sum())
        rows = tuple(_row(name, v, bins, 2 * links) for name, v in shares.items())
        result.append(LoadTable(fabric.link_kinds[kind].replace("_", "–"), links, rows))
    return tuple(result)


def _row(routing: str, values: FloatArray, bins: int, of: int) -> LoadRow:
    counts = np.bincount(np.minimum((values / BIN + 1e-9).astype(np.int64), bins - 1), minlength=bins)
    if len(values) < of:
        counts = np.rint(counts * (of / len(values))).astype(np.int64)
    least, mean, most = float(values.min()), float(values.mean()), float(values.max())
    return LoadRow(routing, len(values), least, mean, most, tuple(counts.tolist()))


def bars(table: LoadTable) -> tuple[Sequence[float], list[Sequence[int]]]:
    """The lower ends of the bins and the counts of each row, for a chart."""
    bins = len(table.rows[0].counts) if table.rows else 0
    return [round(i * BIN, 4) for i in range(bins)], [row.counts for row in table.rows]
