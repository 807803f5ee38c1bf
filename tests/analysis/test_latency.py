"""Latency against table 5 and against a walk over every pair with networkx."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
import yaml

import topo
from topo.analysis.network import switch_network
from topo.analysis.paths.cable_spread import COLUMNS, cable_spread
from topo.analysis.paths.latency import (
    default_model,
    endpoint_latency,
    gpu_latency,
    latency_model,
    path_us,
)
from topo.catalog import Catalog, LatencyModel, load_catalog
from topo.checks import questions
from topo.design.context import context_of
from topo.design.loader import parse_design
from topo.design.wire import build
from topo.errors import InputError, ParameterError
from topo.fabric import Fabric
from topo.importers.networkx_graph import from_networkx

REFERENCE = Path(__file__).parents[1] / "data" / "reference"
TABLE = yaml.safe_load((REFERENCE / "deepseek_v3.yaml").read_text())["table_5_latency_64_bytes_us"]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def fabric_of(catalog: Catalog, gpus: int, compute: str, host: str = "h800-node") -> Fabric:
    text = f"name: d\ngpus: {gpus}\nhost: {host}\nnetworks:\n  compute: {{{compute}}}\n"
    return build(parse_design(text, "d", catalog))


@pytest.mark.parametrize(("name", "row"), [("infiniband", "InfiniBand"), ("roce", "RoCE")])
def test_table_5(catalog: Catalog, name: str, row: str) -> None:
    fabric = fabric_of(catalog, 2048, "family: ft2, switch: nvidia-qm9700")
    latency = endpoint_latency(fabric, switch_network(fabric), latency_model(catalog, name))
    assert latency.us.tolist() == pytest.approx([TABLE[row]["same_leaf"], TABLE[row]["cross_leaf"]])
    assert latency.pairs.tolist() == [2048 * 31, 2048 * 2016]
    assert latency.mean_us == pytest.approx((31 * latency.us[0] + 2016 * latency.us[1]) / 2047)
    model = latency_model(catalog, name)
    assert model.scale_up_us == TABLE["NVLink"]["same_node"]


@pytest.mark.parametrize(("name", "saved"), [("infiniband", 0.20), ("roce", 0.26)])
def test_three_switches_against_five(catalog: Catalog, name: str, saved: float) -> None:
    model = latency_model(catalog, name)
    assert 1 - path_us(model, 3) / path_us(model, 5) == pytest.approx(saved, abs=0.005)


def test_serialisation_of_a_longer_message(catalog: Catalog) -> None:
    model = latency_model(catalog, "infiniband")
    assert path_us(model, 1, 0.0, 64, 400.0) == pytest.approx(2.8)
    assert path_us(model, 1, 100.0, 64 + 50_000, 400.0) == pytest.approx(2.8 + 0.45 + 1.0)
    fabric = fabric_of(catalog, 64, "family: ft2, switch: nvidia-qm9700")
    latency = endpoint_latency(fabric, switch_network(fabric), model, message_bytes=50_064)
    assert latency.us[0] == pytest.approx(3.8)


def brute(fabric: Fabric, model: LatencyModel, length_m: Any) -> Counter[float]:
    """Every ordered pair over the graph of devices, with the least cable among the paths of fewest links."""
    graph: nx.Graph[Any] = nx.Graph()
    for a, b, metres in zip(fabric.link_a.tolist(), fabric.link_b.tolist(), length_m.tolist(), strict=True):
        if not fabric.is_host[a]:
            old = graph.get_edge_data(a, b, {"metres": np.inf})["metres"]
            graph.add_edge(a, b, metres=min(old, metres), weight=1e6 + min(old, metres))
    found: Counter[float] = Counter()
    at, own = fabric.endpoint_switch.tolist(), length_m[fabric.endpoint_link].tolist()
    graph.add_nodes_from(at)
    paths = dict(nx.all_pairs_dijkstra_path(graph))
    for i, s in enumerate(at):
        for j, t in enumerate(at):
            if i != j and t in paths[s]:
                path = paths[s][t]
                metres = own[i] + own[j] + sum(graph.edges[e]["metres"] for e in itertools.pairwise(path))
                found[round(path_us(model, len(path), metres), 4)] += 1
    return found


@pytest.mark.parametrize("seed", range(4))
def test_cables_against_every_pair(catalog: Catalog, seed: int) -> None:
    random = np.random.default_rng(seed)
    graph: nx.MultiGraph[Any] = nx.MultiGraph(nx.random_regular_graph(3, 10, seed=seed))
    graph.add_edge(*next(iter(graph.edges()))[:2])
    nx.set_edge_attributes(graph, 400.0, "gbps")
    nx.set_node_attributes(graph, {v: int(random.integers(0, 4)) for v in graph}, "endpoints")
    fabric = from_networkx(graph)
    length_m = random.integers(1, 60, len(fabric.links)).astype(np.float64)
    model = latency_model(catalog, "roce")
    ours = endpoint_latency(fabric, switch_network(fabric), model, length_m=length_m)
    theirs = brute(fabric, model, length_m)
    assert dict(zip(np.round(ours.us, 4).tolist(), ours.pairs.tolist(), strict=True)) == pytest.approx(dict(theirs))


def test_equal_cables_agree_with_hops(catalog: Catalog) -> None:
    fabric = fabric_of(catalog, 512, "family: mpft, switch: nvidia-qm9700")
    net, model = switch_network(fabric), latency_model(catalog, "infiniband")
    plain = endpoint_latency(fabric, net, model)
    cabled = endpoint_latency(fabric, net, model, length_m=np.full(len(fabric.links), 10.0))
    links = (plain.us - model.base_us) / model.per_switch_us + 1
    assert cabled.us == pytest.approx(plain.us + links * 10 * 4.5e-3)
    assert cabled.pairs.tolist() == plain.pairs.tolist()


def gpu_brute(fabric: Fabric, model: LatencyModel, size: int = 64) -> Counter[float]:
    inside = model.scale_up_us + (size - 64) * 8 / (fabric.scale_up_gbps[0] * 1e3)
    net = switch_network(fabric)
    graph: nx.Graph[Any] = nx.Graph(list(zip(net.u.tolist(), net.v.tolist(), strict=True)))
    graph.add_nodes_from(range(net.switches))
    far = dict(nx.all_pairs_shortest_path_length(graph))
    owners: dict[tuple[int, int], list[int]] = {}
    of_host: dict[int, list[int]] = {}
    ends = fabric.endpoints
    for e in range(len(ends)):
        of_host.setdefault(int(ends.host[e]), []).append(e)
        for g in range(ends.gpu_first[e], ends.gpu_first[e] + ends.gpu_count[e]):
            owners.setdefault((int(ends.host[e]), g), []).append(e)
    found: Counter[float] = Counter()
    for (a, g), own in owners.items():
        for (b, h), theirs in owners.items():
            if (a, g) == (b, h):
                continue
            if a == b:
                found[round(inside, 4)] += 1
                continue
            for f in theirs:
                starts = [e for e in own if ends.plane[e] == ends.plane[f]]
                more = 0.0
                if not starts:
                    starts, more = [e for e in of_host[a] if ends.plane[e] == ends.plane[f]], inside
                for e in starts:
                    switches = far[int(net.at[e])][int(net.at[f])] + 1
                    us = path_us(model, switches, 0.0, size, float(net.endpoint_gbps[0])) + more
                    found[round(us, 4)] += 1 / len(theirs) / len(starts)
    return found


@pytest.mark.parametrize(
    ("host", "compute"),
    [
        ("h800-node", "family: mpft, switch: nvidia-qm9700"),
        ("h800-node", "family: mrft, switch: nvidia-qm9700, tiers: 2"),
        ("h800-node", "family: ft2, switch: nvidia-qm9700"),
        ("multi-port-node", "family: dual-plane, switch: nvidia-qm9700"),
        ("h800-node", "family: slim-fly, switch: nvidia-qm9700, q: 3, p: 5"),
    ],
)
@pytest.mark.parametrize("size", [64, 1 << 20])
def test_gpu_pairs_against_every_pair(catalog: Catalog, host: str, compute: str, size: int) -> None:
    fabric = fabric_of(catalog, 80, compute, host)
    model = latency_model(catalog, "infiniband")
    ours = gpu_latency(fabric, switch_network(fabric), model, size)
    assert ours is not None
    theirs = gpu_brute(fabric, model, size)
    assert {round(u, 4): n for u, n in zip(ours.us.tolist(), ours.pairs.tolist(), strict=True)} == pytest.approx(
        dict(theirs)
    )
    assert ours.pairs.sum() == pytest.approx(80 * 79)


def test_eight_planes_forward_seven_of_eight(catalog: Catalog) -> None:
    fabric = fabric_of(catalog, 16384, "family: mpft, switch: nvidia-qm9700, planes: 8")
    latency = gpu_latency(fabric, switch_network(fabric), latency_model(catalog, "infiniband"))
    assert latency is not None
    assert latency.us.tolist() == pytest.approx([2.8, 3.33, 3.7, 6.13, 7.03])
    far = 16384 * (2048 - 32) * 8
    assert latency.pairs[-1] == pytest.approx(far * 7 / 8)
    assert latency.to_json()["max"] == pytest.approx(7.03)


def test_default_models(catalog: Catalog) -> None:
    infiniband = fabric_of(catalog, 64, "family: ft2, switch: nvidia-qm9700")
    ethernet = fabric_of(catalog, 64, "family: ft2, switch: roce-128x400")
    graph: nx.Graph[Any] = nx.Graph()
    graph.add_node(0, endpoints=2)
    assert (found := default_model(infiniband, 0, catalog)) is not None
    assert found.id == "infiniband"
    assert (found := default_model(ethernet, 0, catalog)) is not None
    assert found.id == "roce"
    assert default_model(from_networkx(graph), 0, catalog) is None
    with pytest.raises(ParameterError, match="infiniband, roce"):
        latency_model(catalog, "none")


@pytest.mark.parametrize("family", ["mpft", "ft2", "mrft"])
def test_gpus_with_cables_against_every_pair(family: str) -> None:
    """Every ordered pair of GPUs, one by one, over networkx paths with fewest switches and then least cable."""
    text = f"name: t\ngpus: 48\nhost: h800-node\nnetworks:\n  compute: {{family: {family}, switch: nvidia-qm9700}}\n"
    fabric = build(parse_design(text))
    net = switch_network(fabric)
    model = latency_model(load_catalog(), "infiniband")
    length_m = np.round(np.random.default_rng(3).uniform(1, 60, len(fabric.links)), 2)
    graph: nx.Graph[Any] = nx.Graph()
    graph.add_nodes_from(range(net.switches))
    for link in np.flatnonzero(net.edge_of_link >= 0).tolist():
        u, v = int(net.u[net.edge_of_link[link]]), int(net.v[net.edge_of_link[link]])
        least = min(length_m[link], graph.edges[u, v]["m"]) if graph.has_edge(u, v) else length_m[link]
        graph.add_edge(u, v, m=float(least), w=1e6 + float(least))
    far = dict(nx.all_pairs_dijkstra_path_length(graph, weight="w"))
    ends = fabric.endpoints.rows(net.endpoint)
    own = length_m[fabric.endpoint_link[net.endpoint]]
    expected: dict[float, float] = {}
    for i in range(len(net.endpoint)):
        for j in range(len(net.endpoint)):
            inside = net.host[i] == net.host[j]
            us = model.scale_up_us
            if inside:
                if i != j:
                    expected[us] = expected.get(us, 0) + 1
                continue
            there, here = int(net.at[j]), [k for k in range(len(net.endpoint)) if net.host[k] == net.host[i]]
            same = [k for k in here if ends.plane[k] == ends.plane[j]]
            for k in [i] if i in same else same:
                w = far[int(net.at[k])][there]
                hops, metres = int(w // 1e6), w % 1e6 + own[k] + own[j]
                us = model.base_us + model.per_switch_us * (hops + 1) + model.cable_ns_per_m * 1e-3 * metres
                us += 0.0 if k == i else model.scale_up_us
                expected[us] = expected.get(us, 0) + 1 / len([i] if i in same else same)
    found = gpu_latency(fabric, net, model, length_m=length_m)
    assert found is not None
    total = sum(expected.values())
    assert found.pairs.sum() == pytest.approx(total) == 48 * 47
    assert found.mean_us == pytest.approx(sum(us * n for us, n in expected.items()) / total, rel=1e-6)
    assert found.us[0] == pytest.approx(min(expected), abs=1e-6)
    assert found.us[-1] == pytest.approx(max(expected), abs=1e-6)


def test_the_floor_plan_reaches_the_report_and_the_requirement() -> None:
    text = (
        "name: t\ngpus: 64\nhost: h800-node\nnetworks:\n  compute: {family: ft2, switch: nvidia-qm9700}\n"
        "requirements:\n  - latency_us: {at_most: 3.7}\n"
    )
    bare, laid = topo.check(parse_design(text)), topo.check(parse_design(text + "floor: {}\n"))
    assert bare.metrics.latency_us is not None
    assert laid.metrics.latency_us is not None
    assert laid.metrics.latency_us["mean"] > bare.metrics.latency_us["mean"] + 0.01
    assert (bare.verdict, laid.verdict) == ("held", "broken")


def test_very_long_cables_take_no_more_memory(catalog: Catalog) -> None:
    """Rows 300 km apart: the steps of the table are longer, there are no more of them."""
    fabric = fabric_of(catalog, 512, "family: ft2, switch: nvidia-qm9700")
    model = latency_model(catalog, "infiniband")
    length_m = np.where(fabric.is_endpoint_link, 10.0, 300_000.0)
    net = switch_network(fabric)
    assert cable_spread(fabric, net, length_m).pairs.size < 8 * COLUMNS
    found = endpoint_latency(fabric, net, model, length_m=length_m)
    assert found.us[-1] == pytest.approx(path_us(model, 3, 600_020.0), rel=1e-5)


@pytest.mark.parametrize("kind", ["spine_core", "leaf_spin", "global"])
def test_lengths_of_links_that_there_are_not_are_refused(catalog: Catalog, kind: str) -> None:
    text = f"name: d\ngpus: 256\nhost: h800-node\nlengths_m: {{endpoint: 3, {kind}: 50}}\n"
    text += "networks:\n  compute: {family: ft2, switch: nvidia-qm9700}\n"
    with pytest.raises(InputError, match="no network of the design has such links") as refused:
        build(parse_design(text, "d", catalog))
    (problem,) = refused.value.problems
    assert problem.key == f"lengths_m.{kind}"
    assert problem.line == 4
    assert "leaf_spine" in problem.allowed


def test_latency_counts_the_cable_that_is_ordered() -> None:
    """Cables are sold in lengths: a floor plan's routes are shorter than what lies in the trays."""
    text = "name: t\ngpus: 64\nhost: h800-node\nnetworks:\n  compute: {family: ft2, switch: nvidia-qm9700}\nfloor: {}\n"
    design = parse_design(text)
    context = context_of(design, build(design))
    metres = context.ask(questions.PlacedLengths())
    found = context.ask(questions.Cabling())
    assert metres is not None
    assert (metres >= found.lengths.length_m - 1e-9).all()
    assert (metres > found.lengths.length_m + 1e-9).any()
    np.testing.assert_allclose(metres, found.cables.sold_m[found.cable_of_link])
