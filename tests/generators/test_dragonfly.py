"""Dragonfly against published sizes, networkx and the definition of its arrangements."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
import yaml
from flat_support import built, design, graph_of, measured_hops, symmetry_orbits

from topo.catalog import load_catalog
from topo.design.loader import parse_design
from topo.design.wire import build, closed_forms
from topo.errors import InputError
from topo.fabric import Fabric

REFERENCE = Path(__file__).parents[1] / "data" / "reference" / "slim_fly.yaml"
SIZES = yaml.safe_load(REFERENCE.read_text())["balanced_dragonfly"]["sizes"]


def group_links(fabric: Fabric) -> dict[tuple[int, int], int]:
    """Global links between every two groups."""
    across = fabric.links.kind == fabric.link_kinds.index("global")
    pod = fabric.devices.pod
    pairs = zip(pod[fabric.link_a[across]].tolist(), pod[fabric.link_b[across]].tolist(), strict=True)
    found: dict[tuple[int, int], int] = {}
    for a, b in pairs:
        assert a < b
        found[a, b] = found.get((a, b), 0) + 1
    return found


@pytest.mark.parametrize("arrangement", ["relative", "circulant", "absolute"])
@pytest.mark.parametrize("p", [2, 4])
def test_balanced_sizes(p: int, arrangement: str) -> None:
    size = SIZES[p]
    fabric, counts = built(size["endpoints"], f"family: dragonfly, p: {p}, arrangement: {arrangement}")
    assert counts.switches == {"switch": size["switches"]}
    assert (counts.links["local"], counts.links["global"]) == (size["local"], size["global"])
    assert {d for _, d in graph_of(fabric).degree} == {2 * p - 1 + p}
    g = 2 * p * p + 1
    assert group_links(fabric) == dict.fromkeys(itertools.combinations(range(g), 2), 1)
    assert counts.max_hops == measured_hops(fabric) == 4


@pytest.mark.parametrize("p", [8, 16])
def test_closed_forms_of_large_sizes(p: int) -> None:
    size = SIZES[p]
    text = design(size["endpoints"], f"family: dragonfly, p: {p}")
    counts = closed_forms(parse_design(text, "d", load_catalog()))["compute"]
    assert counts.switches == {"switch": size["switches"]}
    assert counts.links == {"endpoint": size["endpoints"], "local": size["local"], "global": size["global"]}


@pytest.mark.parametrize(
    ("compute", "orbits"),
    [
        ("p: 2", 2),
        ("p: 2, arrangement: circulant", 4),
        ("p: 2, arrangement: absolute", 18),
        ("p: 4, a: 4, h: 3, g: 7", 2),
        ("p: 4, a: 4, h: 3, g: 6", 4),
        ("p: 4, a: 4, h: 3, g: 6, global_links: all", 4),
        ("p: 4, a: 4, h: 4, g: 6, arrangement: circulant", 4),
        ("p: 4, a: 4, h: 4, g: 7, arrangement: circulant", 2),
        ("p: 4, a: 8, h: 4, g: 13, arrangement: circulant", 5),
        ("p: 4, a: 4, h: 4, g: 5, arrangement: circulant", 1),
        ("p: 4, a: 4, h: 3, g: 4, arrangement: circulant", 1),
        ("p: 4, a: 8, h: 4, g: 9, arrangement: circulant", 2),
        ("p: 4, a: 8, h: 4, g: 8, arrangement: circulant", 2),
        ("p: 4, a: 8, h: 4, g: 11, arrangement: circulant, global_links: all", 8),
    ],
)
def test_symmetries(compute: str, orbits: int) -> None:
    parameters = dict(item.split(": ") for item in compute.split(", "))
    p = int(parameters["p"])
    a, h = int(parameters.get("a", 2 * p)), int(parameters.get("h", p))
    gpus = int(parameters.get("g", a * h + 1)) * a * p
    fabric, _ = built(gpus, f"family: dragonfly, {compute}")
    assert len(symmetry_orbits(fabric, "dragonfly")) == orbits


@pytest.mark.parametrize("arrangement", ["relative", "circulant", "absolute"])
@pytest.mark.parametrize("g", [1, 2, 3, 4, 5, 6, 8, 9, 12, 13])
def test_fewer_groups_share_their_links_evenly(g: int, arrangement: str) -> None:
    fabric, counts = built(g * 16, f"family: dragonfly, p: 4, a: 4, h: 3, g: {g}, arrangement: {arrangement}")
    each = 12 // (g - 1) if g > 1 else 0
    assert group_links(fabric) == dict.fromkeys(itertools.combinations(range(g), 2), each)
    assert counts.spare["switch"] == g * 4 * 64 - g * 16 - g * 12 - g * (g - 1) * each
    assert counts.max_hops == measured_hops(fabric)


@pytest.mark.parametrize("arrangement", ["relative", "circulant"])
@pytest.mark.parametrize("g", [2, 3, 4, 5, 6, 8, 9, 12, 13])
def test_left_over_ports_join_near_groups(g: int, arrangement: str) -> None:
    compute = f"family: dragonfly, p: 4, a: 4, h: 3, g: {g}, arrangement: {arrangement}, global_links: all"
    fabric, _ = built(g * 16, compute)
    links = group_links(fabric)
    assert max(links.values()) - min(links.values()) <= 1
    left = 12 % (g - 1)
    assert sum(links.values()) == (g * 12 - (g if left % 2 and g % 2 else 0)) // 2
    within = [0] * g
    for (a, b), n in links.items():
        within[a] += n
        within[b] += n
    assert len(set(within)) == 1


def test_the_published_column_is_one_design() -> None:
    compute = "family: dragonfly, p: 16, a: 32, h: 16, g: 511, global_links: all"
    counts = closed_forms(parse_design(design(261632, compute), "d", load_catalog()))["compute"]
    assert counts.switches == {"switch": 16352}
    assert counts.links == {"endpoint": 261632, "local": 253456, "global": 130816}
    assert counts.links["local"] + counts.links["global"] == 384272
    even = closed_forms(parse_design(design(261632, compute.replace("all", "even")), "d", load_catalog()))["compute"]
    assert even.links["global"] == 130305
    assert even.spare["switch"] == 16352 + 2 * 511


@pytest.mark.slow
def test_the_published_column_is_wired() -> None:
    fabric, _ = built(261632, "family: dragonfly, p: 16, a: 32, h: 16, g: 511, global_links: all")
    assert len(fabric.devices) == 16352 + 261632 // 8


def test_default_is_balanced_to_the_ports() -> None:
    fabric, counts = built(16384, "family: dragonfly")
    assert fabric.origins[0]["a"] == 32
    assert fabric.origins[0]["g"] == 32
    assert counts.links["global"] == 32 * 31 // 2 * (512 // 31)


def test_absolute_arrangement_by_its_definition() -> None:
    fabric, _ = built(72, "family: dragonfly, p: 2, arrangement: absolute")
    graph = graph_of(fabric)
    for group, slot in itertools.product(range(9), range(8)):
        other = slot if slot < group else slot + 1
        far = group if group < other else group - 1
        assert graph.has_edge(group * 4 + slot // 2, other * 4 + far // 2)


def test_relative_arrangement_by_its_definition() -> None:
    fabric, _ = built(72, "family: dragonfly, p: 2")
    graph = graph_of(fabric)
    for group, slot in itertools.product(range(9), range(8)):
        assert graph.has_edge(group * 4 + slot // 2, (group + slot + 1) % 9 * 4 + (7 - slot) // 2)


def test_groups_are_complete_graphs() -> None:
    fabric, _ = built(72, "family: dragonfly, p: 2")
    graph = graph_of(fabric)
    for group in range(9):
        inside: nx.Graph[Any] = graph.subgraph(range(4 * group, 4 * group + 4))
        assert inside.number_of_edges() == 6
    local = fabric.links.kind == fabric.link_kinds.index("local")
    pod = fabric.devices.pod
    assert (pod[fabric.link_a[local]] == pod[fabric.link_b[local]]).all()
    assert np.bincount(fabric.link_a[local]).sum() == 9 * 6


@pytest.mark.parametrize(
    ("gpus", "compute", "key", "allowed"),
    [
        (16, "p: 4, a: 4, h: 3, g: 14", "g", "at most 13"),
        (800, "p: 4, a: 4, h: 3, g: 13", "gpus", "at most 208 GPUs"),
        (800, "p: 4, a: 4, h: 3", "gpus", "at most 208 GPUs"),
        (16, "p: 16, a: 40, h: 16", "a", "a at most 33 or h at most 9 or p at most 9"),
        (16, "p: 4, a: 4, h: 3, g: 6, global_links: all, arrangement: absolute", "global_links", "even"),
        (300000, "p: 16", "gpus", "at most 262,656 GPUs"),
    ],
)
def test_sizes_that_do_not_exist(gpus: int, compute: str, key: str, allowed: str) -> None:
    with pytest.raises(InputError) as error:
        build(parse_design(design(gpus, f"family: dragonfly, {compute}"), "d.yaml", load_catalog()))
    (problem,) = error.value.problems
    assert (problem.key.rpartition(".")[2], problem.allowed) == (key, allowed)
