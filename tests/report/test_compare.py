"""The comparison against answers asked one by one, and its formats read back."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

import topo
from topo.analysis.network import switch_network
from topo.analysis.paths.hops import hops
from topo.catalog import load_catalog
from topo.design import Design, build
from topo.design.loader import parse_design
from topo.errors import InputError, ParameterError
from topo.report.compare import Comparison, as_svg, compare, render, resized

FAMILIES = {
    "planes": "family: mpft",
    "tiers": "family: ft3, oversubscription: 3",
    "slim": "family: slim-fly, q: 5, p: 8",
    "fly": "family: dragonfly, p: 4, a: 4, h: 3, g: 13",
}
QUICK = [name for name in FAMILIES if name != "fly"]
"""Those whose bisection is exact at once."""
SMALL = "family: jellyfish, p: 8, r: 3, switches: 6, seed: 3"


def design_of(name: str, gpus: int = 64) -> Design:
    text = (
        f"name: {name}\ntitle: the {name}\ngpus: {gpus}\nhost: h800-node\nnetworks:\n"
        f"  compute: {{switch: nvidia-qm9700, {FAMILIES.get(name, SMALL)}}}\n"
    )
    return parse_design(text, "d", load_catalog())


@pytest.fixture(scope="module")
def value() -> Comparison:
    return compare([design_of(name) for name in QUICK])


def at(value: Comparison, key: str, name: str) -> tuple[float, float] | None:
    row = value.row(key)
    assert row is not None
    cell = row.cells[value.names.index(name)]
    return None if cell is None else (cell.lower, cell.upper)


@pytest.mark.sampled(2)
@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.slow) if n == "fly" else n for n in FAMILIES])
def test_cells_are_the_answers(value: Comparison, name: str) -> None:
    value = value if name in QUICK else compare([design_of(name)])
    fabric = build(design_of(name))
    counted = hops(switch_network(fabric))
    assert at(value, "hops_max", name) == (counted.max, counted.max)
    assert at(value, "hops_mean", name) == (counted.mean, counted.mean)
    switches = int((fabric.devices.tier != 0).sum())
    assert at(value, "switches_total", name) == (switches, switches)
    links = int((~fabric.is_endpoint_link).sum())
    assert at(value, "links_fabric", name) == (links, links)
    for routing in ("adaptive", "spray", "static"):
        t = topo.throughput(fabric, "all-to-all", routing)
        assert at(value, f"all_to_all_{routing}", name) == (t.lower, t.upper)
    b = topo.bisection(fabric)
    assert at(value, "bisection_share", name) == (b.lower_gbps / b.full_gbps, b.upper_gbps / b.full_gbps)
    hashed = at(value, "all_to_all_ecmp", name)
    assert hashed is not None
    assert hashed[1] <= topo.throughput(fabric, "all-to-all", "adaptive").upper + 1e-9


def test_any_one_cable_is_examined_where_few_are_unlike_and_bounded_elsewhere() -> None:
    few = compare([design_of("small", 40)], routings=())
    every = compare([design_of("small", 40)], routings=(), all_failures=True)
    bounded, found = at(few, "after_one_cable", "small"), at(every, "after_one_cable", "small")
    assert bounded is not None
    assert found is not None
    assert bounded[0] <= found[0] <= found[1] <= bounded[1]
    assert bounded != found
    fabric = build(design_of("small", 40))
    for link in fabric.links.id[~fabric.is_endpoint_link].tolist():
        left = topo.throughput(fabric.without(links=[link]), "all-to-all", "adaptive", baseline=fabric)
        assert left.upper >= found[0] - 1e-9


def test_gpus_and_cables_on_planes(value: Comparison) -> None:
    fabric = build(design_of("planes"))
    assert at(value, "after_one_cable", "planes") is not None
    gpu = topo.throughput(fabric, "gpu-all-to-all", "adaptive")
    assert at(value, "gpu_all_to_all_adaptive", "planes") == (gpu.lower, gpu.upper)


def test_cost_is_by_one_book(value: Comparison) -> None:
    assert value.price_book == "published-fabric-links"
    switches, links = at(value, "switches_total", "slim"), at(value, "links_fabric", "slim")
    assert switches is not None
    assert links is not None
    cost = at(value, "cost_per_gpu_usd", "slim")
    assert cost is not None
    assert cost[0] == pytest.approx((switches[0] * 82500 + links[0] * 520) / 64)
    halves, each = at(value, "bisection_share", "slim"), at(value, "cost_per_bisection_gbps_usd", "slim")
    assert halves is not None
    assert each is not None
    full = switch_network(build(design_of("slim"))).endpoint_gbps.sum() / 2
    assert each[0] == pytest.approx(cost[0] * 64 / (halves[1] * full))
    assert each[1] == pytest.approx(cost[1] * 64 / (halves[0] * full))
    assert at(value, "rack_units", "slim") == switches
    other = compare([design_of("slim")], price_book=load_catalog().price_book("slim-fly-method"), routings=())
    assert other.price_book == "slim-fly-method"
    assert at(other, "cost_per_gpu_usd", "slim") != cost


def test_tiers_stand_in_order_and_blanks_stay_blank(value: Comparison) -> None:
    keys = [row.key for row in value.rows]
    tiers = [key for key in keys if key.startswith("switches_")]
    assert tiers == ["switches_leaf", "switches_spine", "switches_switch", "switches_total"]
    assert at(value, "switches_leaf", "slim") is None
    assert at(value, "switches_switch", "slim") == (50, 50)


def test_formats_hold_the_same_figures(value: Comparison) -> None:
    data = json.loads(render(value, "json"))
    assert data["schema"] == "topo.compare/1"
    assert [d["name"] for d in data["designs"]] == QUICK
    assert data["designs"][2]["metrics"]["switches_total"] == 50
    assert "switches_leaf" not in data["designs"][2]["metrics"]
    rows = list(csv.DictReader(io.StringIO(render(value, "csv"))))
    found = {(r["key"], r["design"]): (float(r["lower"]), float(r["upper"])) for r in rows}
    for row in value.rows:
        for name, cell in zip(value.names, row.cells, strict=True):
            assert found.get((row.key, name)) == (None if cell is None else (cell.lower, cell.upper))
    text, markdown = render(value), render(value, "md")
    for line in markdown.splitlines():
        assert not line.startswith("|") or line.count("|") == len(QUICK) + 2
    assert "switch-to-switch links" in text
    assert "published-fabric-links" in text
    with pytest.raises(ParameterError, match="text, json, csv, md"):
        render(value, "pdf")


def test_chart_is_an_image_of_every_panel(value: Comparison) -> None:
    tree = ElementTree.fromstring(as_svg(value, "Three <families>"))
    words = ["".join(node.itertext()) for node in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert "Three <families>" in words
    assert words.count("slim") >= 8
    assert "all-to-all, ECMP" in words
    assert as_svg(value) == as_svg(value)


@pytest.mark.slow
def test_resizing_drops_sizes_and_keeps_the_rest() -> None:
    larger = compare([design_of(name) for name in FAMILIES], gpus=200, routings=())
    assert {cell.lower for cell in larger.rows[0].cells if cell} == {200}
    fly = resized(design_of("fly"), 96)
    assert build(fly).origins[0]["g"] == 96 // 16
    assert build(fly).origins[0]["a"] == 4
    slim = resized(design_of("slim"), 4000)
    assert build(slim).origins[0]["q"] > 5


def test_sizes_that_do_not_exist() -> None:
    with pytest.raises(ParameterError) as error:
        resized(design_of("slim"), 100)
    assert error.value.problems[0].allowed == "96 or 104"
    with pytest.raises(InputError, match="at most 208 GPUs"):
        compare([design_of("fly")], gpus=4096)
    with pytest.raises(InputError, match="at most 208 GPUs") as several:
        compare([design_of("fly"), design_of("slim"), design_of("fly")], gpus=4096, jobs=2)
    assert [p.message.partition(":")[0] for p in several.value.problems] == ["fly", "fly"]
    with pytest.raises(ParameterError) as below:
        resized(design_of("slim"), -3)
    assert below.value.problems[0].allowed == "8"


TINY = sorted((Path(__file__).parents[2] / "designs").glob("tiny-*.yaml"))
KEYS = [
    "ft2, leaves: [{hosts: dgx-b200, oversubscription: 2}]",
    "mrft, leaves: [{hosts: dgx-b200}], spines: 4",
    "ft2, homing: dual, peer_links: 2",
    "mrft, rails_per_leaf: 2, homing: dual",
    "mrft, spines: 6, spread: by-one, uplinks: 12",
    "mpft, planes: 4, hosts_per_leaf: 16, packing: balanced",
    "mrft, build_for_gpus: 1024",
    "ft3, leaves_per_pod: 4, cores: 8, reserve_ports: {leaf: 2}",
]


def resized_or_refused(design: Design, gpus: int) -> bool:
    """Whether the design can be so large: it is built then, and else its refusal names a key."""
    try:
        fabric = build(resized(design, gpus))
    except InputError as error:
        assert all(p.key and p.message for p in error.problems)  # noqa: PT017
        return False
    assert int(fabric.devices.gpus.sum()) == gpus
    return True


@pytest.mark.parametrize("path", TINY, ids=lambda p: p.stem)
def test_designs_of_every_family_at_other_sizes(path: Path) -> None:
    design = topo.load_design(path)
    each = design.groups[0].part.gpus
    sizes = [n for n in (design.file.gpus // 2 // each * each, 2 * design.file.gpus, 3 * design.file.gpus) if n]
    able = [resized_or_refused(design, gpus) for gpus in sizes]
    assert any(able)


@pytest.mark.parametrize("keys", KEYS)
def test_keys_of_sizes_at_other_sizes(keys: str) -> None:
    text = f"name: d\ngpus: 256\nhost: dgx-b200\nnetworks:\n  compute: {{switch: nvidia-sn5600, family: {keys}}}\n"
    assert all(resized_or_refused(parse_design(text), gpus) for gpus in (128, 512, 768))


def test_command(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from topo.cli.app import app
    from topo.cli.commands import compare as command

    assert command
    file = tmp_path / "planes.yaml"
    file.write_text(
        "name: planes\ngpus: 64\nhost: h800-node\nnetworks:\n  compute: {family: mpft, switch: nvidia-qm9700}\n"
    )
    chart = tmp_path / "c.svg"
    found = CliRunner().invoke(app, ["compare", str(file), "--format", "csv", "--chart", str(chart), "--gpus", "128"])
    assert found.exit_code == 0
    assert "gpus,,planes,128.0,128.0," in found.stdout
    assert chart.read_text().startswith("<svg")
    found = CliRunner().invoke(app, ["compare", str(file), "--gpus", "100"])
    assert found.exit_code == 2
    assert "96 or 104" in found.stderr


@pytest.mark.slow
def test_processes_give_the_same_answers() -> None:
    designs = [design_of("slim"), design_of("small", 40)]
    assert render(compare(designs, jobs=2), "json") == render(compare(designs), "json")


@pytest.mark.parametrize(
    ("keys", "shape"),
    [
        ("shape: [16, 16], wrap: [true, false]", (32, 16)),
        ("shape: [256], wrap: false", (512,)),
        ("shape: [8, 8, 4], width: [2, 1, 1]", (8, 8, 8)),
        ("shape: [4, 4, 4, 4], wrap: [true, true, true, false], width: [1, 1, 1, 2]", (8, 4, 4, 4)),
        ("wrap: [true, false]", (32, 16)),
    ],
)
def test_a_torus_keeps_its_dimensions(keys: str, shape: tuple[int, ...]) -> None:
    """The box of another size has as many dimensions, each with or without a way around, and as wide, as before."""
    text = (
        "name: d\ngpus: 256\nhost: example-host-1\n"
        f"networks:\n  compute: {{family: torus, switch: nvidia-qm9700, {keys}}}\n"
    )
    fabric = build(resized(parse_design(text), 512))
    sizes = dict(fabric.origins[0].shape)
    assert tuple(sizes[f"size_{d}"] for d in range(sizes["dimensions"])) == shape
    assert len(fabric.endpoints) == 512
