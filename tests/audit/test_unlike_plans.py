"""Own plans of networks with unlike leaves: no alarm, and one wrong uplink is told, of a kind of one leaf too."""

from __future__ import annotations

import csv
import io
from collections import Counter
from functools import lru_cache

import pytest

from topo.audit import lint_plan
from topo.checks.model import Finding
from topo.design import parse_design
from topo.exporters import build_files, make_plan
from topo.importers.as_built.reader import parse_as_built

BORDER = "{role: border, count: 2, outside: {ports: 4, gbps: 400}, uplinks: 4}"
PLANS = {
    "border in three tiers": ("h800-node", 20, {"mi355x-server": 2}, f"family: ft3, leaves: [{BORDER}]"),
    "border in pods of their own": (
        "dgx-b200", 16, {"mi355x-server": 4},
        "family: mrft, tiers: 3, uplink_gbps: 800, leaves: [{hosts: mi355x-server, role: service}, "
        "{role: border, count: 2, outside: {ports: 8, gbps: 400}, uplink_gbps: 400}]",
    ),
    "a leaf of each of two kinds": (
        "mi300x-server", 16, {"h800-node": 12, "dgx-b200": 4},
        "family: ft3, leaves: [{hosts: mi300x-server, endpoint_gbps: 200, oversubscription: 3}, "
        "{hosts: dgx-b200, oversubscription: '5:3'}]",
    ),
    "a leaf of a kind, by one": (
        "hgx-b300-ethernet", 9, {"mi355x-server": 24},
        f"family: ft3, spread: by-one, leaves: [{{hosts: hgx-b300-ethernet, oversubscription: 2}}, {BORDER}]",
    ),
    "a leaf of a kind in each plane": (
        "h800-node", 24, {"mi355x-server": 24}, "family: mpft, spread: by-one, leaves: [{hosts: mi355x-server, "
        f"oversubscription: '5:3'}}, {BORDER}]",
    ),
}  # fmt: skip
Rows = list[dict[str, str]]


@lru_cache(maxsize=8)
def schedule(name: str) -> tuple[dict[str, str], ...]:
    host, hosts, others, keys = PLANS[name]
    more = ", ".join(f"{{host: {part}, count: {n}}}" for part, n in others.items())
    text = f"name: t\ngpus: {8 * hosts}\nhost: {host}\nother_hosts: [{more}]\n"
    plan = make_plan(parse_design(f"{text}networks: {{compute: {{switch: nvidia-sn5600, {keys}}}}}\n"))
    written = build_files(plan, ["cable-schedule-csv"])["cable-schedule.csv"].decode()
    return tuple(csv.DictReader(io.StringIO(written)))


def alarms(rows: Rows) -> list[Finding]:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    found = lint_plan(parse_as_built(out.getvalue().encode(), "cable-schedule.csv"))
    return [f for f in found if f.severity != "note"]


def uplinks(rows: Rows) -> dict[str, list[tuple[int, ...]]]:
    """Leaf -> the rows of each of its uplinks, of which one of two cables has two."""
    result: dict[str, dict[str, list[int]]] = {}
    for i, row in enumerate(rows):
        if row["a_role"] == "leaf" and row["b_role"] == "spine":
            result.setdefault(row["a_device"], {}).setdefault(row["a_port"], []).append(i)
    return {leaf: [tuple(i) for i in own.values()] for leaf, own in result.items()}


@pytest.mark.parametrize("name", PLANS)
def test_own_plans_of_unlike_leaves_raise_no_alarm(name: str) -> None:
    rows = [*schedule(name)]
    assert len({len(own) for own in uplinks(rows).values()}) > 1, "leaves have unlike numbers of uplinks"
    assert alarms(rows) == []


@pytest.mark.parametrize("name", PLANS)
def test_a_missing_uplink_is_told(name: str) -> None:
    """The first, the last, and one between, of a leaf of each number of uplinks."""
    rows = [*schedule(name)]
    of_number = {len(own): (leaf, own) for leaf, own in uplinks(rows).items()}
    for leaf, own in of_number.values():
        for gone in {own[0], own[len(own) // 2 - 1], own[-1]}:
            left = Counter(rows[link[0]]["b_device"] for link in own if link != gone)
            found = alarms([row for i, row in enumerate(rows) if i not in gone])
            by_one = gone == own[-1] and max(left.values()) - min(left.values()) <= 1 and "by one" in name
            assert by_one or any(f.code == "uneven-spread" and f.where[0] == leaf for f in found), leaf


@pytest.mark.parametrize("name", PLANS)
def test_two_uplinks_that_changed_places_are_told(name: str) -> None:
    rows = [*schedule(name)]
    of_number = {len(own): (leaf, own) for leaf, own in uplinks(rows).items()}
    for leaf, own in of_number.values():
        links = [link for far, more in uplinks(rows).items() if far != leaf for link in more[::-1]]
        at = rows[own[0][0]]["b_device"]
        other = next(link for link in links if rows[link[0]]["b_device"] != at and len(link) == len(own[0]))
        wrong = [*rows]
        for a, b in [*zip(own[0], other, strict=True), *zip(other, own[0], strict=True)]:
            wrong[a] = {**rows[a], "b_device": rows[b]["b_device"], "b_port": rows[b]["b_port"]}
        told = {f.where[0] for f in alarms(wrong) if f.code == "uneven-spread"}
        assert told & {leaf, rows[other[0]]["a_device"]}, leaf
