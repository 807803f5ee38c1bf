"""Somebody else's fabric: the same answers as for the design it was made from, guesses said, nothing silent."""

from __future__ import annotations

import json
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

import topo
from tests.audit import writers
from tests.audit.test_kinds import NDR, PLANES, director
from tests.audit.writers import links_of
from tests.cli.test_contract import run
from topo.errors import InputError
from topo.exporters.formats.fabric_json import to_json
from topo.fabric import Fabric
from topo.importers.as_built.reader import parse_as_built
from topo.importers.fabric_json import from_json
from topo.importers.somebody import Imported, Marks, fabric_of


def imported(content: bytes, marks: Marks | None = None) -> Imported:
    return fabric_of([parse_as_built(content, "x.txt")], "x", marks)


def pairs(fabric: Fabric) -> list[tuple[str, str]]:
    names = fabric.devices.name
    return sorted(zip(names[fabric.link_a].tolist(), names[fabric.link_b].tolist(), strict=True))


@pytest.mark.parametrize("fabric", [NDR, PLANES], ids=["tree", "planes"])
@pytest.mark.parametrize("write", [writers.ibnetdiscover, writers.lldp, writers.table], ids=["ib", "lldp", "csv"])
def test_a_design_comes_back(fabric: Fabric, write: object) -> None:
    assert callable(write)
    found = imported(write(links_of(fabric))).fabric
    assert pairs(found) == pairs(fabric)
    assert sorted(found.links.gbps.tolist()) == sorted(fabric.links.gbps.tolist())
    assert len(np.unique(found.devices.plane[~found.is_host])) == len(np.unique(fabric.devices.plane[~fabric.is_host]))
    assert topo.bisection(found).lower_gbps == topo.bisection(fabric).lower_gbps
    assert topo.throughput(found).upper == topo.throughput(fabric).upper
    again = from_json(to_json(found))
    assert pairs(again) == pairs(found)


def test_chips_of_a_director_are_a_three_tier_tree() -> None:
    found = imported(director(4, 4, 2))
    assert sorted(np.bincount(found.fabric.devices.tier).tolist()) == sorted([8, 4, 4, 2])
    assert any("other characters" in g for g in found.guesses)
    assert topo.check(found.fabric).verdict == "held"


def test_speeds_and_roles_that_are_not_told_are_guessed_and_said() -> None:
    content = writers.table(links_of(NDR), "a_device,a_port,b_device,b_port", speed=False)
    found = imported(content)
    assert set(found.fabric.links.gbps.tolist()) == {400.0}
    assert any("tell no speed and get 400 Gb/s (topo's default)" in g for g in found.guesses)
    assert any("hosts are the 3 devices" in g for g in found.guesses)
    assert set(imported(content, Marks(gbps=200.0)).fabric.links.gbps.tolist()) == {200.0}


RING = b"""a_device,a_port,b_device,b_port,a_role,b_role
s0,1,s1,2,switch,switch
s1,1,s2,2,switch,switch
s2,1,s0,2,switch,switch
"""


def test_nothing_that_sends_is_refused_with_what_to_mark() -> None:
    with pytest.raises(InputError, match="nothing sends") as error:
        imported(RING)
    assert "--endpoints N" in error.value.problems[0].hint
    found = imported(RING, Marks(endpoints=2)).fabric
    assert len(found.endpoints) == 6
    assert imported(RING, Marks(hosts=("s0",))).fabric.is_host.sum() == 1


def test_a_graph_without_endpoints_is_undecided() -> None:
    graph = nx.Graph()
    graph.add_edge("a", "b", gbps=400)
    fabric = topo.from_networkx(graph)
    for asked in ([{"throughput": {"at_least": 0.1}}, {"hops": {"at_most": 1}}], None):
        report = topo.check(fabric, requirements=asked)
        assert report.verdict == "undecided"
        assert "nothing-sends" in {f.code for f in report.findings}
        assert all(r.verdict == "undecided" for r in report.requirements)


def islands() -> Fabric:
    graph = nx.Graph()
    for i in range(4):
        graph.add_node(f"s{i}", endpoints=2)
    graph.add_edge("s0", "s1", gbps=800)
    graph.add_edge("s2", "s3", gbps=800)
    return topo.from_networkx(graph)


def test_pairs_without_a_path_count_as_nothing_carried() -> None:
    fabric = islands()
    found = topo.throughput(fabric)
    assert (found.lower, found.upper) == (0.0, 0.0)
    assert len(found.cut_off) == 4
    rest = topo.throughput(fabric, unreachable="leave-out")
    assert rest.lower == rest.upper > 1
    report = topo.check(fabric, requirements=[{"throughput": {"at_least": 0.5}}])
    assert report.requirements[0].verdict == "broken"
    assert any("counts as 0; without them" in f.message for f in report.findings)
    asked = [{"throughput": {"at_least": 0.5, "unreachable": "leave-out"}}]
    assert topo.check(fabric, requirements=asked).requirements[0].verdict == "held"


def test_import_and_check_on_the_command_line(tmp_path: Path) -> None:
    file, fabric = tmp_path / "dump.txt", tmp_path / "fabric.json"
    file.write_bytes(writers.ibnetdiscover(links_of(NDR)))
    done = run("import", str(file), "-o", str(fabric))
    assert (done.returncode, "guessed: tiers" in done.stdout) == (0, True)
    held = run("check", str(fabric), "--require", "hops: {at_most: 3}", "--require", "connected: {}")
    assert held.returncode == 0, held.stdout + held.stderr
    broken = run("check", str(fabric), "--require", "hops: {at_most: 1}")
    assert broken.returncode == 1
    wrong = run("check", str(fabric), "--require", "hops: {at_mots: 1}")
    assert (wrong.returncode, "at_mots" in wrong.stdout + wrong.stderr) == (2, True)
    for command in (["show"], ["routing"], ["diagram", "-o", str(tmp_path / "x.svg")]):
        done = run(command[0], str(fabric), *command[1:])
        assert done.returncode == 0, (command, done.stderr)


def uneven_tree() -> bytes:
    """Four leaves on two spines: three have two cables to each spine, one has three and one."""
    rows, number = ["a_device,a_port,b_device,b_port,speed_gbps"], {"spine0": 0, "spine1": 0}
    for leaf in range(4):
        rows += [f"host{leaf}-{h},1,leaf{leaf},{h + 1},400" for h in range(4)]
        for k, spine in enumerate(["spine0", "spine0", "spine1", "spine1" if leaf else "spine0"]):
            number[spine] += 1
            rows.append(f"leaf{leaf},{40 + k},{spine},{number[spine]},400")
    return "\n".join(rows).encode()


def test_an_uneven_tree_of_somebody_else_is_a_warning_and_a_requirement_decides() -> None:
    fabric = imported(uneven_tree()).fabric
    found = topo.check(fabric)
    assert found.verdict == "held"
    assert {(f.code, f.severity) for f in found.findings} == {("uplink-spread", "warning")}
    assert any(f.where[0] == "leaf0" for f in found.findings)
    assert topo.check(fabric, requirements=[{"hops": {"at_most": 3}}]).verdict == "held"
    broken = topo.check(fabric, requirements=[{"bisection": {"at_least": 1.0}}])
    assert broken.verdict == "broken"


def test_what_an_imported_fabric_costs_is_not_known(tmp_path: Path) -> None:
    (tmp_path / "fabric.json").write_bytes(to_json(imported(uneven_tree()).fabric))
    (tmp_path / "d.yaml").write_text(
        "name: mine\ngpus: 64\nhost: h800-node\nnetworks: {compute: {family: ft2, switch: nvidia-qm9700}}\n"
    )
    result = run("compare", "d.yaml", "fabric.json", cwd=tmp_path)
    assert result.returncode == 0
    rows = {line.split("  ")[0].strip(): line.split() for line in result.stdout.splitlines()}
    (cost,) = (words for title, words in rows.items() if title.startswith("cost per GPU") and " is " not in title)
    assert cost[-1] == "-"
    assert "cost per GPU of x is not known, as no part of its switches is." in " ".join(result.stdout.split())


def test_endpoints_that_nodes_state_are_hosts_as_from_networkx_has_them(tmp_path: Path) -> None:
    graph = nx.random_regular_graph(3, 8, seed=1)
    nx.set_edge_attributes(graph, 200, "gbps")
    for node in graph:
        graph.nodes[node].update({"endpoints": node % 3, **({"endpoint_gbps": 100} if node == 1 else {})})
    graph.graph["endpoint_gbps"] = 200
    graph = nx.relabel_nodes(graph, {node: f"sw{node}" for node in graph})
    file = tmp_path / "graph.json"
    file.write_text(json.dumps(nx.node_link_data(graph, edges="links")))
    done = run("import", str(file), "-o", str(tmp_path / "fabric.json"))
    assert (done.returncode, "endpoints that 5 switches state" in done.stdout) == (0, True), done.stderr
    mine, theirs = from_json((tmp_path / "fabric.json").read_bytes(), "x"), topo.from_networkx(graph)
    assert sorted(mine.endpoints.gbps.tolist()) == sorted(theirs.endpoints.gbps.tolist())
    found = [topo.throughput(fabric, traffic="all-to-all", routing="adaptive") for fabric in (mine, theirs)]
    assert abs(found[0].lower - found[1].lower) < 1e-6
    for wrong in (-1, 1.5, "x", True, None, 10**30, [1]):
        graph.nodes["sw1"]["endpoints"] = wrong
        file.write_text(json.dumps(nx.node_link_data(graph, edges="links")))
        done = run("import", str(file), "-o", str(tmp_path / "other.json"))
        assert (done.returncode, "node sw1" in done.stderr) == (2, True), (wrong, done.stderr)
    assert not (tmp_path / "other.json").exists()


def test_a_pattern_that_names_no_device_is_refused_beside_others_that_do(tmp_path: Path) -> None:
    file = tmp_path / "cables.csv"
    file.write_text("a_device,a_port,b_device,b_port\nhost-0,p0,leaf-0,1\nhost-1,p0,leaf-0,2\n")
    marks = ("--hosts", "host-*", "--hosts", "node-*", "--switches", "spine-*")
    done = run("import", str(file), "-o", str(tmp_path / "fabric.json"), *marks)
    assert done.returncode == 2
    for option, pattern in (("--hosts", "node-*"), ("--switches", "spine-*")):
        assert f"{option}: no device has such a name\n  value: {pattern}\n" in done.stderr
    assert not (tmp_path / "fabric.json").exists()


@pytest.mark.parametrize(
    ("option", "value"),
    [("--gbps", v) for v in ("inf", "1e400", "1e-300", "1e9")] + [("--gpus", v) for v in ("3000000000", "99999999999")],
)
def test_numbers_that_no_fabric_holds_are_refused(option: str, value: str, tmp_path: Path) -> None:
    file = tmp_path / "cables.csv"
    file.write_text("a_device,a_port,b_device,b_port\nhost-0,p0,leaf-0,1\nhost-1,p0,leaf-0,2\n")
    done = run("import", str(file), "-o", str(tmp_path / "fabric.json"), option, value)
    assert (done.returncode, done.stderr.startswith(f"error: {option}: is n")) == (2, True), done.stderr
    assert "allowed: " in done.stderr
    assert not (tmp_path / "fabric.json").exists()
