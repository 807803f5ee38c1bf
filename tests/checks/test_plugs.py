"""`topo check` judges the cables of a floor plan."""

from __future__ import annotations

import pytest

import topo
from topo.design import parse_design
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
