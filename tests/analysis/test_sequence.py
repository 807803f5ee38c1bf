"""Sequences of shifts: ideal by destination-mod-k on full trees, slower where flows collide."""

import networkx as nx
import pytest

from tests.slow import slow
from topo.analysis.loads.sequence import shift_sequence
from topo.analysis.routing import route
from topo.analysis.traffic import demand_of
from topo.design import build, parse_design
from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx


def tree(gpus: int) -> Fabric:
    text = f"name: t\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {{family: ft2, switch: nvidia-qm9700}}\n"
    return build(parse_design(text))


def test_static_on_a_full_tree_is_ideal():
    found = shift_sequence(tree(128), "static")
    assert (found.shifts, found.tried, found.throughput, found.slowest_throughput) == (127, 127, 1.0, 1.0)


@pytest.mark.parametrize("gpus", [64, slow(128)])
def test_hashed_sequence_is_the_harmonic_mean_of_its_shifts(gpus):
    fabric = tree(gpus)
    found = shift_sequence(fabric, "ecmp:seeds=1")
    each = []
    for k in range(1, gpus):
        demand = demand_of(fabric, f"shift:k={k}")
        network = route(fabric, demand, "ecmp:seeds=1").lower
        each.append(min(1.0, float(network)) if network else 1.0)
    assert found.throughput == pytest.approx((gpus - 1) / sum(1 / t for t in each))
    assert found.slowest_throughput == pytest.approx(min(each))
    assert each[found.slowest - 1] == pytest.approx(min(each))
    assert found.throughput < 0.6


def test_some_shifts_of_many():
    found = shift_sequence(tree(2048), "static", most=9)
    assert (found.shifts, found.tried, found.throughput) == (2047, 9, 1.0)


def test_nothing_to_shift():
    graph = nx.Graph()
    graph.add_node(0, endpoints=1)
    assert shift_sequence(from_networkx(graph)) is None
