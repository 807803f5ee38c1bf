"""Floors that do not hold the design, on the command line: exit 2 with the line, and nothing written."""

from __future__ import annotations

import csv
import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.test_contract import run

DESIGN = (
    "name: t\ngpus: 256\nhost: {host}\nnetworks:\n  compute: {{family: ft2, switch: nvidia-qm9700}}\nfloor: {floor}\n"
)


def built(folder: Path, floor: str, host: str = "dgx-h100") -> subprocess.CompletedProcess[str]:
    (folder / "d.yaml").write_text(DESIGN.format(host=host, floor=floor))
    return run("build", "d.yaml", "-o", "out", cwd=folder)


@pytest.mark.parametrize(
    ("floor", "message"),
    [
        ("{rack_power_w: 5000}", "fits in no rack"),
        ("{halls: 1, rows_per_hall: 1, racks_per_row: 2, improve: length}", "the floor is too small"),
        ("{rack_pairs: [{racks: [1A01, 9Z09], length_m: 3}], improve: optics}", "no such rack is used"),
        ("{room_for_gpus: 128}", "does not grow to this size"),
        ("{improve: cost}", "length"),
        (
            "{rack_power_w: 99999, spare_units: 0, rule: block, patch_panels: {where: between-racks}}",
            "have no room for their panels",
        ),
        ("{patch_panels: {part: mpo-panel}}", "did you mean mpo-panel-1u?"),
    ],
)
def test_a_floor_that_does_not_hold_the_design_ends_with_its_line(tmp_path: Path, floor: str, message: str) -> None:
    done = built(tmp_path, floor)
    assert done.returncode == 2
    assert message in done.stderr
    assert "d.yaml:6" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["d.yaml"]


def test_routes_longer_than_any_cable_are_written_down_as_faults(tmp_path: Path) -> None:
    """The plan is whole, and says which links it cannot join: in the checks, the counts and the bill of materials."""
    done = built(tmp_path, "{racks_per_row: 2, rows_per_hall: 2, hall_gap_m: 3000}")
    assert done.returncode == 0
    out = tmp_path / "out"
    with (out / "cabling-checks.csv").open() as file:
        faults = [row for row in csv.DictReader(file) if row["result"] == "fault"]
    assert {row["check"] for row in faults} == {"no-part"}
    assert all("is beyond the" in row["message"] for row in faults)
    links = sum(int(row["count"]) for row in faults)
    counts = json.loads((out / "counts.json").read_text())
    assert counts["cables"]["links_without_part"] == links > 0
    with (out / "bom.csv").open() as file:
        missing = [row for row in csv.DictReader(file) if row["kind"] == "missing"]
    assert [int(row["count"] or row["spares"]) for row in missing] == [links]
    with (out / "cable-schedule.csv").open() as file:
        unfit = [row for row in csv.DictReader(file) if not row["cable_part"]]
    assert len(unfit) == links
    manifest = {entry["path"] for entry in json.loads((out / "manifest.json").read_text())["files"]}
    assert manifest == {str(p.relative_to(out)) for p in out.rglob("*") if p.is_file()} - {"manifest.json"}
