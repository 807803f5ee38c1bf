"""Every view of every family: inside the sheet, nothing on top of a label, counts that the fabric has."""

from __future__ import annotations

import re
from functools import cache

import networkx as nx
import numpy as np
import pytest
from drawing_designs import DESIGNS, data, fabric

from topo.diagrams import DiagramInput, Drawing, draw
from topo.diagrams.facts import bundles
from topo.diagrams.paths import default_hosts, endpoint_of_gpu, paths_between, same_plane
from topo.diagrams.registry import views
from topo.diagrams.sheet.textwidth import text_width
from topo.diagrams.written.render import render
from topo.errors import InputError
from topo.generators.family import families
from topo.generators.rule import by_tiers
from topo.importers.networkx_graph import from_networkx

FLAT = {name for name in families.names() if families.get(name).rule is not by_tiers}
VIEWS = [view for view in views.names() if view != "full"]
SHEETS = [
    (name, view)
    for name in DESIGNS
    for view in VIEWS
    if not (view == "rail" and name in FLAT) and (name, view) != ("jellyfish", "pod")
]


def rectangles(drawing: Drawing) -> np.ndarray:
    """Left, bottom, right, top of each text."""
    rows = []
    for t in drawing.texts:
        w = text_width(t.text, t.size)
        left = t.x - {"left": 0.0, "middle": w / 2, "right": w}[t.anchor]
        rows.append((left, t.y - t.size * 0.55, left + w, t.y + t.size * 0.55))
    return np.array(rows)


@cache
def drawn(name: str, view: str) -> Drawing:
    return draw(view, data(name))


@pytest.mark.sampled(12)
@pytest.mark.parametrize(("name", "view"), SHEETS)
def test_labels_are_apart_and_large_enough(name: str, view: str) -> None:
    drawing = drawn(name, view)
    r = rectangles(drawing)
    assert r[:, 0].min() >= 0
    assert r[:, 2].max() <= drawing.width
    assert r[:, 1].min() >= 0
    assert r[:, 3].max() <= drawing.height
    assert min(t.size for t in drawing.texts) * 1600 / drawing.width >= 9
    over = (np.minimum(r[:, None, 2], r[None, :, 2]) > np.maximum(r[:, None, 0], r[None, :, 0])) & (
        np.minimum(r[:, None, 3], r[None, :, 3]) > np.maximum(r[:, None, 1], r[None, :, 1])
    )
    pairs = [(drawing.texts[i].text, drawing.texts[j].text) for i, j in np.argwhere(over) if i < j]
    assert pairs == []


@pytest.mark.sampled(6)
@pytest.mark.parametrize(("name", "view"), SHEETS)
def test_svg_stays_small(name: str, view: str) -> None:
    assert len(render(drawn(name, view), "svg")) < 2_000_000


def test_overview_counts_are_the_fabrics() -> None:
    """All bundle labels of a gap add up to the links of that kind."""
    built = fabric("mpft-16384")
    texts = [t.text for t in draw("overview", DiagramInput(built)).texts]
    counts = [int(m[1].replace(",", "")) for t in texts if (m := re.fullmatch(r"([\d,]+) × 400G", t))]
    assert sum(counts) == len(built.links)
    assert texts.count("64 leaves") == 9
    assert texts.count("32 spines") == 9


def test_overview_draws_a_tiny_fabric_whole() -> None:
    built = fabric("ft2-tiny")
    names = {b.name for b in draw("overview", DiagramInput(built)).boxes}
    assert set(built.devices.name.tolist()) <= names


def test_full_has_every_device_and_pair() -> None:
    built = fabric("mrft-2048")
    drawing = draw("full", DiagramInput(built))
    assert set(built.devices.name.tolist()) <= {b.name for b in drawing.boxes}
    pairs = {
        frozenset(p)
        for p in zip(built.devices.name[built.link_a].tolist(), built.devices.name[built.link_b].tolist(), strict=True)
    }
    assert pairs <= {frozenset((line.a, line.b)) for line in drawing.lines}


def test_bundles_sum_what_a_dictionary_sums() -> None:
    built = fabric("mpft-small")
    group = np.arange(len(built.devices)) % 7
    expected: dict[tuple[int, int], int] = {}
    for a, b in zip(built.link_a.tolist(), built.link_b.tolist(), strict=True):
        expected[a % 7, b % 7] = expected.get((a % 7, b % 7), 0) + 1
    found = bundles(built, group, np.ones(len(built.links), dtype=bool))
    assert {(b.a, b.b): b.links for b in found} == expected


def test_unknown_view_and_plane_say_what_there_is() -> None:
    with pytest.raises(InputError, match="overview"):
        draw("overvew", DiagramInput(fabric("ft2-tiny")))
    with pytest.raises(InputError, match="0–7"):
        draw("plane", DiagramInput(fabric("mpft-small"), plane=9))
    assert "full" in views.names()


@pytest.mark.parametrize("name", ["ft2-tiny", "mpft-small", "mrft-2048", "ft3-16384", "dragonfly", "slim-fly"])
def test_paths_are_those_of_networkx(name: str) -> None:
    import networkx as nx

    built = fabric(name)
    a, b = default_hosts(built, 0)
    source = endpoint_of_gpu(built, 0, a, 0)
    target = same_plane(built, 0, b, int(built.endpoints.plane[source]))
    found = paths_between(built, 0, source, target)
    graph = nx.Graph()
    mine = ~built.is_endpoint_link & (built.links.network == 0)
    graph.add_nodes_from(np.flatnonzero(~built.is_host).tolist())
    graph.add_edges_from(zip(built.link_a[mine].tolist(), built.link_b[mine].tolist(), strict=True))
    expected = list(
        nx.all_shortest_paths(graph, int(built.endpoint_switch[source]), int(built.endpoint_switch[target]))
    )
    assert found.paths == len(expected)
    assert {len(p) for p in expected} == {len(found.layers)}
    assert {int(d) for layer in found.layers for d in layer} == {d for p in expected for d in p}
    for step in found.steps:
        assert sum(share for *_, share in step) == pytest.approx(1.0)


def test_path_across_planes_hands_over_inside_the_host() -> None:
    drawing = draw("path", DiagramInput(fabric("mpft-small"), pair=("host-00000", 0, "host-00009", 3)))
    assert any("GPU 0 hands over to NIC 3" in t.text for t in drawing.texts)


def test_host_shows_the_port_of_each_cable() -> None:
    built = fabric("mpft-small")
    texts = [t.text for t in draw("host", DiagramInput(built, host="host-00003")).texts]
    for row in np.flatnonzero(built.endpoints.host == built.device_row["host-00003"]).tolist():
        assert built.devices.name[built.endpoint_switch[row]] in texts
    assert "storage" in texts


def test_failure_counts_what_is_lost() -> None:
    built = fabric("mpft-16384")
    texts = [t.text for t in draw("failure", DiagramInput(built)).texts]
    assert "64 leaves keep 31 of 32 links to other switches" in texts
    leaf = built.devices.name == "p2-leaf-001"
    texts = [t.text for t in draw("failure", DiagramInput(built, failed=leaf)).texts]
    assert "0 hosts cut off, 32 hosts with fewer NIC ports" in texts
    assert "untouched: planes 0, 1, 3 … 7" in texts


def test_load_is_that_of_the_closed_form() -> None:
    """(N - h) / (N - 1) of line rate on every uplink of a full fat-tree plane, with h endpoints a leaf."""
    texts = [t.text for t in draw("load", DiagramInput(fabric("mpft-16384"))).texts]
    share = (2048 - 32) / 2047
    assert f"leaf–spine up: least {share:.3f}, mean {share:.3f}, most {share:.3f} of the speed" in texts


def test_racks_stand_where_placement_says() -> None:
    sheet = data("mpft-16384")
    assert sheet.places is not None
    boxes = {b.name: b for b in draw("rack", sheet).boxes}
    floor = [name for name in boxes if name.startswith("floor ")]
    assert len(floor) == len(sheet.places.racks)
    host = sheet.fabric.device_row["host-00000"]
    rack = boxes[f"rack {sheet.places.racks.name[sheet.places.rack[host]]}"]
    here = boxes["host-00000"]
    bottom = rack.y - rack.h / 2 + (sheet.places.ru[host] - 1) * 11
    assert here.y - here.h / 2 == pytest.approx(bottom, abs=0.6)
    assert here.h == pytest.approx(sheet.places.units[host] * 11, abs=1.1)


def test_racks_need_a_floor() -> None:
    with pytest.raises(InputError, match="floor"):
        draw("rack", DiagramInput(fabric("ft2-tiny")))


def test_the_full_view_of_a_flat_network_draws_every_link() -> None:
    """More lines than other views draw, which say then how many they leave out."""
    graph = nx.random_regular_graph(24, 200, seed=1)
    nx.set_node_attributes(graph, 2, "endpoints")
    nx.set_edge_attributes(graph, 400, "gbps")
    shown = DiagramInput(from_networkx(graph), "t")
    assert len(draw("full", shown).lines) >= graph.number_of_edges() == 2400
    texts = [text.text for text in draw("overview", shown).texts]
    assert "Drawn: 24 of 2,400 lines, those of 0; the view `full` draws all." in texts
    assert not [text.text for text in draw("full", shown).texts if text.text.startswith("Drawn:")]
