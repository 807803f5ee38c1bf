"""What an audit says beside the fault: the cable's label, both racks, rails, and the bisection that is left."""

from __future__ import annotations

import csv
import io
import json
import random

import networkx as nx
import numpy as np
import pytest

from tests.audit.test_audit import FABRIC, PLAN, SPARE, UP, Row, audited, csv_of, rows_of
from topo.audit import Audit, audit
from topo.design import parse_design
from topo.exporters import build_files, make_plan
from topo.importers.as_built.reader import parse_as_built
from topo.report.answers.audits import audit_json, audit_text

PLANNED = 512 * 400 / 2


def found_gbps(found: Audit) -> float:
    (effect,) = found.bisection
    assert effect.planned_gbps == (PLANNED, PLANNED)
    assert effect.built_gbps[0] == effect.built_gbps[1]
    return effect.built_gbps[0]


def test_a_fabric_as_planned_keeps_its_bisection() -> None:
    found = audited(FABRIC, PLAN)
    assert found_gbps(found) == PLANNED
    assert "bisection of the compute network: 102.4 Tb/s, as planned" in audit_text(found)


@pytest.mark.parametrize("seed", range(6))
def test_each_missing_cable_of_a_tree_without_oversubscription_costs_its_speed(seed: int) -> None:
    """Every cable between switches, and every host's, lies on some least cut between halves."""
    rng = random.Random(seed)
    picked = rng.sample(UP, 2) if seed % 2 else rng.sample(range(len(PLAN)), 1)
    found = audited(FABRIC, [r for i, r in enumerate(PLAN) if i not in picked])
    assert len(found.findings) == len(picked)
    assert all("400 Gb/s (0.391%) less than planned." in f.message for f in found.findings)
    assert found_gbps(found) == PLANNED - 400 * len(picked)


def least_cut(found: Audit, hosts: list[str]) -> float:
    """Max-flow from some hosts to all others by networkx: no bisection of these halves is more."""
    graph: nx.DiGraph = nx.DiGraph()
    f = found.fabric
    for a, b, gbps in zip(f.devices.name[f.link_a], f.devices.name[f.link_b], f.links.gbps.tolist(), strict=True):
        for x, y in ((str(a), str(b)), (str(b), str(a))):
            old = graph.get_edge_data(x, y, {"capacity": 0.0})["capacity"]
            graph.add_edge(x, y, capacity=old + gbps)
    for name in f.devices.name[f.is_host].tolist():
        graph.add_edge(*(("source", name) if name in hosts else (name, "sink")))
    return float(nx.maximum_flow_value(graph, "source", "sink"))


def test_a_swap_of_two_uplinks_costs_what_the_best_halves_tell() -> None:
    i, j = next((i, j) for i in UP for j in UP if PLAN[i][0] != PLAN[j][0] and PLAN[i][2] != PLAN[j][2])
    rows = list(PLAN)
    rows[i], rows[j] = (*PLAN[i][:2], *PLAN[j][2:]), (*PLAN[j][:2], *PLAN[i][2:])
    found = audited(FABRIC, rows)
    (finding,) = found.findings
    assert finding.code == "swapped"
    assert "Bisection of the compute network: " in finding.message
    (effect,) = found.bisection
    low, high = effect.built_gbps
    names = FABRIC.devices.name[FABRIC.is_host].tolist()
    assert PLANNED - 800 <= low <= high <= least_cut(found, names[: len(names) // 2]) <= PLANNED


def test_the_effect_is_told_of_the_first_faults_alone_and_of_all_together() -> None:
    found = audited(FABRIC, [r for i, r in enumerate(PLAN) if i not in UP[:30]])
    told = [f for f in found.findings if "Bisection of the compute network" in f.message]
    assert (len(found.findings), len(told)) == (30, 10)
    assert found_gbps(found) == PLANNED - 30 * 400
    assert json.loads(audit_json(found))["bisection"] == [
        {"network": "compute", "planned_gbps": [PLANNED] * 2, "built_gbps": [PLANNED - 12000] * 2}
    ]


def test_label_racks_units_and_rails_stand_in_the_finding() -> None:
    compute = "{family: mrft, switch: nvidia-qm9700}"
    plan = make_plan(
        parse_design(f"name: t\ngpus: 248\nhost: h800-node\nnetworks: {{compute: {compute}}}\nfloor: {{}}\n")
    )
    places, fabric = plan.places, plan.fabric
    assert places is not None
    rows: list[Row] = rows_of(fabric)
    hosts = [i for i, r in enumerate(rows) if r[0].startswith("host")]
    i = hosts[3]
    other = next(j for j in hosts if rows[j][0] != rows[i][0] and rows[j][2] != rows[i][2])
    swapped = list(rows)
    swapped[i], swapped[other] = (*rows[i][:2], *rows[other][2:]), (*rows[other][:2], *rows[i][2:])
    found = audit(fabric, parse_as_built(csv_of(swapped), "found.csv"), places)
    (finding,) = found.findings
    schedule = build_files(plan, ["cable-schedule-csv"])["cable-schedule.csv"].decode()
    label = {(r["a_device"], r["a_port"]): r["label_a"] for r in csv.DictReader(io.StringIO(schedule))}
    assert f"swapped: {label[rows[i][:2]]} and {label[rows[other][:2]]}." in finding.message
    for row in (rows[i], rows[other]):
        for device in (row[0], row[2]):
            at = fabric.device_row[device]
            assert f"(rack {places.racks.name[places.rack[at]]}, unit {places.ru[at]})" in finding.message
    rails = sorted({int(fabric.devices.rail[fabric.device_row[rows[k][2]]]) for k in (i, other)})
    assert f"rail {rails[0]} now meets rail {rails[1]}" in finding.message
    assert f"rail {rails[1]} now meets rail {rails[0]}" in finding.message


def test_a_slow_cable_is_named_by_its_label() -> None:
    rows = [(*PLAN[0][:4], 200.0), *PLAN[1:]]
    (finding,) = audited(FABRIC, rows).findings
    w, x, y, z, _ = PLAN[0]
    assert finding.message.startswith(f"cable {w}:{x}/{y}:{z}: ")


def test_families_without_tiers_are_audited_without_a_bisection() -> None:
    compute = "{family: dragonfly, switch: nvidia-qm9700}"
    plan = make_plan(parse_design(f"name: t\ngpus: 256\nhost: h800-node\nnetworks: {{compute: {compute}}}\n"))
    rows = rows_of(plan.fabric)
    found = audited(plan.fabric, rows[:-1])
    assert [f.code for f in found.findings] == ["missing"]
    assert found.bisection == ()


def test_a_cable_in_a_spare_port_costs_nothing() -> None:
    from tests.audit.test_audit import spare_port

    plan = rows_of(SPARE)
    rows, row = list(plan), plan[0]
    rows[0] = (*row[:3], spare_port(SPARE, row[2]), row[4])
    found = audited(SPARE, rows)
    assert np.isclose(found.bisection[0].built_gbps, found.bisection[0].planned_gbps).all()
    assert "as planned." in found.findings[0].message
