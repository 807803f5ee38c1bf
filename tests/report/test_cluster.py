"""The whole cluster in one report: a row for each network, their sums, and what is missing from them."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import pytest

import topo
from topo import api
from topo.design import Design, build, parse_design
from topo.design.context import context_of
from topo.design.shipped import shipped_design
from topo.report.answers.cluster import cluster_lines
from topo.report.formats.text import render
from topo.report.make import make_report
from topo.report.model import Report

TWO = """name: two
gpus: 64
host: dgx-h100-4-networks
networks:
  compute: {family: mrft, switch: nvidia-qm9700}
  storage: {family: ft2, switch: nvidia-qm9700, spread: by-one}
"""
MANAGED = TWO + "  in-band: {family: ft2, switch: nvidia-sn3700c}\n"


def report_of(design: Design) -> Report:
    return make_report(design, context_of(design, build(design)), (), ask=False)


def test_sums_are_those_of_the_networks() -> None:
    report = report_of(parse_design(MANAGED, "two.yaml"))
    assert report.cluster is not None
    rows, total = report.cluster["networks"], report.cluster["total"]
    assert list(rows) == ["compute", "storage", "in-band"]
    every = {"compute": report.metrics, **report.others}
    for name, metrics in every.items():
        assert rows[name]["switches"] == metrics.switches["total"]
        if "power_unknown" not in rows[name]:
            assert rows[name]["power_w"] == metrics.power_w
    for key in ("switches", "links", "cables", "transceivers", "rack_units", "power_w"):
        assert total[key] == pytest.approx(math.fsum(row.get(key, 0) for row in rows.values()))
    assert total["power_w"] > report.metrics.power_w + report.others["storage"].power_w


def test_what_is_not_known_makes_a_lower_bound_and_is_named() -> None:
    whole, part = (report_of(parse_design(text, "two.yaml")) for text in (TWO, MANAGED))
    assert whole.cluster["total"]["unknown"] == {}
    assert "or more" not in "\n".join(cluster_lines(whole.cluster))
    assert part.cluster["total"]["unknown"]["power_w"] == ["nvidia-sn3700c"]
    text = render([part])
    assert "power, W is a lower bound: not known of nvidia-sn3700c" in text
    assert "or more" in text
    assert "or more" in next(line for line in text.splitlines() if line.strip().startswith("in-band  "))
    assert part.to_json()["cluster"]["total"]["unknown"] == {"power_w": ["nvidia-sn3700c"]}


def test_one_network_is_no_cluster() -> None:
    text = "".join(line for line in TWO.splitlines(True) if "storage" not in line)
    report = report_of(parse_design(text, "one.yaml"))
    assert report.cluster is None
    assert "cluster" not in report.to_json()


def test_money_is_summed_over_networks_with_what_has_no_price() -> None:
    design = parse_design(MANAGED + "price_book: published-fabric-links\n", "two.yaml")
    report = report_of(design)
    total = report.cluster["total"]
    costs = [m.cost_usd["total"] for m in (report.metrics, *report.others.values())]
    assert total["cost_usd"] == pytest.approx(math.fsum(costs))
    assert total["cost_usd_per_gpu"] == pytest.approx(math.fsum(costs) / 64)


def test_the_ai_factory_has_one_bill_that_the_counts_agree_with(tmp_path: Path) -> None:
    design = topo.load_design(shipped_design("dgx-h100-ai-factory"))
    report = make_report(design, context_of(design, topo.build(design)), (), ask=False)
    total = report.cluster["total"]
    topo.api.export(design, tmp_path / "out", names=["bom"])
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out" / "bom.csv").read_text())))
    assert sum(int(r["count"]) for r in rows if r["kind"] == "switch") == total["switches"]
    assert sum(int(r["count"]) for r in rows if r["kind"] == "transceiver") == total["transceivers"]
    assert total["switches"] == 48 + 17 + 14 + 4
    assert total["unknown"] == {}
    priced = sum(float(r["usd"]) for r in rows if r["usd"] and r["kind"] in ("switch", "transceiver", "cable"))
    assert priced == pytest.approx(total["cost_usd"])


@pytest.mark.parametrize(("text", "said"), [(TWO, "<strong>"), (MANAGED, "<strong>at least ")])
def test_the_page_says_the_power_of_all_networks(text: str, said: str, tmp_path: Path) -> None:
    design = tmp_path / "two.yaml"
    design.write_text(text, encoding="utf-8")
    total = report_of(parse_design(text, "two.yaml")).cluster["total"]
    page = api.report_page([design])[0].decode()
    watts = f"{round(total['power_w'], 1):,}".removesuffix(".0")
    assert f"Power of all networks: {said}{watts} W</strong>" in page
    assert ("not known of nvidia-sn3700c" in page) == (text is MANAGED)
    assert "Power of the network" not in page
