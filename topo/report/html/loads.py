"""How full the links are under each routing, as histograms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from topo.analysis.demand import all_to_all
from topo.analysis.network import switch_network
from topo.analysis.routing import route
from topo.diagrams.asked import use_of_links
from topo.errors import InputError
from topo.fabric import Fabric
from topo.fabric.model import FloatArray

ROUTINGS = ("spray", "ecmp:seeds=1", "static")
BIN = 0.05
"""Of the speed of a link: a twentieth, as wide as a bar can be told from the next."""


@dataclass(frozen=True)
class LoadRow:
    """Utilisation of one kind of link under one routing, both directions; `counts` per bin of `BIN`."""

    routing: str
    least: float
    mean: float
    most: float
    counts: tuple[int, ...]


@dataclass(frozen=True)
class LoadTable:
    """One kind of link; all rows have equally many bins, the last holds all beyond."""

    kind: str
    links: int
    rows: tuple[LoadRow, ...]


def link_use(fabric: Fabric, adaptive: FloatArray | None) -> dict[str, FloatArray]:
    """Shape (links, 2) by routing: the share of each link's speed that an all-to-all at line rate uses on the compute
    network, from end a to end b and back. Routings that cannot route it are left out.

    `adaptive` (shape (arcs,) of the compute network) is the use under an optimal adaptive routing: the flows that its
    certificate states, averaged over the fabric's symmetry.
    """
    demand = all_to_all(fabric, 0)
    use: dict[str, FloatArray] = {}
    if adaptive is not None:
        use["adaptive"] = use_of_links(fabric, switch_network(fabric, 0), adaptive)
    for routing in ROUTINGS:
        try:
            routed = route(fabric, demand, routing)
        except InputError:
            continue
        use[routing.split(":")[0]] = routed.link_gbps(fabric) / fabric.links.gbps[:, None]
    return use


def load_tables(fabric: Fabric, use: Mapping[str, FloatArray]) -> tuple[LoadTable, ...]:
    """The use of links by kind, one row a routing."""
    network = fabric.links.network == 0
    result = []
    for kind in np.unique(fabric.links.kind[network & ~fabric.is_endpoint_link]).tolist():
        mask = network & (fabric.links.kind == kind)
        shares = {name: u[mask].ravel() for name, u in use.items()}
        most = max((float(v.max(initial=0.0)) for v in shares.values()), default=0.0)
        bins = int(min(max(np.ceil(most / BIN + 1e-9), 21), 80))
        rows = tuple(_row(name, v, bins) for name, v in shares.items())
        result.append(LoadTable(fabric.link_kinds[kind].replace("_", "–"), int(mask.sum()), rows))
    return tuple(result)


def _row(routing: str, values: FloatArray, bins: int) -> LoadRow:
    counts = np.bincount(np.minimum((values / BIN + 1e-9).astype(np.int64), bins - 1), minlength=bins)
    return LoadRow(routing, float(values.min()), float(values.mean()), float(values.max()), tuple(counts.tolist()))


def bars(table: LoadTable) -> tuple[Sequence[float], list[Sequence[int]]]:
    """The lower ends of the bins and the counts of each row, for a chart."""
    bins = len(table.rows[0].counts) if table.rows else 0
    return [round(i * BIN, 4) for i in range(bins)], [row.counts for row in table.rows]
