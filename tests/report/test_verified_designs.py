"""Whatever `check` writes about a design of this repository, `verify` confirms; small and whole."""

import json
from pathlib import Path

import pytest

from topo import api
from topo.api.files import NO_DESIGN
from topo.catalog import load_catalog
from topo.report.verify import sound, verified

ROOT = Path(__file__).parents[2]
DESIGNS = sorted(path for path in (ROOT / "designs").glob("*.yaml") if path.name not in NO_DESIGN)
MOST_BYTES = 5_000_000
COUNTED = ("switches", "spare_ports", "oversubscription", "cost_usd", "power_w", "latency_us")
"""Requirements without a certificate: counts of the wiring, sums over the catalog."""


def confirmed(path: Path, folder: Path) -> None:
    report = api.check(api.load_design(path)).to_json()
    for requirement in report["requirements"]:
        counted = requirement["id"].rpartition("-")[0] in COUNTED
        assert counted or "certificate" in requirement, requirement["id"]
    written = json.dumps(report)
    assert len(written) < MOST_BYTES
    file = folder / "report.json"
    file.write_text(written, encoding="utf-8")
    entries = verified(file, load_catalog())
    assert sound(entries)
    lines = [one.text() for one in entries]
    assert all(line.endswith(": proved") or "(nothing)" in line for line in lines)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("path", [p for p in DESIGNS if p.name.startswith("tiny")], ids=lambda p: p.stem)
def test_tiny_designs(path, tmp_path):
    confirmed(path, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("path", [p for p in DESIGNS if not p.name.startswith("tiny")], ids=lambda p: p.stem)
def test_full_size_designs(path, tmp_path):
    confirmed(path, tmp_path)


@pytest.mark.parametrize("routing", ["adaptive", "spray"])
def test_endpoints_without_a_path_to_peers(routing, tmp_path):
    """No certificate speaks of them: that they are cut off is counted again."""
    flows, design = tmp_path / "t.csv", tmp_path / "d.yaml"
    flows.write_text("src,dst,gbps\nhost-00000:nic0,host-00001:nic0,9\nhost-00000:nic0,host-00001:nic1,9\n")
    design.write_text(
        "name: rails\ngpus: 16\nhost: example-host-2\n"
        "networks: {compute: {family: rail-only, switch: example-switch-8}}\n"
        f"requirements: [{{throughput: {{traffic: 'matrix:file={flows}', routing: {routing}, at_least: 0.5}}}}]\n"
    )
    report = api.check(api.load_design(design)).to_json()
    assert report["verdict"] == "broken"
    (tmp_path / "r.json").write_text(json.dumps(report))
    assert [one.text() for one in verified(tmp_path / "r.json", load_catalog()) if not one.proved] == []
