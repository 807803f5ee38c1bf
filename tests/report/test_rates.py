"""Failures over time in the report: every figure with its interval, and the plot of its strata."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import topo
from topo.catalog import load_catalog
from topo.design import parse_design
from topo.report.formats.text import render
from topo.report.html.rates import plot
from topo.report.verify import Verified, sound, verified

TEXT = """name: d
gpus: 64
host: h800-node
networks:
  compute: {family: ft2, switch: nvidia-qm9700}
repair_hours: 100
failure_rates:
  leaf: {afr: 0.1, source: "<b>ours</b>"}
  endpoint_link: {afr: 0.2}
"""


def test_text_and_plot_show_what_the_json_holds() -> None:
    report = topo.check(parse_design(TEXT))
    found = report.to_json()["metrics"]["failure_rates"]
    said = render([report])
    state = found["expected_throughput"]
    assert f"{found['broken_per_month']:.4g} things break a month" in said
    assert f"{state['lower']:.4g} to {state['upper']:.4g} of line rate on average, proved" in said
    assert "no rate is stated of any module" in said
    root = ElementTree.fromstring(plot(state))
    titles = [e.text for e in root.iter() if e.tag.endswith("title")]
    assert len(titles) == len(state["strata"])
    assert re.match(r"0 broken, [\d.]+% of the time: mean 1 to 1, least 1, by classes", titles[0] or "")
    circles = [e for e in root.iter() if e.tag.endswith("circle")]
    heights = [float(c.get("cy", "0")) for c in circles]
    means = [s["lower"] for s in state["strata"]]
    by_mean = [height for _, height in sorted(zip(means, heights, strict=True), key=lambda both: -both[0])]
    assert by_mean == sorted(heights)
    assert plot(None) == ""


def test_a_steady_state_is_told_to_rest_on_no_certificate_and_what_can_be_counted_is(tmp_path: Path) -> None:
    path = tmp_path / "d.yaml"
    path.write_text(
        TEXT + "requirements:\n  - expected_throughput: {at_least: 0.5}\n  - spares: {of: leaf, at_most: 9}\n"
    )
    reports = [topo.check(topo.load_design(path)).to_json()]
    stated = tmp_path / "report.json"

    def told(change: Callable[[dict[str, Any]], None] = lambda report: None) -> tuple[bool, dict[str, Verified]]:
        changed = json.loads(json.dumps(reports))
        change(changed[0])
        stated.write_text(json.dumps(changed))
        found = verified(stated, load_catalog())
        return sound(found), {one.id: one for one in found}

    holds, lines = told()
    assert holds, [one.text() for one in lines.values() if not one.proved]
    for id_ in (reports[0]["requirements"][0]["id"], "metrics.failure_rates.expected_throughput"):
        assert (lines[id_].proved, lines[id_].rests_on) == (False, "nothing")
        assert "without certificates" in lines[id_].reason
    assert lines[reports[0]["requirements"][1]["id"]].proved

    def rates(report: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = report["metrics"]["failure_rates"]
        return found

    assert not told(lambda r: rates(r)["expected_throughput"].update(none_broken=0.9999))[0]
    assert not told(lambda r: rates(r)["expected_throughput"].update(groups=3))[0]
    assert not told(lambda r: rates(r)["expected_throughput"].update(lower=0.9, upper=0.8))[0]
    assert not told(lambda r: rates(r).pop("expected_throughput"))[0]
    assert not told(lambda r: rates(r).update(broken_per_month=0.1))[0]
    assert not told(lambda r: r["requirements"][0].update(measured=0.4))[0]
    assert not told(lambda r: r["requirements"][0].update(bound=0.4))[0]
    assert not told(lambda r: r.update(verdict="broken"))[0]
