"""The fabric as JSON for topo and for networkx, and the counts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import fields

import networkx as nx
import numpy as np

from topo.exporters import Plan, build_files, to_networkx
from topo.fabric import Fabric
from topo.importers.fabric_json import from_json


def differences(x: Fabric, y: Fabric) -> list[str]:
    found = []
    for field in fields(Fabric):
        left, right = getattr(x, field.name), getattr(y, field.name)
        if field.name in ("devices", "ports", "links", "endpoints"):
            found += [
                f"{field.name}.{c.name}"
                for c in fields(left)
                if getattr(left, c.name).dtype.kind != getattr(right, c.name).dtype.kind
                or not np.array_equal(getattr(left, c.name), getattr(right, c.name))
            ]
        elif not (np.array_equal(left, right) if field.name == "port_names" else left == right):
            found.append(field.name)
    return found


def test_the_fabric_loads_back_to_the_same_fabric(any_plan: Plan) -> None:
    content = build_files(any_plan, ["fabric-json"])["fabric.json"]
    assert differences(from_json(content), any_plan.fabric) == []
    less = any_plan.fabric.without(links=[0, 5])
    assert differences(from_json(content), less) != []


def test_networkx_reads_the_graph_that_to_networkx_gives(any_plan: Plan) -> None:
    data = json.loads(build_files(any_plan, ["networkx-json"])["networkx.json"])
    graph = nx.node_link_graph(data, edges="edges")
    ours = to_networkx(any_plan.fabric)
    assert dict(graph.nodes(data=True)) == dict(ours.nodes(data=True))

    def edges(g: nx.MultiGraph) -> dict[int, tuple[set[str], dict[str, object]]]:  # type: ignore[type-arg]
        return {key: ({u, v}, data) for u, v, key, data in g.edges(keys=True, data=True)}

    assert edges(graph) == edges(ours)
    f = any_plan.fabric
    names = [f.devices.name[side].tolist() for side in (f.link_a, f.link_b)]
    planned = Counter((frozenset(ends), gbps) for *ends, gbps in zip(*names, f.links.gbps.tolist(), strict=True))
    assert Counter((frozenset((u, v)), data["gbps"]) for u, v, data in graph.edges(data=True)) == planned


def test_counts_stand_beside_the_closed_form(any_plan: Plan) -> None:
    files = build_files(any_plan, ["counts"])
    found = json.loads(files["counts.json"])
    network = found["networks"]["compute"]
    closed = network["closed_form"]
    assert {k: n for k, n in network["switches"].items() if k != "total"} == closed["switches"]
    assert {k: n for k, n in network["links"].items() if k != "fabric"} == closed["links"]
    assert {tier: ports["spare"] for tier, ports in network["ports"].items()} == closed["spare"]
    assert all(p["used"] + p["spare"] + p["reserved"] == p["total"] for p in network["ports"].values())
    page = files["counts.md"].decode()
    assert f"{network['switches']['total']:,}" in page


def test_the_page_shows_a_hostile_title_as_it_is(plan_of: Callable[..., Plan]) -> None:
    plan = plan_of(title="'=1 <script> [x](y) | *b*'")
    page = build_files(plan, ["counts"])["counts.md"].decode()
    assert "<script>" not in page.replace("\\<script\\>", "")
    assert "\\<script\\> \\[x\\](y) \\| \\*b\\*" in page
