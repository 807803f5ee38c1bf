"""Graphviz's own parser reads every DOT file that we write, and finds in it what is there."""

from __future__ import annotations

from pathlib import Path

import pygraphviz
import pytest

from topo.api import load_design
from topo.exporters import build_files, make_plan, whole_set

pytestmark = pytest.mark.foreign
DESIGNS = Path(__file__).parents[2] / "designs"
SMALL = sorted(p.stem for p in DESIGNS.glob("tiny-*.yaml"))


@pytest.mark.parametrize("name", [*SMALL, "mrft-2048", "deepseek-v3-2048", "mpft-16384"])
def test_graphviz_parses_every_dot(name: str) -> None:
    plan = make_plan(load_design(DESIGNS / f"{name}.yaml"))
    names = ["ptm-dot"] if name == "mpft-16384" else [n for n in whole_set(plan) if n in ("ptm-dot", "diagrams")]
    files = {path: data for path, data in build_files(plan, names).items() if path.endswith(".dot")}
    assert len(files) >= len(names)
    for path, data in files.items():
        graph = pygraphviz.AGraph(string=data.decode())
        if "cable-validation" in path:
            assert graph.number_of_edges() == len(plan.fabric.links)
            assert set(graph.nodes()) == set(plan.fabric.devices.name.tolist())
        assert graph.number_of_nodes() > 0, path


def test_graphviz_refuses_what_is_no_dot() -> None:
    with pytest.raises(ValueError, match="Invalid Input"):
        pygraphviz.AGraph(string='graph network {\n "leaf1":"swp1" -- \n')
