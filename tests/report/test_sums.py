"""One sum of money: the bill of materials, the report and `topo cost` agree to the dollar, network by network."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import pytest
from typer.testing import CliRunner

import topo
from topo.cli.app import app
from topo.cli.program import program
from topo.exporters import build_files, make_plan

DESIGNS = Path(__file__).parents[2] / "designs"
OWN_PRICES = "price_book: published-fabric-links\n"


def costs(path: Path) -> dict[str, object]:
    """What `topo cost --format json` says."""
    program()
    done = CliRunner().invoke(app, ["cost", str(path), "--format", "json"])
    assert done.exit_code == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("deepseek-v3-2048", ""),
        ("tiny-scale-up", OWN_PRICES),
        pytest.param("gb200-576-nvlink", "", marks=pytest.mark.slow),
        pytest.param("dgx-h100-ai-factory", "", marks=pytest.mark.slow),
    ],
)
def test_bill_report_and_cost_are_one_sum(name: str, more: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.yaml"
    text = (DESIGNS / f"{name}.yaml").read_text()
    path.write_text(text + ("" if "price_book:" in text else more or OWN_PRICES))
    design = topo.load_design(path)
    rows = list(csv.DictReader(io.StringIO(build_files(make_plan(design), {"bom"})["bom.csv"].decode())))
    titles = {row["title"]: row for row in rows if row["kind"] == "total"}
    billed = titles.get("networks, without hosts, racks and spares", titles["priced lines"])["usd"]
    report = topo.check(design, requirements=[]).metrics.cost_usd
    assert report is not None
    assert math.fsum(report["by_network"].values()) == pytest.approx(float(billed), abs=0.5)
    assert report["by_network"]["compute"] == report["total"] == math.fsum(report["by_class"].values())
    found = costs(path)
    capex = found["capex"]
    assert isinstance(capex, dict)
    racks = design.file.cost.usd_per_rack if design.file.cost else None
    if not racks:
        assert capex["expected"] == pytest.approx(float(billed), abs=0.5)
    else:
        assert capex["expected"] > float(billed)
