"""The public face: names, types for outside callers, and what values show of themselves."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

import topo
from topo.errors import CertificateError, InputError

ROOT = Path(__file__).resolve().parent.parent
CALLER = """
from fractions import Fraction
from pathlib import Path

import topo
from topo.api import audit, lint_plan

design = topo.load_design("designs/tiny-ft2.yaml")
fabric = topo.build(design)
report = topo.check(fabric, requirements=[{"hops": {"at_most": 3}}])
verdict: str = report.verdict
answer = topo.throughput(fabric, traffic="all-to-all", routing="adaptive", network="compute")
ends: tuple[float, float] = (answer.lower, answer.upper)
half = topo.bisection(fabric, time_limit_s=5.0)
capacity: float = half.lower_gbps
assert answer.certificate is not None
proved = topo.verify_certificate(fabric, answer.certificate)
lower: Fraction | None = proved.lower
again = topo.from_networkx(topo.to_networkx(fabric))
less = fabric.without(devices=["spine-000"])
graph = topo.to_networkx(less)
held: list[dict[str, dict[str, float]]] = [{"bisection": {"at_least": 1.0}}]
topo.check(fabric, requirements=held)
topo.check(fabric, requirements=[{"connected": None}, {"failure": {"any": "pair", "of": ("leaf", "spine")}}])
topo.search({"gpus": 8, "host": "example-host-1", "choose": {"families": ["ft2"]}})
names: list[str] = list(graph.nodes)
money = topo.cost(design, sets={"discount.optics": 0.3})
audited = audit(design, Path("lldp.json"), sheet="links", columns=[("a_device", "From")])
listed = lint_plan(Path("plan.csv"), sheet="links")
"""
WRONG = """
topo.check(fabric, requirements=[{"hops": object()}])
topo.check(fabric, requirements=[3])
topo.search({"gpus": {8}})
topo.cost(design, sets={"discount.optics": Path()})
topo.verify_certificate(fabric, 3)
lint_plan(Path("plan.csv"), sheets="links")
audit(design, Path("lldp.json"), columns="a_device=From")
"""
"""Each line has one mistake that a checker of types finds."""
VALUES = ("design", "fabric", "report", "answer", "half", "proved", "again", "less", "money", "audited", "listed")


def test_dir_names_what_there_is() -> None:
    assert dir(topo) == sorted(topo.__all__)
    for name in topo.__all__:
        assert getattr(topo, name) is not None
    with pytest.raises(AttributeError):
        topo.nothing  # noqa: B018


@pytest.mark.slow
def test_an_outside_caller_under_strict_types(tmp_path: Path) -> None:
    """Every public call has a type that mypy --strict sees from outside, without Any: reveal_type finds none."""
    script = tmp_path / "caller.py"
    script.write_text(CALLER + "\n".join(f"reveal_type({name})" for name in VALUES) + WRONG)
    found = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", str(script)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    shown = [line for line in found.stdout.splitlines() if "Revealed type" in line]
    assert len(shown) == len(VALUES), found.stdout
    assert not [line for line in shown if re.search(r"\bAny\b", line)]
    first = len(CALLER.splitlines()) + len(VALUES) + 1
    wrong = {int(line.split(":")[1]) for line in found.stdout.splitlines() if ": error:" in line}
    assert wrong == set(range(first, first + len(WRONG.splitlines()) - 1)), found.stdout


def test_an_outside_caller_under_pyright(tmp_path: Path) -> None:
    """The same under pyright's strict rules; `make types` installs it."""
    pytest.importorskip("basedpyright", reason="`make types` installs it")
    script = tmp_path / "caller.py"
    script.write_text(CALLER + "\n".join(f"reveal_type({name})" for name in VALUES) + WRONG)
    rules = {"include": ["caller.py"], "extraPaths": [str(ROOT)], "typeCheckingMode": "strict"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(rules))
    found = subprocess.run(
        [sys.executable, "-m", "basedpyright", "-p", str(tmp_path), "--pythonpath", sys.executable, "--outputjson"],
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads(found.stdout)["generalDiagnostics"]
    first = len(CALLER.splitlines()) + len(VALUES)
    wrong = {one["range"]["start"]["line"] for one in told if one["severity"] == "error"}
    assert wrong == set(range(first, first + len(WRONG.splitlines()) - 1)), told
    shown = [one["message"] for one in told if one["severity"] == "information"]
    assert len(shown) == len(VALUES)
    assert not [message for message in shown if "Any" in message or "Unknown" in message]


def test_values_show_themselves_shortly() -> None:
    design = topo.load_design(ROOT / "designs" / "tiny-ft2.yaml")
    fabric = topo.build(design)
    report = topo.check(design)
    answer = topo.throughput(fabric)
    for value in (design, fabric, report, answer):
        assert len(repr(value)) < 120
        assert value._repr_html_().startswith("<table>")
    assert repr(fabric) == "<Fabric tiny-ft2: 8 hosts, 6 switches, 8 endpoints, 16 links>"
    assert "held" in repr(report)
    assert (fabric._repr_svg_() or "").startswith("<?xml")


def two_leaves(links: int, **leaf: object) -> nx.MultiGraph[str]:
    """Two switches with four endpoints each and so many links of 400 Gb/s between them."""
    graph: nx.MultiGraph[str] = nx.MultiGraph()
    graph.add_node("a", endpoints=4, **leaf)
    graph.add_node("b", endpoints=4)
    graph.add_edges_from([("a", "b", {"gbps": 400})] * links)
    return graph


@pytest.mark.parametrize(
    ("links", "of_graph", "of_leaf", "carried", "gbps"),
    [
        (4, None, None, 1.0, 1600),
        (1, None, None, 7 / 16, 400),
        (1, 100, None, 1.0, 400),
        (2, 200, 400, 1.0, 800),
    ],
)
def test_a_graph_of_somebody_with_its_speeds(
    links: int, of_graph: float | None, of_leaf: float | None, carried: float, gbps: float
) -> None:
    """Parallel edges are parallel links; an endpoint's speed is its node's, else the graph's, else 400. By hand: where
    all have one speed, 16 of the 56 demands cross one way, each of a seventh of it."""
    graph = two_leaves(links, **({} if of_leaf is None else {"endpoint_gbps": of_leaf}))
    if of_graph is not None:
        graph.graph["endpoint_gbps"] = of_graph
    fabric = topo.from_networkx(graph)
    found = topo.throughput(fabric, traffic="all-to-all", routing="adaptive")
    half = topo.bisection(fabric)
    assert (found.lower, found.upper, found.exact) == pytest.approx((carried, carried, True))
    assert (half.lower_gbps, half.upper_gbps, half.exact) == (gbps, gbps, True)
    for answer, kind in ((found, "throughput"), (half, "bisection")):
        proved = topo.verify_certificate(fabric, json.loads(json.dumps(answer.certificate)))
        assert (proved.kind, proved.network, proved.without) == (kind, "compute", {})
        ends = (found.lower, found.upper) if answer is found else (half.lower_gbps, half.upper_gbps)
        assert (float(proved.lower), float(proved.upper)) == pytest.approx(ends)  # type: ignore[arg-type]


def test_planes_of_a_graph_stand_apart_and_other_graphs_are_refused() -> None:
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from([(n, {"endpoints": 2, "plane": n // 2}) for n in range(4)])
    graph.add_edges_from([(0, 1), (2, 3)], gbps=800)
    fabric = topo.from_networkx(graph)
    assert topo.check(fabric).metrics.planes == 2
    assert topo.throughput(fabric).lower == 1.0  # every endpoint to the others of its own plane
    across, loop = nx.Graph(graph), nx.Graph(graph)
    across.add_edge(0, 2, gbps=800)
    loop.add_edge(0, 0, gbps=800)
    for wrong, told in ((across, "two planes"), (loop, "self-loops"), (nx.DiGraph(graph), "directed graphs")):
        with pytest.raises(InputError, match=told):
            topo.from_networkx(wrong)


def test_what_is_no_requirement_and_no_certificate_is_refused() -> None:
    fabric = topo.from_networkx(two_leaves(4))
    for wrong in ("connected", 3, None, ["hops"], {}, {"hops": {"at_most": 1}, "connected": None}):
        with pytest.raises(InputError, match=r"requirements\[0\]"):
            topo.check(fabric, requirements=[wrong])  # type: ignore[list-item]
    for none in (None, "certificate", [], {}, {"kind": 3}):
        with pytest.raises(CertificateError):
            topo.verify_certificate(fabric, none)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [object(), {1, 2}, np.int64(8), [Path("x")], {"a": b"x"}, {(1, 2): 3}])
def test_what_is_no_plain_data_is_refused_by_its_key(wrong: object) -> None:
    """Where a call takes what a file would hold."""
    design = topo.load_design(ROOT / "designs" / "tiny-ft2.yaml")
    with pytest.raises(InputError, match="gpus: is not plain data"):
        topo.search({"host": "example-host-1", "gpus": wrong})  # type: ignore[dict-item]
    with pytest.raises(InputError, match="years: is not plain data"):
        topo.cost(design, sets={"years": wrong})  # type: ignore[dict-item]


def test_keys_of_a_request_may_be_anything() -> None:
    for key in ("a: b", "", "x\ny", "#", "- z"):
        with pytest.raises(InputError, match="unknown key"):
            topo.search({"gpus": 8, key: 1})


def test_a_throughput_tells_which_pairs_its_certificate_is_about() -> None:
    fabric = topo.from_networkx(two_leaves(4))
    endpoint = int(fabric.links.id[fabric.is_host[fabric.link_a] | fabric.is_host[fabric.link_b]][0])
    found = topo.throughput(fabric.without(links=[endpoint]))
    assert (found.lower, found.upper) == (0.0, 0.0)
    assert "certificate of the pairs with a path: 1 endpoint is cut off" in repr(found)
