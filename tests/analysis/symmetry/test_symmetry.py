"""Automorphisms that are found are true, and as many as networkx counts orbits on small graphs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import strategies as st
from plain_designs import tree

from tests.slow import often
from topo.analysis.failures import _graph, hosted_graph
from topo.analysis.network import switch_network
from topo.analysis.symmetry import (
    ColouredGraph,
    find_symmetry,
    network_graph,
    network_symmetry,
    search,
    switch_proposals,
)
from topo.analysis.symmetry import graph as graph_file
from topo.analysis.symmetry.graph import generated, generated_by_all
from topo.fabric.model import IntArray


def coloured(graph: nx.Graph, colour: IntArray, label: dict[tuple[int, int], int]) -> ColouredGraph:
    ends = np.array([(a, b) for a, b in graph.edges()] + [(b, a) for a, b in graph.edges()], dtype=np.int64)
    ends = ends.reshape(-1, 2)
    labels = np.array([label[min(a, b), max(a, b)] for a, b in ends.tolist()], dtype=np.int64)
    return ColouredGraph(colour, ends[:, 0], ends[:, 1], labels)


def undirected(graph: nx.Graph) -> ColouredGraph:
    same = {(min(a, b), max(a, b)): 0 for a, b in graph.edges()}
    return coloured(graph, np.zeros(len(graph), dtype=np.int64), same)


@st.composite
def coloured_graphs(draw: st.DrawFn) -> tuple[nx.Graph, IntArray, dict[tuple[int, int], int]]:
    n = draw(st.integers(2, 7))
    seed = draw(st.integers(0, 10_000))
    graph = nx.gnm_random_graph(n, draw(st.integers(1, n * (n - 1) // 2)), seed=seed)
    rng = np.random.default_rng(seed)
    colours, labels = draw(st.integers(1, 2)), draw(st.integers(1, 3))
    label = {(min(a, b), max(a, b)): int(rng.integers(labels)) for a, b in graph.edges()}
    return graph, rng.integers(colours, size=n), label


@often(50, 150, coloured_graphs())
def test_orbits_are_those_of_all_isomorphisms(given_: tuple[nx.Graph, IntArray, dict[tuple[int, int], int]]) -> None:
    graph, colour, label = given_
    for node in graph:
        graph.nodes[node]["c"] = int(colour[node])
    for a, b in graph.edges():
        graph.edges[a, b]["l"] = label[min(a, b), max(a, b)]
    matcher = nx.isomorphism.GraphMatcher(graph, graph, lambda x, y: x["c"] == y["c"], lambda x, y: x["l"] == y["l"])
    reach: list[set[int]] = [{n} for n in range(len(graph))]
    arc_reach = {(a, b): {(a, b)} for a, b in graph.to_directed().edges()}
    for mapping in matcher.isomorphisms_iter():
        for a, b in mapping.items():
            reach[a].add(b)
        for (a, b), seen in arc_reach.items():
            seen.add((mapping[a], mapping[b]))
    found = coloured(graph, colour, label)
    symmetry = find_symmetry(found)
    for node in range(len(graph)):
        assert set(np.flatnonzero(symmetry.node_orbit == symmetry.node_orbit[node]).tolist()) == reach[node]
    arcs = list(zip(found.tail.tolist(), found.head.tolist(), strict=True))
    for i, arc in enumerate(arcs):
        same = np.flatnonzero(symmetry.arc_orbit == symmetry.arc_orbit[i]).tolist()
        assert {arcs[j] for j in same} == arc_reach[arc]


TREES = [
    (512, "family: ft2"),
    (2048, "family: ft2"),
    (16384, "family: mpft"),
    (10000, "family: mpft"),
    (16384, "family: ft3"),
    (15000, "family: ft3"),
    (16384, "family: mrft"),
    (9000, "family: mrft, pods: rail, tiers: 3"),
    (4096, "family: mrft, oversubscription: 2"),
]


@pytest.mark.sampled(4)
@pytest.mark.parametrize(("gpus", "network"), TREES, ids=lambda v: str(v).replace(" ", ""))
def test_trees_know_their_symmetry(gpus: int, network: str) -> None:
    """Every proposal holds, and together they join as much as a search does."""
    fabric = tree(gpus, network)
    net = switch_network(fabric)
    graph = network_graph(net)
    proposals = switch_proposals(fabric, net, 0)
    assert proposals
    assert all(graph.arc_image(p) is not None for p in proposals)
    known, searched = network_symmetry(fabric, net, 0), find_symmetry(graph)
    assert np.array_equal(known.node_orbit, searched.node_orbit)
    assert np.array_equal(known.arc_orbit, searched.arc_orbit)


def test_a_wrong_proposal_is_left_out() -> None:
    fabric = tree(512, "family: ft2")
    net = switch_network(fabric)
    swapped = np.arange(net.switches)
    swapped[[0, net.switches - 1]] = swapped[[net.switches - 1, 0]]
    graph = network_graph(net)
    assert graph.arc_image(swapped) is None
    assert np.array_equal(find_symmetry(graph, [swapped]).node_orbit, find_symmetry(graph).node_orbit)


def test_a_search_in_a_process_of_its_own_finds_the_same_orbits(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = nx.convert_node_labels_to_integers(nx.grid_2d_graph(4, 6))
    whole = undirected(graph)
    here = find_symmetry(whole)
    monkeypatch.setattr(search, "STOPPABLE", 0)
    apart = find_symmetry(whole)
    assert (here.node_orbit == apart.node_orbit).all()
    assert (here.arc_orbit == apart.arc_orbit).all()
    assert len(np.unique(here.node_orbit)) == 6


def test_a_search_out_of_time_finds_no_symmetry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "STOPPABLE", 0)
    whole = undirected(nx.cycle_graph(7))
    assert len(np.unique(find_symmetry(whole, limit_s=1e-4).node_orbit)) == 7
    assert len(np.unique(find_symmetry(whole).node_orbit)) == 1


SHARED = [
    (2048, "family: mrft"),
    (2048, "family: mrft, rails_per_leaf: 1"),
    (1920, "family: mrft, rails_per_leaf: 2"),
    (2048, "family: mpft, planes: 2, rails_per_leaf: 1"),
    (2048, "family: ft2, homing: dual"),
    (4096, "family: mrft, tiers: 3, pods: rail"),
]


@pytest.mark.parametrize(("gpus", "network"), SHARED, ids=lambda v: str(v).replace(" ", ""))
def test_hosts_that_hang_on_several_leaves_are_not_searched_for(
    gpus: int, network: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a family proposes tears no host apart, and joins as much as a search does: switches, hosts and links."""
    fabric = tree(gpus, network)
    known = hosted_graph(fabric, 0)
    found = find_symmetry(known.graph)

    def refused(*_: object) -> list[IntArray]:
        raise AssertionError("searched")

    monkeypatch.setattr(search, "searched", refused)
    monkeypatch.setattr(_graph, "searched", refused)
    again = hosted_graph(fabric, 0)
    assert np.array_equal(again.symmetry.node_orbit, found.node_orbit)
    assert np.array_equal(again.symmetry.arc_orbit, found.arc_orbit)


def test_what_is_left_without_a_plane_is_not_searched_for(monkeypatch: pytest.MonkeyPatch) -> None:
    fabric = tree(2048, "family: mpft")
    for gone in (0, 3):
        plane = fabric.devices.name[(fabric.devices.plane == gone) & ~fabric.is_host]
        less = fabric.without(devices=plane.tolist())
        net = switch_network(less)
        expected = find_symmetry(network_graph(net))
        with monkeypatch.context() as patch:
            patch.setattr(search, "searched", lambda *_: pytest.fail("searched"))
            found = network_symmetry(less, net, 0)
        assert np.array_equal(found.node_orbit, expected.node_orbit)
        assert np.array_equal(found.arc_orbit, expected.arc_orbit)


def test_without_any_switch_or_with_half_a_plane_nothing_is_proposed() -> None:
    fabric = tree(2048, "family: mpft")
    switches = fabric.devices.name[~fabric.is_host]
    for gone in (switches, switches[1:], switches[::2]):
        less = fabric.without(devices=gone.tolist())
        assert switch_proposals(less, switch_network(less), 0) == []


@pytest.mark.parametrize("at_most", [-1, 16])
def test_one_arc_of_an_orbit_tells_of_the_others(at_most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Generators seen on one arc of each orbit of those before give the orbits that all their arcs do, in any order."""
    monkeypatch.setattr(graph_file, "COMPARED_AT_MOST", at_most)
    fabric = tree(2048, "family: mpft")
    net = switch_network(fabric)
    graph, proposals = network_graph(net), switch_proposals(fabric, net, 0)
    expected = find_symmetry(graph)
    for order in (proposals, proposals[::-1]):
        found = generated(graph, order)
        assert np.array_equal(found.node_orbit, expected.node_orbit)
        assert np.array_equal(found.arc_orbit, expected.arc_orbit)


def test_an_unlike_link_of_one_plane_refutes_what_moves_it() -> None:
    """Whatever comes first: the rotation of planes, or rotations inside all of them, which one arc stands for."""
    fabric = tree(2048, "family: mpft")
    net = switch_network(fabric)
    whole, proposals = network_graph(net), switch_proposals(fabric, net, 0)
    rng = np.random.default_rng(5)
    for _ in range(20):
        label = whole.label.copy()
        at = rng.integers(net.edges)
        label[[at, at + net.edges]] += 1
        odd = ColouredGraph(whole.colour, whole.tail, whole.head, label)
        for order in (proposals, proposals[::-1]):
            kept = generated(odd, order).generators
            assert all((label[image] == label).all() for p in kept if (image := odd.arc_image(p)) is not None)
            assert all(odd.arc_image(p) is not None for p in kept)
            assert generated_by_all(odd, order) is None


@pytest.mark.parametrize("already", [True, False])
def test_a_search_in_a_process_of_its_own_ends_with_who_started_it(already: bool) -> None:
    """However that ended: its end of a pipe is closed. Here the question never comes."""
    theirs, ours = os.pipe()
    if already:
        os.close(ours)
    script = Path(search.__file__).with_name("_bliss.py")
    words = [sys.executable, "-P", str(script), "600", str(theirs)]
    with subprocess.Popen(words, pass_fds=(theirs,), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        if not already:
            with pytest.raises(subprocess.TimeoutExpired):
                run.wait(0.5)
            os.close(ours)
        run.wait(100)
        assert run.returncode in (1, -signal.SIGIO)
    os.close(theirs)


@often(50, 150, coloured_graphs(), st.integers(0, 99))
def test_arcs_of_one_way_tell_those_of_the_other(
    given_: tuple[nx.Graph, IntArray, dict[tuple[int, int], int]], seed: int
) -> None:
    """Arcs listed in any order have the orbits that they have when the second half is the first backwards, also where
    permutations turn edges round."""
    graph = coloured(*given_)
    rng = np.random.default_rng(seed)
    tried = [rng.permutation(graph.nodes) for _ in range(4)]
    cycle = np.roll(np.arange(graph.nodes), 1)
    tried += [cycle, np.arange(graph.nodes)[::-1].copy(), *search.searched(graph)]
    order = rng.permutation(graph.arcs)
    mixed = ColouredGraph(graph.colour, graph.tail[order], graph.head[order], graph.label[order])
    one, other = generated(graph, tried), generated(mixed, tried)
    assert np.array_equal(one.node_orbit, other.node_orbit)
    pairs = {(a, b) for a, b in zip(one.arc_orbit[order].tolist(), other.arc_orbit.tolist(), strict=True)}
    assert len(pairs) == int(one.arc_orbit.max()) + 1 == int(other.arc_orbit.max()) + 1
    assert len(one.generators) == len(other.generators)
