"""What a reader of a drawing relies on: the legend is true, counts add up, what is written can be read."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from drawing_designs import data, fabric

from tests.slow import slow
from topo.analysis.throughput import throughput
from topo.catalog import load_catalog
from topo.design import build, parse_design
from topo.diagrams import DiagramInput, Drawing, draw
from topo.diagrams.drawn.everything import LEAST_SIZE, MOST_PAIRS
from topo.diagrams.drawn.floor import letter
from topo.diagrams.drawn.histogram import bin_counts
from topo.diagrams.sheet.palette import load_colour
from topo.diagrams.sheet.textwidth import text_width
from topo.diagrams.written.render import render
from topo.errors import InputError
from topo.placement import Floor, place
from topo.placement.floor.alike import alike

FLOOR = """name: floor
gpus: 512
host: h800-node
networks:
  compute: {family: mrft, switch: nvidia-qm9700}
  storage: {family: ft2, switch: nvidia-qm9700}
"""


def texts(drawing: Drawing) -> list[str]:
    return [text.text for text in drawing.texts]


def luminance(colour: str) -> float:
    return sum(int(colour[i : i + 2], 16) * w for i, w in ((1, 0.3), (3, 0.59), (5, 0.11)))


def on_floor(more: str) -> DiagramInput:
    design = parse_design(FLOOR + f"floor: {more}\n")
    built = build(design)
    return DiagramInput(built, places=place(built, load_catalog(), design.file.floor or Floor()))


@pytest.mark.parametrize(
    "more", ["{}", "{racks_per_row: 4, hosts_per_rack: 3}", "{racks_per_row: 5, rows_per_hall: 2, hosts_per_rack: 2}"]
)
def test_racks_have_the_colour_of_what_they_hold(more: str) -> None:
    shown = on_floor(more)
    drawing, places = draw("rack", shown), shown.places
    assert places is not None
    fill = {b.name.removeprefix("floor "): b.fill for b in drawing.boxes if b.name.startswith("floor ")}
    assert set(fill) == set(places.racks.name.tolist())
    kind = alike(shown.fabric, places)
    for a in range(len(kind)):
        for b in range(a):
            same = kind[a] == kind[b]
            assert same == (fill[str(places.racks.name[a])] == fill[str(places.racks.name[b])])
    legend = [t for t in texts(drawing) if re.match(r"[A-Z]+: ", t)]
    assert len(legend) == len(set(fill.values()))
    assert sum(int(m[1]) for t in legend if (m := re.search(r"\((\d+) racks?\)", t))) == len(places.racks)
    hosts = np.bincount(places.rack[shown.fabric.is_host], minlength=len(kind))
    for entry in legend:
        first = next(i for i in range(len(kind)) if fill[str(places.racks.name[i])] == _swatch(drawing, entry))
        told = re.search(r"(\d+) hosts?", entry)
        assert hosts[first] == (int(told[1]) if told else 0)


def _swatch(drawing: Drawing, entry: str) -> str:
    """The colour beside an entry of the legend."""
    text = next(t for t in drawing.texts if t.text == entry)
    return next(b.fill for b in drawing.boxes if b.name.startswith("legend") and abs(b.y - text.y) < 1
                and 0 < text.x - b.x < 20)  # fmt: skip


def test_a_floor_names_its_rows_and_has_a_scale() -> None:
    shown = on_floor("{racks_per_row: 4, hosts_per_rack: 3}")
    drawing, places = draw("rack", shown), shown.places
    assert places is not None
    rows = {f"row {str(name).rstrip('0123456789')}" for name in places.racks.name}
    assert rows <= set(texts(drawing))
    bar = next(b for b in drawing.boxes if b.name == "scale")
    metres = next(int(m[1]) for t in texts(drawing) if (m := re.fullmatch(r"(\d+) m", t)))
    at = {b.name: b for b in drawing.boxes}
    one, other = (str(n) for n in places.racks.name[[0, 1]])
    apart = abs(at[f"floor {one}"].x - at[f"floor {other}"].x)
    assert bar.w / metres == pytest.approx(apart / abs(places.racks.x_m[0] - places.racks.x_m[1]), rel=1e-3)
    halls = draw("rack", on_floor("{racks_per_row: 5, rows_per_hall: 2, hosts_per_rack: 2}"))
    assert {"hall 1", "hall 2", "row A", "row B"} <= set(texts(halls))


@pytest.mark.parametrize(("kind", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (702, "AAA")])
def test_kinds_are_numbered_in_letters(kind: int, name: str) -> None:
    assert letter(kind) == name


def test_a_front_view_explains_what_it_shows_and_nothing_else() -> None:
    assert "switch of rail 0" in texts(draw("rack", on_floor("{}")))
    panels = draw("rack", on_floor("{patch_panels: {where: between-rows}, racks_per_row: 4, hosts_per_rack: 3}"))
    held = {b.name for b in panels.boxes if "-P" in b.name}
    assert ("patch panel" in texts(panels)) == bool(held)
    assert "patch panel" not in texts(draw("rack", on_floor("{}")))


@pytest.mark.parametrize("highest", [0.4, 0.985, 1.0, 1.0001, 1.9, 2.954, 7.3, 55.0, 1234.5])
def test_a_histogram_counts_every_link_once_a_direction(highest: float) -> None:
    use = np.linspace(0, highest, 400).reshape(-1, 2)
    step, counts = bin_counts(use)
    assert sum(counts) == 400
    assert len(counts) <= 41
    assert step * len(counts) >= highest - 1e-6
    over = sum(c for i, c in enumerate(counts) if i * step >= 1 - 1e-9)
    if step <= 1:
        assert over == int((use > 1 + 1e-6 * step).sum())


def test_overload_has_shades_of_its_own() -> None:
    shades = [load_colour(u) for u in (1.01, 1.25, 1.5, 1.75, 2.0)]
    assert len(set(shades)) == 5
    assert [luminance(s) for s in shades] == sorted((luminance(s) for s in shades), reverse=True)
    assert load_colour(1.0) == "#440154"
    assert load_colour(2.0) == load_colour(40.0)


@pytest.mark.parametrize("name", ["mrft-2048", "dragonfly", "jellyfish"])
def test_bars_of_a_load_add_up_to_its_links(name: str) -> None:
    drawing, built = draw("load", data(name)), fabric(name)
    bars = [b.name for b in drawing.boxes if re.fullmatch(r"[\d,]+% to [\d,]+%: [\d,]+( \(\d+\))?", b.name)]
    found = sum(int(b.split(": ")[1].split(" ")[0].replace(",", "")) for b in bars)
    mine = ~built.is_endpoint_link & (built.links.network == 0)
    assert found == 2 * int(mine.sum())


def test_a_legend_of_loads_names_overload_only_where_there_is_any() -> None:
    built = fabric("ft2-tiny")
    for use, there in ((0.9, False), (1.0, False), (1.3, True)):
        load = np.full((len(built.links), 2), use)
        assert ("150%" in texts(draw("load", DiagramInput(built, load=load)))) is there


@pytest.mark.parametrize("name", ["mpft-small", "mrft-2048", slow("torus")])
def test_a_failure_says_what_throughput_is_left(name: str) -> None:
    built = fabric(name)
    rows = np.flatnonzero(built.switches_in(0))
    gone = str(built.devices.name[rows[np.argmax(built.devices.tier[rows])]])
    told = next(t for t in texts(draw("failure", DiagramInput(built))) if t.startswith("throughput left: "))
    left = throughput(built.without(devices=[gone]), "all-to-all", "adaptive", 0, built)
    low, high = re.match(r"throughput left: ([\d.]+)(?: to ([\d.]+))? of line rate", told).groups()  # type: ignore[union-attr]
    assert float(low) <= left.upper + 5e-4
    assert float(high or low) >= left.lower - 5e-4


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", ["ft2-tiny", "mpft-16384", "mrft-2048", "slim-fly", "jellyfish"])
def test_full_numbers_every_device_and_the_numbers_can_be_read(name: str) -> None:
    drawing = draw("full", DiagramInput(fabric(name)))
    devices = {b.name: b for b in drawing.boxes if b.name in drawing.holds}
    at = {(round(t.x, 3), round(t.y, 3)): t for t in drawing.texts}
    for box in devices.values():
        near = [at.get((round(box.x, 3), round(box.y, 3)))] if (round(box.x, 3), round(box.y, 3)) in at else [
            t for t in drawing.texts if abs(t.x - box.x) < 1 and abs(t.y - box.y) < box.h / 2]  # fmt: skip
        assert near, box.name
        assert all(t.size >= LEAST_SIZE and text_width(t.text, t.size) <= box.w for t in near if t), box.name


def test_full_is_refused_where_nobody_could_read_it() -> None:
    design = parse_design("name: x\ngpus: 65536\nhost: h800-node\n"
                          "networks: {compute: {family: ft3, switch: nvidia-qm9700}}\n")  # fmt: skip
    with pytest.raises(InputError) as caught:
        draw("full", DiagramInput(build(design)))
    said = caught.value.problems[0]
    assert f"{MOST_PAIRS:,}" in (said.allowed or "")
    assert "--view plane" in (said.hint or "")


@pytest.mark.sampled(9)
@pytest.mark.parametrize(
    "view", ["overview", "plane", "pod", "load", "failure", "rack", "path", "cut", "host"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["mpft-small", "mrft-2048", "dragonfly", "torus", "dragonfly-plus"])
def test_what_stands_in_a_box_fits_into_it(name: str, view: str) -> None:
    drawing = draw(view, data(name))
    held = [b for b in drawing.boxes if b.name in drawing.holds]
    for box in held:
        for text in drawing.texts:
            if text.anchor == "middle" and abs(text.x - box.x) < 0.5 and abs(text.y - box.y) < box.h / 2:
                assert text_width(text.text, text.size) <= box.w + 1, (box.name, text.text)


def test_a_drawing_is_dark_for_readers_whose_screen_is(tmp_path: object) -> None:
    svg = render(draw("overview", data("ft2-tiny")), "svg").decode()
    assert Counter(re.findall("prefers-color-scheme: dark", svg)) == {"prefers-color-scheme: dark": 1}
    assert "@media screen" in svg


SHARED = """name: shared
gpus: 64
host: dgx-h100-4-networks
networks:
  compute: {family: mrft, switch: nvidia-qm9700}
  storage: {family: ft2, switch: nvidia-qm9700}
  in-band:
    family: ft2
    switch: nvidia-sn4600c
    spines: 2
    homing: dual
    leaves: [{role: border, count: 2, outside: {ports: 8, gbps: 100}, oversubscription: 1}]
  out-of-band: {family: ft2, switch: nvidia-sn2201, uplink_gbps: 100, uplinks: 2, spines: 2, spines_in: in-band}
"""


def test_a_plane_shows_the_spines_that_are_another_networks_and_says_what_it_leaves_out() -> None:
    """By hand: one leaf of 48 ports, two uplinks into the two spines of the other network, 8 hosts."""
    built = build(parse_design(SHARED))
    row = built.networks.index("out-of-band")
    drawing = draw("plane", DiagramInput(built, network=row))
    names = {box.name for box in drawing.boxes}
    assert {"in-band-spine-000", "in-band-spine-001", "out-of-band-leaf-000"} <= names
    assert drawing.title.endswith("plane 0 of network out-of-band")
    assert any(text.startswith("2 × 100G · 2 up a leaf · 1 down a ") for text in texts(drawing))
    assert any("10 links" in text for text in texts(drawing))
    load = draw("load", DiagramInput(built, network=row))
    assert "2 × 100G · 2 up a leaf · 1 down a spine" in texts(load)
    lender = draw("plane", DiagramInput(built, network=built.networks.index("in-band")))
    assert "not shown: 2 links of network out-of-band on these switches" in texts(lender)


def test_unlike_leaves_bear_the_numbers_of_their_names() -> None:
    larger = SHARED.replace("gpus: 64", "gpus: 1024").replace("spines: 2\n    homing", "spines: 8\n    homing")
    built = build(parse_design(larger))
    drawing = draw("plane", DiagramInput(built, network=built.networks.index("in-band")))
    shown = texts(drawing)
    assert "hosts of leaf 0" in shown
    for name in (built.devices.name[rows[0]] for rows in drawing.holds.values() if len(rows) == 1):
        stem, _, number = str(name).rpartition("-")
        if "leaf" in stem:
            assert name in shown or f"{stem.removeprefix('in-band-')} {int(number)}" in shown


def test_links_between_boxes_of_one_row_run_below_them_and_cover_no_name() -> None:
    """Leaves that are cabled to another network's border leaves: in the overview both stand in the row of leaves."""
    larger = SHARED.replace("gpus: 64", "gpus: 256").replace(
        "spines_in: in-band", "spines_in: in-band, spines_on: border"
    )
    built = build(parse_design(larger))
    drawing = draw("overview", DiagramInput(built, network=built.networks.index("out-of-band")))
    box = {one.name: one for one in drawing.boxes if not one.name.startswith("ground ")}  # what a label lies on
    rows = [line for line in drawing.lines if line.a in box and line.b in box and box[line.a].y == box[line.b].y]
    (across,) = [line for line in rows if "leaf" in line.a]
    assert across.title == "2 × 100G"
    inside = [
        (text.text, one.name)
        for text in drawing.texts
        if text.text == across.title
        for one in box.values()
        if abs(text.x - one.x) < one.w / 2 and abs(text.y - one.y) < one.h / 2
    ]
    assert not inside
    for x, y in across.points[1:-1]:
        assert not any(abs(x - one.x) < one.w / 2 and abs(y - one.y) < one.h / 2 for one in box.values())
