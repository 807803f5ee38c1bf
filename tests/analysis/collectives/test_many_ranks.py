"""All-to-alls summed by switches against the same written out message by message; steps and experts by hand."""

from __future__ import annotations

import numpy as np
import pytest

from topo.analysis.collectives import collective_time, expert_time, messages, place
from topo.analysis.collectives.aggregate import Summed, summed_all_to_all
from topo.analysis.collectives.experts import ExpertLayout, expected_copies
from topo.analysis.collectives.lowering import Forwarding, lowered
from topo.analysis.collectives.ranks import Ranks
from topo.analysis.collectives.shapes import around, tree_parents
from topo.analysis.collectives.steps import steps_us
from topo.analysis.collectives.timing import _demand, _scale_up_us
from topo.analysis.demand import Demand, Sparse, Uniform
from topo.analysis.network import switch_network
from topo.analysis.paths.latency import latency_model
from topo.analysis.routing import route
from topo.catalog import load_catalog
from topo.design.loader import parse_design
from topo.design.wire import build
from topo.errors import ParameterError
from topo.fabric import Fabric

CATALOG = load_catalog()
GIB = float(1 << 30)


def fabric_of(gpus: int, compute: str, host: str = "h800-node") -> Fabric:
    text = f"name: d\ngpus: {gpus}\nhost: {host}\nnetworks:\n  compute: {{switch: nvidia-qm9700, {compute}}}\n"
    return build(parse_design(text, "d", CATALOG))


def pairs(demand: Demand) -> np.ndarray:
    """Shape (switches, switches): Gb/s."""
    net, form = demand.network, demand.form
    found = np.zeros((net.switches, net.switches))
    if isinstance(form, Sparse):
        found[form.src, form.dst] = form.gbps
        return found
    same = (form.group[:, None] == form.group[None, :]) & (form.group >= 0)[:, None]
    found[same] = (np.outer(form.weight, form.weight) * float(form.scale))[same]
    np.fill_diagonal(found, 0.0)
    return found


def summed(fabric: Fabric, ranks: Ranks, forwarding: Forwarding = "none", hashed: bool = False) -> Summed:
    return summed_all_to_all(fabric, switch_network(fabric), ranks, GIB, forwarding, hashed)


@pytest.mark.sampled(6)
@pytest.mark.parametrize(
    ("family", "host"),
    [
        ("family: mpft", "h800-node"),
        ("family: mrft", "h800-node"),
        ("family: ft2", "h800-node"),
        ("family: slim-fly, q: 5, p: 8", "h800-node"),
        ("family: dual-plane", "multi-port-node"),
    ],
)
@pytest.mark.parametrize("forwarding", ["rail", "plane", "none"])
@pytest.mark.parametrize("keys", [{}, {"ranks": 96, "per_host": 4, "every": 2, "first_gpu": 1}, {"order": "strided"}])
def test_sums_are_those_of_the_messages(
    family: str, host: str, forwarding: Forwarding, keys: dict[str, object]
) -> None:
    fabric = fabric_of(384, family, host)
    net = switch_network(fabric)
    ranks = place(fabric, **keys)  # type: ignore[arg-type]
    sent = messages("all-to-all", ranks, GIB)
    if forwarding == "none" and family == "family: mpft":
        for ask in (lambda: lowered(fabric, net, ranks, sent, "none"), lambda: summed(fabric, ranks)):
            with pytest.raises(ParameterError, match="no NIC in the plane"):
                ask()
        return
    load = lowered(fabric, net, ranks, sent, forwarding)
    one_by_one = _demand(fabric, net, "all-to-all", [load])
    found = summed(fabric, ranks, forwarding)
    assert pairs(found.demand) == pytest.approx(pairs(one_by_one), rel=1e-9)
    assert found.scale_up_us == pytest.approx(_scale_up_us([load]))
    assert (found.demand.endpoint_limit is None) == (one_by_one.endpoint_limit is None)
    if found.demand.endpoint_limit is not None:
        assert float(found.demand.endpoint_limit) == pytest.approx(float(one_by_one.endpoint_limit or 0))


def test_hashed_flows_of_a_uniform_demand_are_those_of_the_messages() -> None:
    fabric = fabric_of(512, "family: mpft")
    net, ranks = switch_network(fabric), place(fabric)
    load = lowered(fabric, net, ranks, messages("all-to-all", ranks, GIB), "rail")
    one_by_one = _demand(fabric, net, "all-to-all", [load])
    whole = summed(fabric, ranks, "rail", True).demand
    assert isinstance(whole.form, Uniform)
    for routing in ("ecmp:seeds=3", "static"):
        a, b = route(fabric, one_by_one, routing), route(fabric, whole, routing)
        assert a.lower is not None
        assert b.lower is not None
        assert float(b.lower) == pytest.approx(float(a.lower), rel=1e-9)


def test_unlike_hashed_flows_are_refused() -> None:
    fabric = fabric_of(512, "family: ft2")
    with pytest.raises(ParameterError, match="one by one"):
        summed(fabric, place(fabric), "rail", True)


@pytest.mark.parametrize("gpus", [16384, pytest.param(65536, marks=pytest.mark.slow)])
def test_full_size(gpus: int) -> None:
    fabric = fabric_of(gpus, "family: mpft" if gpus == 16384 else "family: ft3")
    ranks = place(fabric)
    found = collective_time(fabric, "all-to-all", ranks, GIB, forwarding="rail")
    expected = GIB * (gpus - 8) / gpus / 50e3
    assert found.endpoint_us == pytest.approx(expected)
    assert found.time_us == pytest.approx(expected)


def test_steps_by_hand() -> None:
    fabric = fabric_of(512, "family: mpft")
    model = latency_model(CATALOG, "infiniband")
    far, near = 2.35 + 3 * 0.45, 2.35 + 0.45

    def steps(name: str, ranks: int, algorithm: str = "") -> float:
        return collective_time(fabric, name, place(fabric, ranks), 64.0, algorithm, model=model).steps_us

    assert steps("point-to-point", 16) == pytest.approx(near + 3.33)
    assert steps("all-gather", 64) == pytest.approx(8 * 7 * 3.33 + 7 * near)
    assert steps("all-reduce", 64) == pytest.approx(2 * steps("all-gather", 64))
    assert steps("all-reduce", 64, "hierarchical") == pytest.approx(2 * (3.33 + 7 * near))
    assert steps("all-to-all", 64) == pytest.approx(near + 3.33)
    assert steps("all-to-all", 512) == pytest.approx(far + 3.33)
    depth = max(sum(1 for _ in iter_up(tree_parents(8)[0].tolist(), node)) for node in range(8))
    assert steps("all-reduce", 64, "tree") == pytest.approx(2 * (depth * near + 7 * 3.33))
    assert steps("all-reduce", 8, "ring") == pytest.approx(2 * 7 * 3.33)


def test_a_ring_has_a_link_back() -> None:
    """Nine hosts on two leaves: a piece that starts behind a near hop takes both far ones."""
    fabric = fabric_of(512, "family: mpft")
    model = latency_model(CATALOG, "infiniband")
    hosts = [0, 1, 2, 40, 41]
    order = np.array([8 * host for host in hosts])
    leaf = fabric.endpoint_switch[np.searchsorted(fabric.endpoints.host, hosts)]
    near, far = 2.35 + 0.45, 2.35 + 3 * 0.45
    hops = [near if a == b else far for a, b in zip(leaf, np.roll(leaf, -1), strict=True)]
    assert sorted(hops)[-2:] == [far, far]
    ranks = place(fabric)
    found = steps_us(fabric, switch_network(fabric, 0), ranks, around(order), "rail", model)
    assert found == pytest.approx(sum(hops) - min(hops))


def iter_up(parent: list[int], node: int) -> list[int]:
    walk = []
    while parent[node] >= 0:
        node = parent[node]
        walk.append(node)
    return walk


def test_short_messages_are_bound_by_steps() -> None:
    fabric = fabric_of(512, "family: mpft")
    model = latency_model(CATALOG, "infiniband")
    short = collective_time(fabric, "all-reduce", place(fabric), 64.0, model=model)
    assert short.bound_by == "steps"
    bare = collective_time(fabric, "all-reduce", place(fabric), 64.0)
    assert short.time_us == pytest.approx(bare.time_us + short.steps_us)


@pytest.mark.parametrize("name", ["dispatch", "combine"])
def test_experts_are_bound_by_the_expected_copies(name: str) -> None:
    fabric = fabric_of(512, "family: mpft")
    layout = ExpertLayout()
    copies = expected_copies(layout)
    found = expert_time(fabric, name, place(fabric, 128), layout, 4096, 7168)
    assert found.endpoint_us == pytest.approx(copies.nic * 4096 * 7168 / 50e3)
    assert found.scale_up_us == pytest.approx(copies.scale_up * 4096 * 7168 / 200e3)
    assert found.busbw_gbytes_per_s == pytest.approx(50 * copies.hosts / copies.nic)
    one = expert_time(fabric, name, place(fabric, 64), layout, 4096, 7168)
    assert one.endpoint_us == pytest.approx(found.endpoint_us)


def test_experts_need_whole_groups_of_hosts() -> None:
    fabric = fabric_of(512, "family: mpft")
    with pytest.raises(ParameterError) as error:
        expert_time(fabric, "dispatch", place(fabric, 96), ExpertLayout(), 1, 1)
    assert error.value.problems[0].allowed == "64 or 128"
    with pytest.raises(ParameterError) as error:
        expert_time(fabric, "dispatch", place(fabric, 64, per_host=4), ExpertLayout(), 1, 1)
    assert error.value.problems[0].allowed == "8"
