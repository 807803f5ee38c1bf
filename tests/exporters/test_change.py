"""The change plan, replayed by a slow stand-in for the people on the floor."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from topo.design import parse_design
from topo.exporters import Plan, change_files, change_plan, make_plan

PlanOf = Callable[..., Plan]


def cables(plan: Plan) -> set[tuple[str, str]]:
    f = plan.fabric
    names = [f"{f.devices.name[d]}:{f.port_names[p]}" for d, p in zip(f.ports.device, f.ports.name, strict=True)]
    return {(names[a], names[b]) for a, b in zip(f.links.a, f.links.b, strict=True)}


def replayed(old: Plan, new: Plan) -> tuple[set[tuple[str, str]], list[dict[str, str]], dict[str, int]]:
    """The cables after every line of the plan was done; each line must be possible when its turn comes."""
    files = change_files(old, new, change_plan(old, new))
    rows = list(csv.DictReader(io.StringIO(files["changes.csv"].decode())))
    now = cables(old)
    for row in rows:
        if row["change"] in ("remove", "re-terminate", "move", "replace"):
            now.remove((row["old_a"], row["old_b"]))
    for row in rows:
        if row["change"] != "remove":
            assert (row["new_a"], row["new_b"]) not in now
            now.add((row["new_a"], row["new_b"]))
        if row["change"] == "re-terminate":
            assert (row["old_a"] == row["new_a"]) != (row["old_b"] == row["new_b"])
    return now, rows, json.loads(files["changes.json"])["counts"]


CASES = [
    ({"gpus": 1024}, {"gpus": 2048}),
    ({"gpus": 2048}, {"gpus": 1000}),
    ({"gpus": 512}, {"gpus": 512, "oversubscription": 3}),
    ({"gpus": 256, "family": "mrft"}, {"gpus": 512, "family": "mrft"}),
    ({"gpus": 256}, {"gpus": 256, "family": "mpft"}),
]


@pytest.mark.sampled(3)
@pytest.mark.parametrize(("before", "after"), CASES)
def test_the_plan_leads_from_old_to_new(plan_of: PlanOf, before: dict[str, object], after: dict[str, object]) -> None:
    old, new = plan_of(**before), plan_of(**after)
    now, rows, counts = replayed(old, new)
    assert now == cables(new)
    assert len(rows) == sum(n for kind, n in counts.items() if kind != "kept" and "devices" not in kind)
    assert counts["kept"] + counts["replace"] == len(cables(old) & cables(new))
    back, _, _ = replayed(new, old)
    assert back == cables(old)


def test_nothing_changes_in_the_same_plan(plan_of: PlanOf) -> None:
    _, rows, counts = replayed(plan_of(), plan_of())
    assert rows == []
    assert counts["kept"] == len(plan_of().fabric.links)


def test_growth_by_hosts_keeps_every_cable_of_a_full_plane(plan_of: PlanOf) -> None:
    """More leaves of a two-tier plane that has all its spines: nothing that lies is touched."""
    found = change_plan(plan_of(gpus=12288, family="mpft"), plan_of(gpus=16384, family="mpft"))
    assert found.summary() | {"add": 0, "devices added": 0, "kept": 0} == dict.fromkeys(found.summary(), 0)
    assert len(found.added) == 4096 * 2


def test_a_crossed_pair_is_two_reterminations(plan_of: PlanOf) -> None:
    plan = plan_of()
    b = np.array(plan.fabric.links.b)
    b[[300, 340]] = b[[340, 300]]
    found = change_plan(plan, replace(plan, fabric=replace(plan.fabric, links=replace(plan.fabric.links, b=b))))
    assert found.reterminated.tolist() == [[300, 300], [340, 340]]
    assert found.touched == 2


def test_another_part_or_a_longer_cable_is_a_replacement(plan_of: PlanOf) -> None:
    short, long = plan_of(lengths="leaf_spine: 10"), plan_of(lengths="leaf_spine: 40")
    up = int((~short.fabric.is_endpoint_link).sum())
    assert change_plan(short, long).summary()["replace"] == up
    assert change_plan(long, short).summary()["replace"] == 0


def text_plan(text: str) -> Plan:
    return make_plan(parse_design(text))


BASE = "name: t\ngpus: {gpus}\nhost: {host}\nnetworks:\n  compute: {{family: {family}, switch: {switch}}}\n{more}"


def planned(
    gpus: int, host: str = "dgx-h100", switch: str = "nvidia-qm9700", family: str = "ft2", more: str = ""
) -> Plan:
    return text_plan(BASE.format(gpus=gpus, host=host, switch=switch, family=family, more=more))


def by_device(plan: Plan) -> dict[str, str]:
    f = plan.fabric
    return {str(name): f.parts[part] for name, part in zip(f.devices.name, f.devices.part, strict=True)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"host": "dgx-b200"}),
        ({}, {"switch": "nvidia-qm9790"}),
        ({}, {"host": "dgx-b200", "switch": "nvidia-qm9790"}),
    ],
)
def test_other_parts_under_the_same_names_are_replaced(before: dict[str, str], after: dict[str, str]) -> None:
    old, new = planned(256, **before), planned(256, **after)
    found = change_plan(old, new)
    parts = by_device(old), by_device(new)
    other = sorted(name for name in parts[0].keys() & parts[1].keys() if parts[0][name] != parts[1][name])
    assert sorted(found.devices_replaced) == other
    assert other
    counts = found.summary()
    assert counts["devices added"] == counts["devices removed"] == counts["devices replaced"] == len(other)
    at_other = sum(
        str(old.fabric.devices.name[a]) in other or str(old.fabric.devices.name[b]) in other
        for a, b in zip(old.fabric.link_a, old.fabric.link_b, strict=True)
    )
    assert counts["kept"] == len(old.fabric.links) - at_other
    assert found.touched == at_other > 0
    rows = list(csv.DictReader(io.StringIO(change_files(old, new, found)["devices.csv"].decode())))
    assert {row["change"] for row in rows} == {"replace"}
    assert {(row["old_part"], row["new_part"]) for row in rows} == {(parts[0][n], parts[1][n]) for n in other}


def test_another_generation_replaces_every_switch() -> None:
    """640 switches of 64 ports in three tiers come out, 192 of 128 ports in two tiers go in."""
    old = planned(8192, "h800-node", family="ft3")
    new = planned(8192, "h800-node", "nvidia-sn5600", "ft2")
    switches = [sum(plan.fabric.devices.tier > 0) for plan in (old, new)]
    assert switches == [640, 192]
    counts = change_plan(old, new).summary()
    assert (counts["devices removed"], counts["devices added"]) == (640, 192)
    assert counts["kept"] == 0


GROWN = [
    "floor: {}\n", "floor: {rule: leaf-in-rack}\n", "floor: {rule: rail-rows, racks_per_row: 6}\n",
    "floor: {rule: block, racks_per_row: 8}\n",
]  # fmt: skip


@pytest.mark.sampled(3)
@pytest.mark.parametrize("floor", GROWN)
@pytest.mark.parametrize("family", ["ft2", "mpft"])
def test_no_cable_is_kept_that_is_too_short_or_reads_otherwise(floor: str, family: str) -> None:
    """Recounted row by row from the two schedules, not from the arrays that the plan was made of."""
    old, new = (planned(gpus, "h800-node", family=family, more=floor) for gpus in (512, 1024))
    found = change_plan(old, new)
    files = change_files(old, new, found)
    rows = list(csv.DictReader(io.StringIO(files["changes.csv"].decode())))
    for row in rows:
        if row["change"] not in ("remove", "add", "replace"):
            assert row["old_part"] == row["new_part"]
            assert float(row["new_length_m"]) <= float(row["old_length_m"])
    assert len(rows) == found.touched
    before, after = ({r["ends"]: r for r in schedule(plan)} for plan in (old, new))
    touched = {(row["old_a"], row["old_b"]) for row in rows} | {(row["new_a"], row["new_b"]) for row in rows}
    kept = [ends for ends in before.keys() & after.keys() if ends not in touched]
    assert len(kept) == found.summary()["kept"]
    for ends in kept:
        assert before[ends]["label"] == after[ends]["label"]
        assert before[ends]["part"] == after[ends]["part"]
        assert float(before[ends]["length"]) >= float(after[ends]["length"])
    moved = {
        row["device"] for row in csv.DictReader(io.StringIO(files["devices.csv"].decode())) if row["change"] == "move"
    }
    assert len(moved) == found.summary()["devices moved"]
    assert bool(moved) == any(row["change"] == "move" for row in rows if row["old_a"] == row["new_a"])


def schedule(plan: Plan) -> list[dict[str, object]]:
    columns = {c.title: c for c in plan.links.columns}

    def text(title: str) -> list[str]:
        column = columns[title]
        return [column.values[i] for i in column.codes.tolist()]

    ends = zip(text("a_device"), text("a_port"), text("b_device"), text("b_port"), strict=True)
    return [
        {"ends": (f"{ad}:{ap}", f"{bd}:{bp}"), "label": (la, lb), "part": part, "length": length}
        for (ad, ap, bd, bp), la, lb, part, length in zip(
            ends, text("label_a"), text("label_b"), text("cable_part"), text("length_m"), strict=True
        )
    ]


def test_a_floor_plan_for_what_stands_already_changes_labels() -> None:
    old = planned(256, more="lengths_m: {endpoint: 50, leaf_spine: 50}\n")
    new = planned(256, more="floor: {}\n")
    counts = change_plan(old, new).summary()
    assert counts["relabel"] + counts["replace"] == 512
    assert counts["relabel"] > 0
    assert counts["kept"] == 0
