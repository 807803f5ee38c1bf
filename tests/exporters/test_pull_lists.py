"""Totals of the pull lists, the bundles, the schedule and the bill of materials agree."""

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter

import pytest

from topo.design import parse_design
from topo.exporters import Plan, build_files, make_plan

FLOORS = ["", "floor: {racks_per_row: 10}\n", "floor: {rule: leaf-in-rack}\n"]


def plan_with(floor: str, spares: float = 0) -> Plan:
    compute = "{family: mrft, switch: nvidia-qm9700}"
    text = f"name: t\ngpus: 512\nhost: dgx-h100\nnetworks: {{compute: {compute}}}\nspares_percent: {spares}\n{floor}"
    return make_plan(parse_design(text))


def table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


@pytest.mark.parametrize("floor", FLOORS)
def test_totals_agree_across_the_files(floor: str) -> None:
    files = build_files(plan_with(floor, 2), ["pull-lists", "cable-schedule-csv", "bom", "counts"])
    pull, schedule = table(files["pull-list.csv"]), table(files["cable-schedule.csv"])
    bundles, bom = table(files["bundles.csv"]), table(files["bom.csv"])
    lengths = {r["cable"]: float(r["length_m"]) for r in schedule}
    assert {r["cable"]: float(r["length_m"]) for r in pull} == lengths
    assert sum(int(b["cables"]) for b in bundles) == len(lengths)
    assert sum(float(b["metres"]) for b in bundles) == pytest.approx(sum(lengths.values()))
    lines = [r for r in bom if r["kind"] == "cable"]
    assert sum(int(r["count"]) for r in lines) == len(lengths)
    assert sum(int(r["count"]) * float(r["length_m"]) for r in lines) == pytest.approx(sum(lengths.values()))
    for row in bom:
        if row["kind"] in ("cable", "transceiver"):
            assert int(row["spares"]) == max(-(-int(row["count"]) * 2 // 100), 1)
    if floor:
        by_group = Counter(r["pull_group"] for r in {r["cable"]: r for r in schedule}.values())
        assert by_group == Counter({b["pull_group"]: int(b["cables"]) for b in bundles})
        first = {}
        for r in schedule:
            first.setdefault(r["cable"], "".join(sorted({r["a_rack"], r["b_rack"]})))
        assert {r["cable"]: "".join(sorted(r["pull_group"].split(">"))) for r in pull} == first
        assert all(r["length_basis"] == "computed" for r in schedule)


@pytest.mark.parametrize("floor", FLOORS)
def test_groups_come_together_and_lengths_rise(floor: str) -> None:
    pull = table(build_files(plan_with(floor), ["pull-lists"])["pull-list.csv"])
    keys = [(r["pull_group"], float(r["length_m"])) for r in pull]
    groups = list(dict.fromkeys(k for k, _ in keys))
    assert len(groups) == sum(a != b for (a, _), (b, _) in itertools.pairwise(keys)) + 1
    assert all(x <= y for (a, x), (b, y) in itertools.pairwise(keys) if a == b)


def test_every_end_has_a_label() -> None:
    plan = plan_with(FLOORS[1])
    blocks = build_files(plan, ["pull-lists"])["labels.txt"].decode().strip().split("\n\n")
    labels = [b.split("\n")[0] for b in blocks]
    assert Counter(labels) == Counter(plan.links.labels[0] + plan.links.labels[1])
    assert len(labels) == 2 * len(plan.fabric.links)
