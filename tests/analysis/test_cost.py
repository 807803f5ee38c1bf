"""Cost against the published totals, power and rack units against sums done by hand."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from topo.analysis.money.cost import Cost, Item, LinkClasses, class_usd, link_classes, link_lines, network_cost
from topo.analysis.money.power import network_power_w, network_rack_units
from topo.catalog import Catalog, PriceBook, load_catalog
from topo.design import Design, cable, context_of
from topo.design.loader import load_design, parse_design
from topo.design.wire import build
from topo.errors import InputError
from topo.exporters.bom import bom_columns
from topo.exporters.table import csv_bytes
from topo.fabric import Fabric
from topo.generators.families.slim_fly import network_radix
from topo.placement import Bom, Cabling, bill_of_materials
from topo.placement.cables.cabling import cabling

REFERENCE = Path(__file__).parents[1] / "data" / "reference"
TABLE = yaml.safe_load((REFERENCE / "deepseek_v3.yaml").read_text())["table_3_topology_comparison"]["columns"]
FAMILIES = yaml.safe_load((REFERENCE / "price_books.yaml").read_text())["families"]
BOOKS = {"fabric_links_only": "published-fabric-links", "with_endpoint_copper": "published-endpoint-copper"}
COLUMNS = {
    "FT2": "family: ft2",
    "MPFT": "family: mpft, planes: 8",
    "FT3": "family: ft3",
    "DF": "family: dragonfly, p: 16, a: 32, h: 16, g: 511, global_links: all",
}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog()


def fabric_of(catalog: Catalog, gpus: int, compute: str, host: str = "h800-node") -> Fabric:
    text = f"name: d\ngpus: {gpus}\nhost: {host}\nnetworks:\n  compute: {{switch: nvidia-qm9700, {compute}}}\n"
    return build(parse_design(text, "d", catalog))


@pytest.mark.sampled(4)
@pytest.mark.parametrize("family", list(FAMILIES))
@pytest.mark.parametrize("column", list(COLUMNS))
def test_published_totals(catalog: Catalog, family: str, column: str) -> None:
    row = TABLE[column]
    fabric = fabric_of(catalog, row["endpoints"], COLUMNS[column])
    cost = network_cost(fabric, 0, catalog, catalog.price_book(BOOKS[family]))
    assert not cost.unpriced
    assert cost.leaves_out == (("endpoint links",) if family == "fabric_links_only" else ())
    assert cost.complete == (not cost.leaves_out)
    assert cost.basis == "a calibration, not market prices"
    assert round(cost.total_usd / 1e6) == row["cost_musd"]
    assert round(cost.total_usd / 1e6, 2) == FAMILIES[family]["totals_musd"][column]
    printed = row["cost_per_endpoint_kusd"]
    digits = len(str(printed).partition(".")[2])
    assert round(round(cost.total_usd / 1e6) * 1e3 / cost.endpoints, digits) == printed


@pytest.mark.parametrize("family", list(FAMILIES))
def test_published_total_of_the_slim_fly_that_does_not_exist(catalog: Catalog, family: str) -> None:
    book, row = catalog.price_book(BOOKS[family]), TABLE["SF"]
    switches, links = 2 * 28**2, 28**2 * network_radix(28)
    assert (switches, links) == (row["switches"], row["links"])
    ends = row["endpoints"] if book.endpoint_links == "electric" else 0
    total = switches * (book.switch_usd or 0) + class_usd(book, LinkClasses(ends, links))[0]
    assert round(total / 1e6, 2) == FAMILIES[family]["totals_musd"]["SF"]
    assert round(round(total / 1e6) * 1e3 / row["endpoints"], 1) == row["cost_per_endpoint_kusd"]


@pytest.mark.parametrize("family", list(FAMILIES))
def test_planes_cost_less_than_three_tiers_in_every_family(catalog: Catalog, family: str) -> None:
    book = catalog.price_book(BOOKS[family])
    mpft, ft3 = (network_cost(fabric_of(catalog, 16384, f"family: {f}"), 0, catalog, book) for f in ("mpft", "ft3"))
    assert 0.575 <= mpft.total_usd / ft3.total_usd <= 0.595


def test_three_of_31_local_links_are_electric(catalog: Catalog) -> None:
    fabric = fabric_of(catalog, 1536, "family: dragonfly, p: 16, a: 32, h: 16, g: 3")
    classes = link_classes(fabric, 0, catalog.price_book("published-endpoint-copper"))
    local = 3 * 32 * 31 // 2
    assert classes.electric - len(fabric.endpoints) == local * 3 // 31


def book(**prices: Any) -> PriceBook:
    return PriceBook.model_validate(
        {"id": "b", "title": "b", "source": {"document": "test", "read": True}, **prices}, strict=False
    )


def test_by_length_takes_the_cheaper_cable(catalog: Catalog) -> None:
    fabric = fabric_of(catalog, 2048, "family: ft2")
    method = catalog.price_book("slim-fly-method")
    links = 2048

    def total(metres: float) -> float:
        lengths = {"leaf_spine": metres}
        return network_cost(fabric, 0, catalog, method, cabling(fabric, catalog, lengths_m=lengths)).links_usd

    assert total(1) == pytest.approx(links * 400 * (0.4079 * 1 + 0.5771))
    assert total(20) == pytest.approx(links * 400 * (0.0919 * 20 + 2.7452))
    assert total(6.85) == pytest.approx(links * 400 * (0.4079 * 6.85 + 0.5771))
    assert total(6.87) == pytest.approx(links * 400 * (0.0919 * 6.87 + 2.7452))
    routers = network_cost(fabric, 0, catalog, method).switches_usd
    assert routers == pytest.approx(96 * (350.4 * 64 - 892.3))
    assert network_cost(fabric, 0, catalog, method).unpriced == ("links",)


def test_by_part_agrees_with_the_bill_of_materials(catalog: Catalog) -> None:
    fabric = fabric_of(catalog, 2048, "family: ft2")
    plan = cabling(fabric, catalog)
    parts = {line.part for line in bill_of_materials(fabric, catalog, plan).lines if line.kind != "host"}
    prices = book(parts_usd={part: 100.0 + i for i, part in enumerate(sorted(parts))}, endpoint_links="electric")
    bom = bill_of_materials(fabric, catalog, plan, prices)
    cost = network_cost(fabric, 0, catalog, prices, plan)
    assert cost.complete
    assert cost.total_usd == pytest.approx(sum(line.usd or 0 for line in bom.lines if line.kind != "host"))
    fewer = book(parts_usd={"nvidia-qm9700": 7.0}, endpoint_links="electric")
    cost = network_cost(fabric, 0, catalog, fewer, plan)
    assert cost.total_usd == 96 * 7
    assert set(cost.unpriced) == parts - {"nvidia-qm9700"}


def test_an_unpriced_class_is_named(catalog: Catalog) -> None:
    fabric = fabric_of(catalog, 1536, "family: dragonfly, p: 16, a: 32, h: 16, g: 3")
    cost = network_cost(fabric, 0, catalog, book(switch_usd=1.0, optical_link_usd=1.0, electric_links=["local"]))
    assert cost.unpriced == ("electric links",)
    assert not cost.complete
    assert cost.to_json()["unpriced"] == ["electric links"]


def test_json_and_bisection() -> None:
    items = (Item("switches", "s", 2, 10.0), Item("cables", "c", 3, 15.0), Item("cables", "d", 1, 5.0))
    cost = Cost("b", items, gpus=5, endpoints=10, by_network={"compute": 30.0, "storage": 7.0})
    expected = {
        "total": 30.0, "per_gpu": 6.0, "per_endpoint": 3.0, "price_book": "b", "complete": True, "unpriced": [],
        "leaves_out": [], "by_class": {"switches": 10.0, "cables": 20.0},
        "by_network": {"compute": 30.0, "storage": 7.0},
    }  # fmt: skip
    assert cost.to_json() == expected
    assert replace(cost, basis="a guess", leaves_out=("hosts",)).to_json() == {
        **expected, "basis": "a guess", "leaves_out": ["hosts"], "complete": False,
    }  # fmt: skip
    assert cost.per_bisection_gbps_usd(50.0, 60.0) == (0.5, 0.6)
    assert cost.per_bisection_gbps_usd(0.0, 60.0) is None
    assert cost.to_json((50.0, 60.0)) == {**expected, "per_bisection_gbps": {"lower": 0.5, "upper": 0.6}}
    unknown = replace(cost, items=(*items, Item("cables", "x", 1, None)))
    assert unknown.per_bisection_gbps_usd(50.0, 60.0) is None
    assert (unknown.unpriced, unknown.complete) == (("x",), False)


def test_power_adds_switches_and_modules(catalog: Catalog) -> None:
    fabric = fabric_of(catalog, 2048, "family: ft2")
    plan = cabling(fabric, catalog)
    bom = bill_of_materials(fabric, catalog, plan)
    modules = {line.part: line.count for line in bom.lines if line.kind == "transceiver"}
    watts = {"nvidia-mma4z00-ns": 15, "nvidia-mma4z00-ns400": 9}
    assert set(modules) == set(watts)
    power = network_power_w(fabric, 0, catalog, plan)
    assert power.value == 96 * 747 + sum(n * watts[part] for part, n in modules.items())
    assert network_rack_units(fabric, 0, catalog).value == 96


def test_power_is_absent_where_a_part_does_not_say(catalog: Catalog) -> None:
    text = (
        "name: d\ngpus: 512\nhost: multi-port-node\nnetworks:\n"
        "  compute: {family: dual-plane, switch: nvidia-sn5600, endpoint_gbps: 400, uplink_gbps: 400}\n"
    )
    fabric = build(parse_design(text, "d", catalog))
    power = network_power_w(fabric, 0, catalog, cabling(fabric, catalog))
    assert power.value is None
    assert "nvidia-sn5600" in power.unknown
    assert np.isfinite(power.known)


def test_the_rack_layout_of_the_slim_fly_paper(catalog: Catalog) -> None:
    """Order 5: five racks of ten switches on a grid three wide. Links of a pair of subgroups are electric; every other
    goes to a rack on the grid, link by link."""
    network = "{family: slim-fly, switch: nvidia-qm9700, q: 5, p: 4}"
    text = f"name: t\ngpus: 200\nhost: h800-node\nnetworks:\n  compute: {network}\n"
    fabric = build(parse_design(text, "d", catalog))
    found = network_cost(fabric, 0, catalog, catalog.price_book("slim-fly-layout"))
    assert (found.unpriced, found.leaves_out) == ((), ("endpoint links",))
    assert found.switches_usd == pytest.approx(50 * (350.4 * 64 - 892.3))
    electric = 400 * (0.4079 + 0.5771)
    expected = 0.0
    for a, b in zip(fabric.link_a.tolist(), fabric.link_b.tolist(), strict=True):
        if fabric.devices.tier[a] == 0 or fabric.devices.tier[b] == 0:
            continue
        racks = [int(fabric.devices.pod[d]) for d in (a, b)]
        far = abs(racks[0] % 3 - racks[1] % 3) + abs(racks[0] // 3 - racks[1] // 3)
        optical = 400 * (0.0919 * (far + 2) + 2.7452)
        expected += electric if racks[0] == racks[1] else optical
    assert found.links_usd == pytest.approx(expected)


def test_a_layout_fills_racks_with_switches_of_tiers(catalog: Catalog) -> None:
    text = "name: t\ngpus: 2048\nhost: h800-node\nnetworks:\n  compute: {family: ft2, switch: nvidia-qm9700}\n"
    fabric = build(parse_design(text, "d", catalog))
    method, layout = (catalog.price_book(f"slim-fly-{name}") for name in ("method", "layout"))
    found = network_cost(fabric, 0, catalog, layout)
    assert found.switches_usd == network_cost(fabric, 0, catalog, method).switches_usd
    assert not found.unpriced
    assert 2048 * 400 * (0.0919 * 3 + 2.7452) <= found.links_usd <= 2048 * 400 * (0.0919 * 4 + 2.7452)


def test_a_book_by_part_counts_endpoint_links_unless_it_prices_whole_links(catalog: Catalog) -> None:
    fabric = fabric_of(catalog, 2048, "family: ft2")
    plan = cabling(fabric, catalog)
    parts = {line.part: 10.0 for line in bill_of_materials(fabric, catalog, plan).lines if line.kind != "host"}
    cost = network_cost(fabric, 0, catalog, book(parts_usd=parts), plan)
    modules = 96 * 32 + 2048
    assert cost.by_class == {"switches": 960.0, "cables": 40960.0, "transceivers": 10.0 * modules}
    assert cost.complete
    with_hosts = network_cost(fabric, 0, catalog, book(parts_usd={**parts, "h800-node": 3e5}), plan)
    assert with_hosts.total_usd == cost.total_usd
    assert with_hosts.leaves_out == ("hosts",)
    assert network_cost(fabric, 0, catalog, book(parts_usd=parts), plan, spares=True).leaves_out == ("spare parts",)
    with pytest.raises(ValueError, match="prices the parts of every link"):
        book(parts_usd=parts, endpoint_links="not-counted")


@pytest.mark.parametrize(
    "prices",
    [
        {"switch_usd": -20e6}, {"switch_usd": 2e9}, {"switch_base_usd": -20e6, "switch_usd_per_port": 1.0},
        {"optical_link_usd": -1.0}, {"parts_usd": {"x": -1.0}}, {"parts_usd": {"x": float("inf")}},
        {"electric_cable": {"usd_per_gbps_m": -0.1, "usd_per_gbps": 1.0}}, {"electric_link_usd": float("nan")},
    ],
)  # fmt: skip
def test_prices_out_of_range_are_refused(prices: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        book(**prices)


def test_a_formula_that_gives_a_switch_a_price_below_zero_is_refused(catalog: Catalog) -> None:
    prices = book(switch_usd_per_port=10.0, switch_base_usd=-1000.0, optical_link_usd=1.0, electric_link_usd=1.0)
    text = "name: d\ngpus: 256\nhost: h800-node\nnetworks:\n  compute: {switch: nvidia-qm9700, family: ft2}\n"
    design = parse_design(text, "d", catalog)
    with pytest.raises(InputError, match=r"prices nvidia-qm9700 at -360\.00 USD"):
        context_of(design, build(design), prices)


def test_shared_panels_count_once_over_all_networks(catalog: Catalog) -> None:
    text = (
        "name: t\ngpus: 256\nhost: dgx-h100\n"
        "floor: {rule: block, racks_per_row: 4, spare_units: 20, patch_panels: {}}\n"
        "networks:\n  compute: {family: ft2, switch: nvidia-qm9700}\n"
        "  storage: {family: ft2, switch: nvidia-qm9700}\n"
    )
    agree(parse_design(text, "t", catalog), book(parts_usd=EVERY_PART))


EVERY_PART = {
    part: 1.0 + 7 * i
    for kind in ("switch", "host", "transceiver", "cable", "panel")
    for i, part in enumerate(load_catalog().ids(kind))
}
ALL_BOOKS = (
    *(load_catalog().price_book(name) for name in load_catalog().ids("price-book")),
    book(parts_usd=EVERY_PART),
)


def agree(design: Design, *books: PriceBook, spares: float = 0.0) -> None:
    """The networks' costs and the bill of materials, class by class and in all, by each book."""
    fabric = build(design)
    plan = cable(design, fabric).cabling
    for prices in books:
        agree_by(prices, design, fabric, plan, spares)


def agree_by(prices: PriceBook, design: Design, fabric: Fabric, plan: Cabling, spares: float) -> None:
    links = link_lines(fabric, design.catalog, prices, plan) if prices.prices_links else ()
    bom = bill_of_materials(fabric, design.catalog, plan, prices, spares, links)
    costs = [network_cost(fabric, row, design.catalog, prices, plan) for row in range(len(fabric.networks))]
    assert round(sum(cost.total_usd for cost in costs), 2) == round(bom.networks_usd, 2)
    known = prices.parts_usd.keys() & {line.part for line in bom.lines if line.kind != "host"}
    if not known and not prices.prices_links:
        assert bom.networks_usd == 0
        return
    assert bom.networks_usd > 0
    for cost in costs:
        assert dict(cost.by_network) == {n: c.total_usd for n, c in zip(fabric.networks, costs, strict=True)}
        assert sum(cost.by_class.values()) == pytest.approx(cost.total_usd, rel=1e-12)
        assert cost.complete == (not cost.unpriced and not cost.leaves_out)
    rows = rows_of(bom)
    spent = [float(row["usd"]) for row in rows if row["usd"] and row["kind"] != "total"]
    (total,) = (float(row["usd"]) for row in rows if row["title"] == "priced lines")
    assert round(sum(spent), 2) == pytest.approx(total, abs=0.01)
    apart = bom.usd - bom.networks_usd
    own = [row for row in rows if row["title"] == "networks, without hosts and spares"]
    assert bool(own) == (round(apart, 2) > 0)
    assert not own or float(own[0]["usd"]) == pytest.approx(sum(c.total_usd for c in costs), abs=0.01)


def rows_of(bom: Bom) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(csv_bytes(bom_columns(bom)).decode())))


DESIGNS = sorted(p for p in (Path(__file__).parents[2] / "designs").glob("*.yaml") if p.name != "policy.yaml")


@pytest.mark.sampled(4)
@pytest.mark.parametrize(
    "path", [p for p in DESIGNS if "65536" not in p.name and "16384" not in p.name], ids=lambda p: p.stem
)
def test_cost_and_bill_of_materials_agree_to_the_cent(path: Path) -> None:
    agree(load_design(path), *ALL_BOOKS, spares=2.0)


@pytest.mark.slow
@pytest.mark.parametrize("path", [p for p in DESIGNS if "16384" in p.name], ids=lambda p: p.stem)
def test_cost_and_bill_of_materials_of_large_designs_agree(path: Path) -> None:
    agree(load_design(path), *ALL_BOOKS)
