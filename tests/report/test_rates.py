"""Failures over time in the report: every figure with its interval, and the plot of its strata."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import topo
from topo.design import parse_design
from topo.report.formats.text import render
from topo.report.html.rates import plot

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
