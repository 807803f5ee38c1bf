"""What schedulers of jobs read, each by the rules of its own documentation, and the same hosts under the same leaves in
all of them."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
import yaml

from tests.exporters.conftest import PlanOf
from tests.exporters.test_formats import RFC1123, expanded, written
from topo.design import parse_design
from topo.errors import ParameterError
from topo.exporters import Plan, build_files, make_plan

DOMAINS = """name: t
gpus: 288
host: dgx-gb200-tray
networks: {compute: {family: mrft, switch: nvidia-qm9700}}
"""
KINDS = ("ft2", "ft3", "mpft", "domains")


@pytest.fixture(scope="module", params=KINDS)
def plan(request: pytest.FixtureRequest, plan_of: PlanOf) -> Plan:
    if request.param == "domains":
        return make_plan(parse_design(DOMAINS))
    return plan_of(gpus=1024 if request.param == "ft2" else 2048, family=request.param)


def documents(plan: Plan, name: str, path: str) -> list[Any]:
    return list(yaml.load_all(written(plan, name, path), yaml.CSafeLoader))


def conf(plan: Plan) -> dict[str, set[str]]:
    """Hosts by leaf, of topology.conf."""
    lines = written(plan, "slurm", "slurm/topology.conf").splitlines()
    fields = [dict(f.split("=", 1) for f in line.split(" ")) for line in lines]
    return {f["SwitchName"]: expanded(f["Nodes"]) for f in fields if "Nodes" in f}


def domains(plan: Plan) -> set[frozenset[str]]:
    """Hosts that one scale-up domain joins, counted here."""
    d = plan.fabric.devices
    found: dict[int, set[str]] = {}
    for name, domain, gpus in zip(d.name.tolist(), d.domain.tolist(), d.gpus.tolist(), strict=True):
        if gpus and domain >= 0:
            found.setdefault(domain, set()).add(name)
    return {frozenset(hosts) for hosts in found.values() if len(hosts) > 1}


def test_slurm_yaml(plan: Plan) -> None:
    """topology.yaml(5): unique names, the name first, one kind each, one default; switches have nodes or children and
    one parent; blocks share no node."""
    (topologies,) = documents(plan, "slurm", "slurm/topology.yaml")
    assert [next(iter(t)) for t in topologies] == ["topology"] * len(topologies)
    names = [t["topology"] for t in topologies]
    assert len(names) == len(set(names))
    assert [t["topology"] for t in topologies if t["cluster_default"]] == ["tree"]
    kinds = {t["topology"]: (set(t) - {"topology", "cluster_default"}).pop() for t in topologies}
    assert set(kinds.values()) <= {"tree", "block", "flat"}
    by_name = {t["topology"]: t for t in topologies}
    switches = by_name["tree"]["tree"]["switches"]
    assert {s["switch"]: expanded(s["nodes"]) for s in switches if "nodes" in s} == conf(plan)
    parents = Counter(child for s in switches if "children" in s for child in expanded(s["children"]))
    assert set(parents) <= {s["switch"] for s in switches}
    assert max(parents.values(), default=1) == 1
    blocks = by_name["block"]["block"] if "block" in by_name else {"blocks": []}
    assert {frozenset(expanded(b["nodes"])) for b in blocks["blocks"]} == domains(plan)
    assert not blocks["blocks"] or blocks["block_sizes"] == [min(map(len, domains(plan)))]


def test_topograph(plan: Plan) -> None:
    """pkg/models/model.go (NVIDIA/topograph): one parent a switch, one switch and block a node, no unknown switch."""
    (model,) = documents(plan, "topograph", "topograph/model.yaml")
    assert set(model) == {"switches", "blocks"}
    parents = Counter(child for s in model["switches"].values() for child in s["switches"])
    assert set(parents) <= set(model["switches"])
    assert max(parents.values(), default=1) == 1
    leaves: dict[str, set[str]] = {}
    joined: dict[str, set[str]] = {}
    nodes: Counter[str] = Counter()
    for block in model["blocks"]:
        assert block["switch"] in model["switches"]
        assert block["nodes"]
        nodes.update(block["nodes"])
        leaves.setdefault(block["switch"], set()).update(block["nodes"])
        for name in block.get("annotations", {}).values():
            joined.setdefault(name, set()).update(block["nodes"])
    assert max(nodes.values()) == 1
    assert leaves == conf(plan)
    assert set(map(frozenset, joined.values())) == domains(plan)


def test_kubernetes(plan: Plan) -> None:
    """Labels are values of at most 63 letters; Kueue: every level a label of every node, each value inside one of the
    level above, the host name last alone; Volcano: members exist, tiers grow upwards, one parent each."""
    nodes = documents(plan, "kubernetes", "kubernetes/node-labels.yaml")
    labels = {n["metadata"]["name"]: n["metadata"]["labels"] for n in nodes}
    assert len(labels) == len(nodes)
    assert all(RFC1123.fullmatch(v) and len(v) <= 63 for held in labels.values() for v in (*held.values(),))
    leaves: dict[str, set[str]] = {}
    joined: dict[str, set[str]] = {}
    for host, held in labels.items():
        leaves.setdefault(held["fabric.topograph.run/tier-0"], set()).add(host)
        if "accelerator.topograph.run/domain" in held:
            joined.setdefault(held["accelerator.topograph.run/domain"], set()).add(host)
    assert leaves == conf(plan)
    assert set(map(frozenset, joined.values())) == domains(plan)
    for topology in documents(plan, "kubernetes", "kubernetes/kueue-topology.yaml"):
        assert topology["kind"] == "Topology"
        levels = [level["nodeLabel"] for level in topology["spec"]["levels"]]
        assert 1 < len(levels) == len(set(levels)) <= 8
        assert levels.index("kubernetes.io/hostname") == len(levels) - 1
        if topology["metadata"]["name"] == "fabric":
            assert all(set(levels[:-1]) <= set(held) for held in labels.values())
            above = {held[low]: held[high] for held in labels.values() for high, low in pairwise(levels[:-1])}
            assert all(
                above[held[low]] == held[high] for held in labels.values() for high, low in pairwise(levels[:-1])
            )
    hyper = documents(plan, "kubernetes", "kubernetes/volcano-hypernodes.yaml")
    tiers = {h["metadata"]["name"]: h["spec"]["tier"] for h in hyper}
    assert len(tiers) == len(hyper)
    members: Counter[str] = Counter()
    for h in hyper:
        assert re.fullmatch(RFC1123, h["metadata"]["name"])
        for member in h["spec"]["members"]:
            name = member["selector"]["exactMatch"]["name"]
            members[name] += 1
            assert member["type"] == ("Node" if h["spec"]["tier"] == 1 else "HyperNode")
            assert name in labels if member["type"] == "Node" else tiers[name] < h["spec"]["tier"]
    assert max(members.values()) == 1
    assert set(labels) <= set(members)


def test_names_that_kubernetes_does_not_take_are_refused(plan_of: PlanOf) -> None:
    from dataclasses import replace

    plan = plan_of(gpus=64)
    devices = plan.fabric.devices
    names = devices.name.astype("U80")
    names[0], names[1] = "gpu_1", "GPU-1"
    alike = replace(plan, fabric=replace(plan.fabric, devices=replace(devices, name=names)))
    with pytest.raises(ParameterError, match="'gpu-1' is there 2 times"):
        build_files(alike, ["kubernetes"])
