"""Money over life against sums done by hand: discounts, ranges, currencies, energy, racks, and what is left out."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

import topo
from topo.catalog import Catalog, load_catalog
from topo.design import Design, parse_design
from topo.design.loader import load_design
from topo.errors import InputError
from topo.exporters import make_plan
from topo.placement import Line
from topo.report.answers.money import as_csv, as_text, cost_page, what_if

BOOK = """id: mine
title: Prices of a made-up quote
date: "2026-05"
{more}parts_usd: {{{parts}}}
source: {{document: "A quote", read: true}}
"""
PARTS = {
    "nvidia-qm9700": "20000",
    "nvidia-mma4z00-ns": "{low: 900, high: 1500, expected: 1000}",
    "nvidia-mma4z00-ns400": "400",
    "nvidia-mfp7e10": "100",
    "h800-node": "300000",
}


def catalog_with(folder: Path, parts: dict[str, str] = PARTS, more: str = "") -> Catalog:
    (folder / "price-book").mkdir(parents=True, exist_ok=True)
    text = BOOK.format(parts=", ".join(f"{k}: {v}" for k, v in parts.items()), more=more)
    (folder / "price-book" / "mine.yaml").write_text(text)
    return load_catalog([folder])


def design_text(more: str = "", gpus: int = 256) -> str:
    return (
        f"name: d\ngpus: {gpus}\nhost: h800-node\nprice_book: mine\n"
        f"networks:\n  compute: {{family: ft2, switch: nvidia-qm9700}}\n{more}"
    )


def test_a_bill_is_summed_by_class_with_discounts_and_ranges(tmp_path: Path) -> None:
    design = parse_design(design_text(), "d", catalog_with(tmp_path))
    counts = {(line.kind, line.part): line.count for line in _bom(design)}
    switches, twin = counts["switch", "nvidia-qm9700"], counts["transceiver", "nvidia-mma4z00-ns"]
    nic = counts["transceiver", "nvidia-mma4z00-ns400"]
    fibre = sum(line.count for line in _bom(design) if line.part == "nvidia-mfp7e10")
    assert switches > 4
    assert twin > 100
    assert fibre > 200
    found = topo.cost(design, sets={"discount": 0.1, "discount.optics": 0.3})
    by = {line.kind: line for line in found.lines}
    assert by["switches"].list_price.expected == 20000 * switches
    assert by["switches"].paid.expected == pytest.approx(0.9 * 20000 * switches)
    optics = [each * twin + 400 * nic for each in (900, 1000, 1500)]
    got = by["optics"].paid
    assert (got.low, got.expected, got.high) == pytest.approx(tuple(0.7 * usd for usd in optics))
    assert by["fibre"].paid.expected == pytest.approx(0.9 * 100 * fibre)
    assert found.capex.expected == pytest.approx(0.9 * (20000 * switches + 100 * fibre) + 0.7 * optics[1])
    assert found.total == found.capex
    assert found.per_gpu is not None
    assert found.per_gpu.expected == pytest.approx(found.total.expected / 256)
    assert not found.unpriced
    assert any("energy (usd_per_kwh)" in what for what in found.leaves_out)
    assert any("hosts and their NICs" in what for what in found.leaves_out)


def _bom(design: Design) -> tuple[Line, ...]:
    return make_plan(design).bom.lines


def test_energy_and_maintenance_are_paid_each_year(tmp_path: Path) -> None:
    design = parse_design(design_text(), "d", catalog_with(tmp_path))
    sets = {"usd_per_kwh": 0.1, "pue": 1.5, "load": 0.5, "maintenance_per_year.switches": 0.08}
    found = topo.cost(design, years=3, sets=sets)
    by = {line.kind: line for line in found.lines}
    watts = by["switches"].watts
    part = design.catalog.switch("nvidia-qm9700")
    assert part.power_typical_w is not None
    assert watts == part.power_typical_w * by["switches"].count
    energy = watts * 0.5 * 1.5 * 8760 / 1000 * 0.1
    assert by["switches"].energy is not None
    assert by["switches"].energy.expected == pytest.approx(energy)
    upkeep = 0.08 * by["switches"].paid.expected
    assert by["switches"].over(3).expected == pytest.approx(by["switches"].paid.expected + 3 * (energy + upkeep))
    assert by["optics"].maintenance is None
    assert "maintenance of optics, fibre (maintenance_per_year)" in found.leaves_out
    assert not any("(pue)" in what for what in found.leaves_out)


def test_what_has_no_price_is_named_and_makes_no_total_smaller_in_silence(tmp_path: Path) -> None:
    parts = {k: v for k, v in PARTS.items() if k != "h800-node"}
    design = parse_design(design_text("spares_percent: 1\n"), "d", catalog_with(tmp_path, parts))
    found = topo.cost(design, sets={"hosts": True})
    assert found.unpriced == ("h800-node",)
    assert not found.complete
    said = as_text(cost_page(what_if(design, ["hosts=true"])))
    assert "No price is known for h800-node: the sum is without." in said
    hosts = next(line for line in said.splitlines() if " hosts " in line)
    assert "unknown" in hosts
    spares = next(line for line in found.lines if line.kind == "spares")
    assert spares.network == "shared"
    assert spares.paid.expected > 0


def test_racks_and_floor_are_divided_by_the_units_that_switches_take(tmp_path: Path) -> None:
    floor = "floor: {}\ncost: {usd_per_rack: 1000, usd_per_rack_year: 100, usd_per_m2_year: 10}\n"
    design = parse_design(design_text(floor), "d", catalog_with(tmp_path))
    alone = topo.cost(design)
    racks = next(line for line in alone.lines if line.kind == "racks")
    both = topo.cost(design, sets={"hosts": True})
    every = [line for line in both.lines if line.kind == "racks"]
    places = make_plan(design).places
    assert places is not None
    assert sum(line.paid.expected for line in every) == pytest.approx(1000 * len(places.racks))
    rent = sum(line.housing.expected for line in every if line.housing)
    pitch = 0.6 * 3.0
    assert rent == pytest.approx(len(places.racks) * (100 + 10 * pitch))
    assert 0 < racks.paid.expected < sum(line.paid.expected for line in every)


def test_amounts_are_shown_in_the_currency_that_the_terms_name(tmp_path: Path) -> None:
    usd = parse_design(design_text(), "d", catalog_with(tmp_path / "a"))
    eur = parse_design(design_text(), "d", catalog_with(tmp_path / "b", more="usd_per_unit: 1.25\ncurrency: EUR\n"))
    assert topo.cost(eur).total.expected == pytest.approx(1.25 * topo.cost(usd).total.expected)
    page = cost_page(what_if(eur, ["currency=EUR", "usd_per_unit=1.25"]))
    assert page.life.to_json()["total"]["expected"] == pytest.approx(topo.cost(usd).total.expected)
    rows = list(csv.DictReader(io.StringIO(as_csv(page))))
    assert {row["unit"] for row in rows} == {"EUR"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("currency: EUR\n", "needs its rate"),
        ("currency: euro\n", "currency"),
        ("usd_per_unit: 2\ncurrency: USD\n", "no rate"),
    ],
)
def test_a_book_in_another_currency_needs_its_rate(tmp_path: Path, more: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        parse_design(design_text(), "d", catalog_with(tmp_path, more=more))
    assert all(problem.line in (4, 5) for problem in caught.value.problems)
    assert all(problem.file.endswith("mine.yaml") for problem in caught.value.problems)


@pytest.mark.parametrize(
    "price", ["{low: 3, high: 2}", "{low: 1}", "{low: 1, high: 2, expected: 5}", "{low: -1, high: 2}", "{a: 1}"]
)
def test_ranges_that_are_none_are_refused_with_their_line(tmp_path: Path, price: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_design(design_text(), "d", catalog_with(tmp_path, {"nvidia-qm9700": price}))
    (problem,) = caught.value.problems
    assert (problem.key, problem.line) == ("parts_usd.nvidia-qm9700", 4)


@pytest.mark.parametrize(
    ("sets", "key"),
    [
        (["discount.optics=1.5"], "--set discount.optics"),
        (["discount.lasers=0.1"], "--set discount"),
        (["usd_per_kwh={low: 0.2, high: 0.1}"], "--set usd_per_kwh"),
        (["currency=EUR"], "--set currency"),
        (["price_book=none"], "--set price_book"),
        (["colour=red"], "--set"),
        (["discount"], "--set"),
        (["pue=0.9"], "--set pue"),
        (["load=a\nb: 1"], "--set"),
    ],
)
def test_a_wrong_what_if_is_refused_by_its_key(tmp_path: Path, sets: list[str], key: str) -> None:
    design = parse_design(design_text(), "d", catalog_with(tmp_path))
    with pytest.raises(InputError) as caught:
        what_if(design, sets)
    assert caught.value.problems[0].key == key


def test_terms_of_a_design_are_read_with_their_lines(tmp_path: Path) -> None:
    catalog_with(tmp_path)
    with pytest.raises(InputError) as caught:
        parse_design(design_text("cost:\n  years: 0\n  discount: {optics: 2}\n"), "d", load_catalog([tmp_path]))
    assert [(p.key, p.line) for p in caught.value.problems] == [("cost.years", 8), ("cost.discount.optics", 9)]


def test_a_what_if_goes_beyond_the_terms_of_the_design(tmp_path: Path) -> None:
    design = parse_design(design_text("cost: {discount: 0.5, years: 2}\n"), "d", catalog_with(tmp_path))
    found = topo.cost(design, sets={"discount.optics": 0})
    assert found.terms.years == 2
    assert {line.kind: line.discount for line in found.lines} == {"switches": 0.5, "optics": 0.0, "fibre": 0.5}
    assert topo.cost(design, years=7).terms.years == 7


def test_a_part_that_the_book_was_not_fitted_to_is_a_warning_wherever_the_number_stands() -> None:
    text = (
        "name: d\ngpus: 64\nhost: h800-node\nprice_book: published-fabric-links\n"
        "networks:\n  compute: {family: ft2, switch: nvidia-qm9790}\n"
    )
    design = parse_design(text)
    report = topo.check(design)
    assert "price-not-fitted" in {f.code for f in report.findings}
    assert report.verdict == "held"
    assert report.to_json()["metrics"]["cost_usd"]["not_fitted"] == ["switch nvidia-qm9790"]
    assert "not fitted to switch nvidia-qm9790" in as_text(cost_page(design))
    fitted = parse_design(text.replace("nvidia-qm9790", "nvidia-qm9700"))
    assert "not_fitted" not in topo.check(fitted).to_json()["metrics"]["cost_usd"]


def test_a_shipped_design_has_its_whole_sum_and_all_it_leaves_out() -> None:
    design = load_design(Path(__file__).parents[3] / "designs" / "deepseek-v3-2048.yaml")
    found = topo.cost(design)
    report = topo.check(design, requirements=[])
    networks = report.to_json()["metrics"]["cost_usd"]["by_network"]
    assert {name: amount.expected for name, amount in found.sums("network").items()} == pytest.approx(networks)
    assert found.total.expected == pytest.approx(sum(networks.values()))
    said = json.dumps(found.to_json())
    for what in ("endpoint links", "hosts", "spare parts", "maintenance", "energy", "racks", "floor"):
        assert what in said
