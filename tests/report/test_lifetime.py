"""Money over life beside all other figures: report, page, comparison and search say what `topo cost` says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import topo
from tests.analysis.money.test_life import PARTS, catalog_with, design_text
from tests.cli.test_contract import run
from topo.catalog import Catalog
from topo.design import Design, parse_design
from topo.errors import InputError
from topo.report.compare import Comparison, compare, render
from topo.report.figure import figures
from topo.searching.candidates.request import parse_request

TERMS = "cost: {years: 5, discount: 0.2, maintenance_per_year: 0.08, usd_per_kwh: {low: 0.08, high: 0.14}, pue: 1.3}\n"
OTHER = "cost: {years: 3, usd_per_kwh: 0.1}\n"
KEYS = (
    "capex_per_gpu_usd", "opex_per_gpu_usd", "lifetime_cost_per_gpu_usd", "lifetime_cost_per_bisection_gbps_usd",
)  # fmt: skip


def _pair(folder: Path, first: str, second: str, catalog: Catalog | None = None) -> list[Design]:
    parts = catalog or catalog_with(folder)
    wide = design_text(second).replace("name: d", "name: wide").replace("family: ft2", "family: mrft")
    return [parse_design(design_text(first), "d", parts), parse_design(wide, "wide", parts)]


def _cells(value: Comparison, column: int) -> dict[str, Any]:
    return {row.key: row.cells[column] for row in value.rows if row.key in KEYS}


def test_rows_of_the_comparison_are_what_the_sum_of_each_design_is(tmp_path: Path) -> None:
    designs = _pair(tmp_path, TERMS, TERMS)
    value = compare(designs, routings=("adaptive",))
    for i, design in enumerate(designs):
        alone, cells = topo.cost(design), _cells(value, i)
        assert {*cells} == {*KEYS}
        assert alone.per_gpu is not None
        assert alone.per_bisection_gbps is not None
        assert alone.opex is not None
        for key, amount in (
            ("capex_per_gpu_usd", alone.capex.times(1 / 256)), ("opex_per_gpu_usd", alone.opex.times(1 / 256)),
            ("lifetime_cost_per_gpu_usd", alone.per_gpu),
            ("lifetime_cost_per_bisection_gbps_usd", alone.per_bisection_gbps),
        ):  # fmt: skip
            assert (cells[key].lower, cells[key].upper) == pytest.approx((amount.low, amount.high)), key
            assert "over 5 years" in cells[key].note
        both = alone.capex.expected + alone.opex.expected
        assert both == pytest.approx(alone.total.expected)
    assert "hosts and their NICs" in render(value)
    assert "on one set of terms" in render(value)


def test_one_set_of_terms_is_that_of_all_and_two_are_told(tmp_path: Path) -> None:
    shared = compare(_pair(tmp_path, TERMS, ""), routings=("adaptive",))
    both = compare(_pair(tmp_path, TERMS, TERMS), routings=("adaptive",))
    assert _cells(shared, 1) == _cells(both, 1)
    apart = compare(_pair(tmp_path, TERMS, OTHER), routings=("adaptive",))
    assert "each design's own terms, which differ" in render(apart)
    assert "over 3 years" in _cells(apart, 1)["lifetime_cost_per_gpu_usd"].note
    assert not _cells(compare(_pair(tmp_path, "", ""), routings=("adaptive",)), 0)


def test_what_has_no_price_leaves_the_row_without_an_upper_end(tmp_path: Path) -> None:
    odd = catalog_with(tmp_path, {k: v for k, v in PARTS.items() if k != "h800-node"})
    hosts = TERMS.replace("years: 5", "years: 5, hosts: true")
    cells = _cells(compare(_pair(tmp_path, hosts, hosts, odd), routings=("adaptive",)), 0)
    assert cells["capex_per_gpu_usd"].upper == float("inf")
    assert "without h800-node" in cells["lifetime_cost_per_gpu_usd"].note


def _book(folder: Path, more: str) -> Path:
    text = design_text(more).replace("price_book: mine", "price_book: published-fabric-links")
    path = folder / "d.yaml"
    path.write_text(text)
    return path


def test_report_page_and_terminal_have_it_and_verify_recounts_it(tmp_path: Path) -> None:
    path = _book(tmp_path, TERMS)
    design = topo.load_design(path)
    report = topo.check(design)
    found: dict[str, Any] = report.to_json()["metrics"]["lifetime_cost"]
    alone = topo.cost(design).to_json()
    assert found == {key: value for key, value in alone.items() if key in found}
    assert {"total", "capex", "per_gpu", "per_bisection_gbps", "leaves_out", "energy_per_year"} <= {*found}
    shown = run("check", path)
    assert f"cost over 5 years, USD, all networks: {found['total']['expected']:,.0f}" in shown.stdout
    tiled = figures.get("lifetime_cost").tile
    tile = tiled.make(report) if tiled else None
    assert tile is not None
    assert tile.label == "cost over 5 years (incomplete)"
    assert tile.value == f"{found['total']['expected'] / 1e6:,.2f} M USD"
    assert "hosts and their NICs" in tile.note
    stated = tmp_path / "report.json"
    stated.write_text(run("check", path, "--format", "json").stdout)
    assert run("verify", stated).returncode == 0
    value = json.loads(stated.read_text())
    value[0]["metrics"]["lifetime_cost"]["total"]["high"] *= 1.01
    stated.write_text(json.dumps(value))
    assert run("verify", stated).returncode == 1


def test_no_terms_no_figure(tmp_path: Path) -> None:
    report = topo.check(topo.load_design(_book(tmp_path, "")))
    assert "lifetime_cost" not in report.to_json()["metrics"]


def test_a_comparison_takes_terms_from_its_command_line(tmp_path: Path) -> None:
    path = _book(tmp_path, "")
    shown = run(
        "compare", path, "--set", "usd_per_kwh=0.1", "--set", "years=2", "--routing", "adaptive", "--format", "json"
    )
    cell = json.loads(shown.stdout)["designs"][0]["metrics"]["lifetime_cost_per_gpu_usd"]
    per_gpu = topo.cost(topo.load_design(path), years=2, sets={"usd_per_kwh": 0.1}).per_gpu
    assert per_gpu is not None
    assert (cell["lower"], cell["upper"]) == pytest.approx((per_gpu.low, per_gpu.high))
    assert run("compare", path, "--set", "usd_per_mile=1").returncode == 2


def test_a_search_for_the_cheapest_life_needs_its_terms(tmp_path: Path) -> None:
    text = "name: x\ngpus: 64\nhost: h800-node\nobjectives: [lifetime_cost_usd]\nchoose: {families: [ft2]}\n"
    with pytest.raises(InputError, match="needs the terms") as refused:
        parse_request(text, "x", catalog_with(tmp_path))
    assert refused.value.problems[0].line == 4
    assert parse_request(text + OTHER, "x", catalog_with(tmp_path)).common["cost"] == {"years": 3, "usd_per_kwh": 0.1}
