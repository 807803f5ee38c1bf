"""`topo check` judges the cables of a floor plan."""

from __future__ import annotations

from dataclasses import replace

import pytest

import topo
from topo.design import parse_design
from topo.placement.cables.cabling import Unfit, cabling
from topo.placement.faults.inspect import inspect
from topo.report import Report

DESIGN = "name: t\ngpus: 256\nhost: dgx-h100\nnetworks:\n  compute: {{family: ft2, switch: nvidia-qm9700}}\n{floor}"


def checked(floor: str) -> Report:
    return topo.check(parse_design(DESIGN.format(floor=f"floor: {floor}\n" if floor else "")))


@pytest.mark.parametrize("floor", ["", "{}", "{rule: rail-rows}"])
def test_cables_that_fit_give_no_finding(floor: str) -> None:
    report = checked(floor)
    assert report.verdict == "held"
    assert not report.findings


def test_a_route_longer_than_any_cable_breaks_the_design() -> None:
    report = checked("{racks_per_row: 2, rows_per_hall: 2, hall_gap_m: 3000}")
    assert report.verdict == "broken"
    assert {f.code for f in report.findings} == {"cable-no-part"}
    assert all(f.severity == "error" and len(f.where) == 1 and "links)" in f.message for f in report.findings)


def metrics(report: Report) -> dict[str, object]:
    return dict(report.metrics.to_json())


@pytest.mark.parametrize("lengths", ["{leaf_spine: 5000}", "{endpoint: 5000}"])
def test_links_without_a_part_are_found_without_a_floor_plan_too(lengths: str) -> None:
    report = topo.check(parse_design(f"{DESIGN.format(floor='')}lengths_m: {lengths}\n"))
    assert report.verdict == "broken"
    (finding,) = report.findings
    assert finding.code == "cable-no-part"
    assert "256 links" in finding.message
    assert not {"cables", "transceivers", "power_w"} & set(metrics(report))


def test_what_has_a_part_in_one_network_is_counted_though_another_lacks_some() -> None:
    two = "name: t\ngpus: 256\nhost: dgx-h100\nlengths_m: {global: 5000}\nnetworks:\n"
    two += "  compute: {family: ft2, switch: nvidia-qm9700}\n"
    two += "  storage: {family: dragonfly, p: 8, a: 4, h: 2, switch: nvidia-qm9700}\n"
    found = topo.check(parse_design(two)).to_json()["metrics"]
    assert found["cables"] == 512
    assert not {"cables", "transceivers"} & set(found["storage"])


@pytest.mark.parametrize("host", ["dgx-h100", "dgx-b200"])
def test_shipped_hosts_of_several_networks_find_all_their_cables(host: str) -> None:
    two = f"name: t\ngpus: 512\nhost: {host}\nnetworks:\n  compute: {{family: ft2, switch: nvidia-qm9700}}\n"
    report = topo.check(parse_design(two + "  storage: {family: ft2, switch: nvidia-qm9700}\n"))
    assert report.verdict == "held"
    assert not report.findings


def test_trays_and_racks_are_judged_by_every_check() -> None:
    report = checked("{tray_mm2: 500}")
    assert report.verdict == "broken"
    assert {f.code for f in report.findings} == {"floor-tray-fill"}
    assert "tray_fill_percent allows 50 %" in report.findings[0].message
    assert checked("{tray_mm2: 500, tray_fill_percent: 100}").verdict == "broken"
    assert checked("{tray_mm2: 5000, tray_fill_percent: 100}").verdict == "held"


def test_racks_of_unknown_power_leave_the_verdict_open() -> None:
    design = DESIGN.format(floor="floor: {}\n").replace("dgx-h100", "h800-node")
    report = topo.check(parse_design(design))
    assert report.verdict == "undecided"
    assert [(f.code, f.severity) for f in report.findings] == [("floor-rack-limits", "undecided")]
    assert "h800-node" in report.findings[0].message


def test_one_cause_is_one_finding_whatever_the_lengths() -> None:
    report = checked("{racks_per_row: 2, rows_per_hall: 1, hall_gap_m: 3000}")
    codes = [f.code for f in report.findings]
    assert codes.count("cable-no-part") <= 2, "one for each kind of link"
    assert any(" to " in f.message for f in report.findings)


def test_links_of_two_kinds_without_a_part_are_told_apart() -> None:
    """No two findings say the same: where one reason holds for several kinds of links, each names its own."""
    design = parse_design(
        "name: d\ngpus: 16\nhost: example-host-1\nnetworks:\n  compute: {family: ft2, switch: example-switch-8}\n"
    )
    fabric = topo.build(design)
    whole = cabling(fabric, design.catalog)
    unfit = (Unfit(16, "endpoint", 0, "nothing joins them"), Unfit(9, "leaf_spine", 20, "nothing joins them"))
    two = inspect(fabric, design.catalog, replace(whole, unfit=unfit))
    assert [fault.message for fault in two] == [
        "nothing joins them for links of kind endpoint",
        "nothing joins them for links of kind leaf_spine",
    ]
    (one,) = inspect(fabric, design.catalog, replace(whole, unfit=unfit[:1]))
    assert one.message == "nothing joins them"


@pytest.mark.parametrize(("floor", "key", "most"), [
    ("{hosts_per_rack: 30}", "hosts_per_rack", 5),
    ("{hosts_per_rack: 4}", "", 0),
    ("{hosts_per_rack: 5, rack_power_w: 45000}", "hosts_per_rack", 4),
    ("{hosts_per_rack_of: {dgx-h100: 9}, spare_units: 20, rack_power_w: 200000}", "hosts_per_rack_of.dgx-h100", 4),
])  # fmt: skip
def test_more_hosts_a_rack_than_it_holds_are_told(floor: str, key: str, most: int) -> None:
    """Hosts of 8 units and 10,200 W in racks of 52 units and 60 kW."""
    text = "name: t\ngpus: 256\nhost: dgx-h100\nfloor: {rack: rack-52u-air-60kw, %s\n"
    text += "networks: {compute: {family: ft2, switch: nvidia-qm9700}}\n"
    found = [f for f in topo.check(parse_design(text % floor[1:])).findings if f.code == "hosts-per-rack"]
    assert len(found) == bool(key)
    for finding in found:
        assert finding.message.startswith(f"{key} is ")
        assert f"a rack holds at most {most} of dgx-h100" in finding.message
        assert (finding.severity, finding.line) == ("warning", 4)
