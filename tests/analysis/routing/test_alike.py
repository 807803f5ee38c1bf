"""Equal parts of a network are routed once: the loads are the same, of equal parts and of unlike ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from topo.analysis.demand import all_to_all
from topo.analysis.network import switch_network
from topo.analysis.routing import channels_of, route
from topo.analysis.routing.alike import unlike_parts
from topo.analysis.routing.ends import ends_of
from topo.analysis.routing.hashed import Hash, flow_count
from topo.analysis.routing.rules.static import static_tables
from topo.analysis.routing.sampled import some_hashed_loads
from topo.analysis.routing.tables import table_loads
from topo.design import build, load_design, parse_design
from topo.fabric import Fabric
from topo.generators.family import families

DESIGNS = Path(__file__).resolve().parents[3] / "designs"
PLANES = {
    "mpft": "{family: mpft, switch: nvidia-qm9700, planes: 8, hosts_per_leaf: 16}",
    "mrft": "{family: mrft, switch: nvidia-qm9700, hosts_per_leaf: 8}",
    "rail-only": "{family: rail-only, switch: nvidia-qm9700}",
}


def one_unlike(fabric: Fabric) -> Fabric | None:
    """The fabric without the last link between two of its switches whose part stays whole; None where there is none."""
    net = switch_network(fabric)
    for link in np.flatnonzero(net.edge_of_link >= 0)[::-1][:3]:
        less = fabric.without(links=[int(link)])
        if int(switch_network(less).component.max()) == int(net.component.max()):
            return less
    return None


def made(name: str) -> Fabric:
    if name in PLANES:
        text = f"name: t\ngpus: 512\nhost: h800-node\nnetworks:\n  compute: {PLANES[name]}\n"
        return build(parse_design(text))
    return build(load_design(DESIGNS / f"tiny-{name.removeprefix('tiny ')}.yaml"))


@pytest.mark.parametrize("name", [*PLANES, *(f"tiny {name}" for name in families.names())])
def test_static_loads_are_those_of_the_tables_of_all_switches(name: str) -> None:
    fabric = made(name)
    for one in filter(None, (fabric, one_unlike(fabric))):
        demand = all_to_all(one)
        found = route(one, demand, "static")
        loads, by_length = table_loads(static_tables(one), demand)
        assert found.link_gbps(one) == pytest.approx(loads.link_gbps(len(one.links)), rel=1e-12)
        assert found.carried == loads.carried
        told = {d + 1: gbps for d, gbps in enumerate(by_length.tolist()) if gbps}
        assert found.length_gbps == pytest.approx(told)


def test_one_cable_less_makes_a_part_unlike() -> None:
    fabric = made("mpft")
    less = one_unlike(fabric)
    assert less is not None
    for one, kinds in ((fabric, [8]), (less, [7, 1])):
        demand, channels = all_to_all(one), channels_of(one, switch_network(one))
        parts = unlike_parts(channels, demand, ends_of(one, demand.network))
        assert [len(part.alike) for part in parts] == kinds
        rows = np.concatenate([rows for part in parts for rows in part.alike])
        assert sorted(rows.tolist()) == list(range(len(channels)))
    intact, broken = (route(one, all_to_all(one), "static").link_gbps(one) for one in (fabric, less))
    assert broken.max() > intact.max()


@pytest.mark.parametrize("share", [1.0, 0.14, 0.06])
@pytest.mark.parametrize("network", [PLANES["mpft"], "{family: ft3, switch: nvidia-qm9700, leaves_per_pod: 4}"])
def test_some_hashed_loads_are_those_of_all_flows(network: str, share: float) -> None:
    fabric = build(parse_design(f"name: t\ngpus: 2048\nhost: h800-node\nnetworks:\n  compute: {network}\n"))
    for one in filter(None, (fabric, one_unlike(fabric))):
        demand = all_to_all(one)
        every = route(one, demand, "ecmp:seeds=1").loads.gbps
        some = some_hashed_loads(
            one, demand, route(one, demand, "spray").loads, Hash(1), int(share * flow_count(demand))
        )
        known = ~np.isnan(some.loads.gbps)
        assert some.loads.gbps[known] == pytest.approx(every[known], rel=1e-12)
        assert known.any()
        assert known.mean() <= 1.01 * max(2 * share, 0.25)
        if "ft3" in network and share == 0.14:
            kinds = one.links.kind[some.loads.channels.link]
            assert set(kinds[known]) == set(kinds), "whole pods: links to cores as well"
