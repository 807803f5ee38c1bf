"""Cages with optics of their own (co-packaged) take fibre and no module; linear modules go where they may."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

from tests.errors.run_cli import run
from topo import build
from topo.analysis.money.power import network_power_w
from topo.api import lint_plan
from topo.catalog import Cable, Catalog, Transceiver, lint
from topo.catalog.forms import shipped_folder
from topo.design import Design, cable
from topo.design.loader import parse_design
from topo.exporters.links import link_rows
from topo.placement import Cabling
from topo.placement.cables.bom import bill_of_materials
from topo.placement.cables.cabling import cabling
from topo.placement.faults.inspect import inspect

CATALOG = Catalog((shipped_folder(),))
CPO, PLUGGED = "nvidia-q3450-ld", "nvidia-q3400"


def design(leaf: str, spine: str, more: str = "") -> Design:
    keys = f"family: ft2, switch: {leaf}, spine_switch: {spine}"
    return parse_design(f"name: t\nhost: dgx-b300\ngpus: 576\n{more}networks: {{compute: {{{keys}}}}}\n")


def modules_of(plan: Cabling) -> dict[str, int]:
    names, counts = np.unique(plan.modules.part, return_counts=True)
    return {plan.parts[row]: n for row, n in zip(names.tolist(), counts.tolist(), strict=True)}


@pytest.mark.parametrize(("leaf", "spine", "cages"), [
    (PLUGGED, PLUGGED, 288 + 288 + 288),
    (CPO, PLUGGED, 288),
    (PLUGGED, CPO, 288 + 288),
    (CPO, CPO, 0),
])  # fmt: skip
def test_modules_are_bought_for_the_other_ends_alone(leaf: str, spine: str, cages: int) -> None:
    """576 links down and 576 up: a twin-port module for each cage of two, one for each NIC."""
    fabric = build(design(leaf, spine))
    plan = cabling(fabric, CATALOG)
    assert not plan.unfit
    assert not inspect(fabric, CATALOG, plan)
    expected = {"nvidia-mms4a20-xm800": 576} | ({"nvidia-mms4a00-xm": cages} if cages else {})
    assert modules_of(plan) == expected
    bill = bill_of_materials(fabric, CATALOG, plan)
    assert {line.part: line.count for line in bill.lines if line.kind == "transceiver"} == expected
    assert bill.count("cable") == 1152
    power = network_power_w(fabric, 0, CATALOG, plan)
    assert "nvidia-q3450-optics" not in power.unknown


@pytest.mark.parametrize(("leaf", "spine"), [(CPO, CPO), (CPO, PLUGGED), (PLUGGED, CPO)])
def test_a_schedule_names_what_light_goes_into_and_lints_green(leaf: str, spine: str, tmp_path: Path) -> None:
    """A fibre end without any optics is a mistake of a plan, and built-in ones are not left out."""
    path = tmp_path / "design.yaml"
    keys = f"family: ft2, switch: {leaf}, spine_switch: {spine}"
    path.write_text(f"name: t\nhost: dgx-b300\ngpus: 576\nnetworks: {{compute: {{{keys}}}}}\n")
    assert run(["build", str(path), "-o", str(tmp_path / "out"), "--export", "cable-schedule-csv"]).code == 0
    schedule = tmp_path / "out" / "cable-schedule.csv"
    rows = list(csv.DictReader(schedule.read_text(encoding="utf-8").splitlines()))
    cpo = {"leaf": leaf == CPO, "spine": spine == CPO}
    for row in rows:
        for end in "ab":
            built_in = cpo.get(row[f"{end}_role"], False)
            assert (row[f"{end}_module"] == "nvidia-q3450-optics") is built_in
    assert not lint_plan(schedule)
    text = schedule.read_text(encoding="utf-8").replace("nvidia-q3450-optics", "", 1)
    schedule.write_text(text, encoding="utf-8")
    assert {finding.code for finding in lint_plan(schedule)} == {"module-mismatch"}


def test_fibre_ends_in_its_plug_at_either_kind_of_cage() -> None:
    fabric = build(design(CPO, PLUGGED))
    columns = {column.title: column for column in link_rows(fabric, CATALOG, cabling(fabric, CATALOG)).columns}
    for end in "ab":
        assert set(columns[f"{end}_connector"].texts()) == {"mpo-12-apc"}


def test_prices_ask_nothing_for_what_is_built_in(tmp_path: Path) -> None:
    """Every part that is bought has a price, so the total is complete."""
    fabric = build(design(CPO, CPO))
    plan = cabling(fabric, CATALOG)
    prices = {CPO: 100.0, "dgx-b300": 1.0, "nvidia-mms4a20-xm800": 2.0, "nvidia-mfp7e30": 3.0}
    (tmp_path / "price-book").mkdir()
    book = {"id": "mine", "title": "Mine", "parts_usd": prices, "source": {"document": "a test", "read": True}}
    (tmp_path / "price-book" / "mine.yaml").write_text(yaml.safe_dump(book))
    known = Catalog((shipped_folder(), tmp_path)).price_book("mine")
    bill = bill_of_materials(fabric, CATALOG, plan, known)
    assert bill.complete
    assert bill.networks_usd == pytest.approx(12 * 100 + 576 * 2 + 1152 * 3)
    assert modules_of(cabling(fabric, CATALOG, price_book=known)) == modules_of(plan)


def test_trunks_reach_as_far_as_built_in_optics_do() -> None:
    floor = (
        "floor: {rows_per_hall: 4, spare_units: 20, rack: rack-48u-liquid-142kw, "
        "patch_panels: {part: mpo-144-panel-1u, where: between-rows}}\n"
    )
    wanted = design(CPO, CPO, floor)
    fabric = build(wanted)
    found = cable(wanted, fabric)
    assert found.cabling.patching is not None
    assert len(found.cabling.patching.cable)
    assert [f.check for f in inspect(fabric, CATALOG, found.cabling, found.places) if not f.undecided] == []


def test_faults_at_built_in_optics_are_found() -> None:
    fabric = build(design(CPO, PLUGGED))
    plan = cabling(fabric, CATALOG)
    three = np.array(plan.lengths.length_m)
    three[:] = 501.0
    far = replace(plan, lengths=replace(plan.lengths, length_m=three))
    assert any("nvidia-q3450-optics reaches" in fault.message for fault in inspect(fabric, CATALOG, far))
    cage = np.array(fabric.ports.cage)
    up = fabric.links.a[fabric.links.kind == 1][:3]
    cage[up] = cage[up[0]]
    crowded = replace(fabric, ports=replace(fabric.ports, cage=cage))
    assert "one-plug" in {fault.check for fault in inspect(crowded, CATALOG, plan)}


def test_built_in_optics_have_no_power_of_their_own(tmp_path: Path) -> None:
    text = (shipped_folder() / "transceiver" / "nvidia-q3450-optics.yaml").read_text()
    (tmp_path / "transceiver").mkdir()
    part = tmp_path / "transceiver" / "nvidia-q3450-optics.yaml"
    part.write_text(text.replace("reach_m: 500\n", "reach_m: 500\npower_w: 9\n"))
    (problem,) = lint(Catalog((shipped_folder(), tmp_path)))
    assert "no power_w" in problem.message


def test_linear_modules_fit_only_cages_that_drive_them(tmp_path: Path) -> None:
    """With the cheapest price they join such switches; a NIC or another switch takes the retimed ones."""
    (tmp_path / "price-book").mkdir()
    prices = {part.id: 1000.0 for part in (*CATALOG.every(Transceiver), *CATALOG.every(Cable))}
    prices |= {"osfp-800g-dr8-lpo": 1.0, "nvidia-mfp7e30": 1.0}
    book = {"id": "mine", "title": "Mine", "parts_usd": prices, "source": {"document": "a test", "read": True}}
    (tmp_path / "price-book" / "mine.yaml").write_text(yaml.safe_dump(book))
    known = Catalog((shipped_folder(), tmp_path)).price_book("mine")
    for switch, linear in (("arista-7060x6-64pe", True), ("nvidia-sn5600", False)):
        wanted = parse_design(
            "name: t\nhost: hgx-b300-ethernet\ngpus: 1024\n"
            f"networks: {{compute: {{family: ft2, switch: {switch}, uplink_gbps: 800}}}}\n"
        )
        fabric = build(wanted)
        plan = cabling(fabric, CATALOG, price_book=known)
        assert not inspect(fabric, CATALOG, plan)
        assert ("osfp-800g-dr8-lpo" in modules_of(plan)) is linear
