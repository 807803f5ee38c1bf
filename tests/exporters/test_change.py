"""The change plan, replayed by a slow stand-in for the people on the floor."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from topo.exporters import Plan, change_files, change_plan

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
