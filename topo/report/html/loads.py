"""How full the links are under each routing, as histograms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from topo.analysis.demand import all_to_all
from topo.analysis.routing import route
from topo.errors import InputError
from topo.fabric import Fabric
from topo.fabric.model import FloatArray
from topo.report.model import Metrics

ROUTINGS = ("spray", "ecmp:seeds=1", "static")
BIN = 0.05


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


def load_tables(fabric: Fabric, metrics: Metrics) -> tuple[LoadTable, ...]:
    """All-to-all at line rate on the compute network, by kind of link and routing; routings that cannot route it are
    left out. Where spray reaches the proved optimum, its loads are those of an optimal adaptive routing, and stand for
    `adaptive` too."""
    network = fabric.links.network == 0
    kinds = np.unique(fabric.links.kind[network & ~fabric.is_endpoint_link]).tolist()
    demand = all_to_all(fabric, 0)
    use: dict[str, FloatArray] = {}
    for routing in ROUTINGS:
        try:
            routed = route(fabric, demand, routing)
        except InputError:
            continue
        values = routed.link_gbps(fabric) / fabric.links.gbps[:, None]
        if routing == "spray" and routed.lower is not None and _is_best(float(routed.lower), metrics):
            use["adaptive"] = values
        use[routing] = values
    found = []
    for kind in kinds:
        mine = network & (fabric.links.kind == kind)
        shares = {name: u[mine].ravel() for name, u in use.items()}
        most = max((float(v.max(initial=0.0)) for v in shares.values()), default=0.0)
        bins = int(min(max(np.ceil(most / BIN + 1e-9), 21), 80))
        rows = tuple(_row(name, v, bins) for name, v in shares.items())
        found.append(LoadTable(fabric.link_kinds[kind].replace("_", "–"), int(mine.sum()), rows))
    return tuple(found)


def _is_best(spray: float, metrics: Metrics) -> bool:
    """Whether spray carries as much as any routing can, by the proved upper end of the adaptive throughput."""
    adaptive = (metrics.throughput or {}).get("all-to-all", {}).get("adaptive", {})
    return "network_upper" in adaptive and spray >= adaptive["network_upper"] * (1 - 1e-9)


def _row(routing: str, values: FloatArray, bins: int) -> LoadRow:
    counts = np.bincount(np.minimum((values / BIN + 1e-9).astype(np.int64), bins - 1), minlength=bins)
    return LoadRow(
        routing.split(":")[0], float(values.min()), float(values.mean()), float(values.max()), tuple(counts.tolist())
    )


def bars(table: LoadTable) -> tuple[Sequence[float], list[Sequence[int]]]:
    """The lower ends of the bins and the counts of each row, for a chart."""
    bins = len(table.rows[0].counts) if table.rows else 0
    return [round(i * BIN, 4) for i in range(bins)], [row.counts for row in table.rows]
