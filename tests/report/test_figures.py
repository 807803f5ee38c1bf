"""Every figure has one home: what a report shows is registered and described, and no two rows are one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest

import topo
from topo.catalog import load_catalog
from topo.design.loader import parse_design
from topo.report.compare import compare
from topo.report.figure import figures, in_order
from topo.report.model import Metrics
from topo.report.reference import KEYS

RATES = "failure_rates:\n  link: {afr: 0.01}\n  switch: {afr: 0.02}\nrepair_hours: 8\n"
ASKED = "requirements:\n  - failure: {any: cable, throughput_at_least: 0.1}\n"
DESIGN = (
    "name: small\ngpus: 32\nhost: h800-node\nprice_book: published-fabric-links\n"
    "cost: {usd_per_kwh: 0.1, pue: 1.3, maintenance_per_year: 0.05, usd_per_unit: 1.1, currency: EUR}\nnetworks:\n"
    "  compute: {family: mrft, switch: nvidia-qm9700}\n"
)


@pytest.fixture(scope="module")
def metrics() -> dict[str, Any]:
    report = topo.check(parse_design(DESIGN + RATES + ASKED, "small.yaml", load_catalog()))
    found: dict[str, Any] = report.to_json()["metrics"]
    return found


def test_every_figure_is_a_field_or_asked_by_the_comparison_alone() -> None:
    named = {name for name, figure in in_order() if figure.keys}
    assert named == {field.name for field in fields(Metrics)} - {"more"}
    assert all(figure.asked for _, figure in in_order() if not figure.keys)


def test_places_are_no_ties() -> None:
    places = [figure.at for _, figure in in_order()]
    assert len({*places}) == len(places)


def _paths(value: object) -> Iterator[str]:
    """The first keys below a metric, as `Figure.keys` writes them."""
    if isinstance(value, dict):
        yield from map(str, value)
    elif isinstance(value, list):
        yield from (f"[].{key}" for row in value for key in row)
    else:
        yield ""


def test_every_key_of_a_report_is_described(metrics: dict[str, Any]) -> None:
    open_ = {"throughput": {"all-to-all"}, "switches": {"spine"}, "links": set()}
    assert {"failures", "failure_rates", "cost_usd", "lifetime_cost", "power_w", "latency_us", "spare"} <= {*metrics}
    for name, value in metrics.items():
        described = {*figures.get(name).keys}
        assert {*_paths(value)} - described <= open_.get(name, set()), name
    ends = metrics["throughput"]["all-to-all"]["adaptive"]
    assert all(f"<traffic>.<routing>.{key}" in figures.get("throughput").keys for key in ends)


def test_rows_of_the_comparison_are_each_of_one_figure() -> None:
    value = compare([parse_design(DESIGN, "small.yaml", load_catalog())], routings=("adaptive",))
    keys, titles = [row.key for row in value.rows], [row.title for row in value.rows]
    assert len({*keys}) == len(keys)
    assert len({*titles}) == len(titles)


def test_every_other_key_of_a_report_is_described() -> None:
    found = topo.check(parse_design(DESIGN + ASKED, "small.yaml", load_catalog())).to_json()
    for key, value in found.items():
        paths = [key, *(f"{key}.{one}" for one in value)] if isinstance(value, dict) else [key]
        if isinstance(value, list):
            paths = [f"{key}[].{one}" for row in value for one in row]
        known = {*KEYS} | (set(paths) if key in ("metrics", "certificates") else set())
        assert {*paths} <= known | ({key} if any(one.startswith(f"{key}.") for one in KEYS) else set()), key
