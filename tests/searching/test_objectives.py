"""Every objective: what a search says of its designs is what the check of their files says, and is verified."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import topo
from tests.searching.small import CATALOG, write
from topo.analysis.failures import single_failures
from topo.searching import Search
from topo.searching.candidates.objectives import OBJECTIVES
from topo.searching.verify.verify import verify_search

REQUEST = """\
name: traded
gpus: {gpus}
host: {host}
objectives: [cost_usd, {name}]
choose: {{families: [{families}], switches: [{switches}], oversubscription: [1, 3], spread: [even]}}
requirements:
  - connected: {{}}
"""
SMALL = {"gpus": 12, "host": "example-host-1", "families": "ft2, jellyfish", "switches": "example-switch-8"}
REAL = {"gpus": 128, "host": "h800-node", "families": "ft2, mrft", "switches": "nvidia-qm9700"}
"""Parts whose power and latency are known."""
WITH_REAL = ("power_w", "lifetime_cost_usd", "optics", "latency_us")


def _searched(name: str, folder: Path) -> Search:
    request = REQUEST.format(name=name, **(REAL if name in WITH_REAL else SMALL))
    if name == "lifetime_cost_usd":
        request += "cost: {years: 5, usd_per_kwh: {low: 0.05, high: 0.2}, discount: {all: 0.1, switches: 0.3}}\n"
    if name == "cost_usd":
        request = request.replace("[cost_usd, cost_usd]", "[cost_usd]")
    return topo.search(write(folder, request), folder / "out")


def _checked(name: str, design: topo.Design) -> float:
    """The objective by the calls that anybody else would make."""
    fabric = topo.build(design)
    metrics: dict[str, Any] = topo.check(design).to_json()["metrics"]
    of_metrics = {
        "cost_usd": lambda: metrics["cost_usd"]["total"],
        "lifetime_cost_usd": lambda: topo.cost(design).total.high,
        "power_w": lambda: metrics["power_w"],
        "switches": lambda: metrics["switches"]["total"],
        "cables": lambda: metrics["cables"],
        "optics": lambda: metrics["transceivers"],
        "rack_units": lambda: metrics["rack_units"],
        "latency_us": lambda: max(metrics["latency_us"].values()),
        "adaptive": lambda: topo.throughput(fabric, "all-to-all", "adaptive").lower,
        "spray": lambda: topo.throughput(fabric, "all-to-all", "spray").lower,
        "wcmp": lambda: topo.throughput(fabric, "all-to-all", "wcmp").lower,
        "worst_permutation": lambda: topo.throughput(fabric, "worst-permutation", "spray").lower,
        "after_failure": lambda: min(1.0, min(row.lower for row in single_failures(fabric, ["switch"]))),
    }
    return float(of_metrics[name]())


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name", [name for name in OBJECTIVES if name != "moves"])
def test_an_objective_is_what_the_check_of_the_file_says_and_is_verified(name: str, tmp_path: Path) -> None:
    search = _searched(name, tmp_path)
    assert search.complete
    assert search.front
    for point in search.front:
        assert point.values[name] == pytest.approx(_checked(name, topo.load_design(tmp_path / "out" / point.path)))
    for row in search.rows:
        if row.judgment is not None and row.state == "held":
            bound = OBJECTIVES[name].least(OBJECTIVES[name].bound(row.counted))
            assert bound <= OBJECTIVES[name].least(row.judgment.values[name]) + 1e-9, "the bound cuts off what is there"
    entries = verify_search(tmp_path / "out" / "search.json", CATALOG)
    assert not [entry.text() for entry in entries if not entry.proved]


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("name", "traffic", "routing"),
    [("spray", "all-to-all", "spray"), ("worst_permutation", "worst-permutation", "spray")],
)
def test_a_throughput_that_no_certificate_shows_is_not_proved(
    name: str, traffic: str, routing: str, tmp_path: Path
) -> None:
    """List, result and report tell the same higher figure: only the certificate does not."""
    search = _searched(name, tmp_path)
    folder, point = tmp_path / "out", search.front[0]
    assert point.values[name] < 0.9
    rows = json.loads((folder / "candidates.json").read_text())
    rows[point.row.number]["objectives"][name] = rows[point.row.number]["judged"]["values"][name] = 0.95
    (folder / "candidates.json").write_text(json.dumps(rows))
    text = (folder / "search.json").read_text()
    (folder / "search.json").write_text(text.replace(json.dumps(point.values[name]), "0.95"))
    reports = json.loads((folder / point.report_path).read_text())
    reports[0]["metrics"]["throughput"][traffic][routing].update(lower=0.95, upper=0.95)
    for without in (False, True):
        if without:
            reports[0]["certificates"] = {}
        (folder / point.report_path).write_text(json.dumps(reports))
        entries = {e.id: e for e in verify_search(folder / "search.json", CATALOG)}
        assert not entries[f"candidate {point.row.number} {point.row.candidate.text}"].proved


def test_a_loss_that_no_certificate_shows_is_not_proved(tmp_path: Path) -> None:
    search = _searched("after_failure", tmp_path)
    folder, point = tmp_path / "out", search.front[0]
    reports = json.loads((folder / point.report_path).read_text())
    named = "compute/failures/switch/all-to-all/adaptive"
    del reports[0]["certificates"][named]
    (folder / point.report_path).write_text(json.dumps(reports))
    entries = {e.id: e for e in verify_search(folder / "search.json", CATALOG)}
    assert not entries[f"candidate {point.row.number} {point.row.candidate.text}"].proved
