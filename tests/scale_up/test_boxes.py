"""Boxes of GPUs that the authors of ForestColl compute: their optimum, by maximum flow and by every cut; trees."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest

from topo.analysis.collectives import place
from topo.analysis.collectives.optimum import optima, schedule
from topo.certificates import verify_certificate

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))

from evidence_parts.boxes import BOXES, fabric_of_boxes


def gpus(graph: nx.Graph[Any]) -> list[str]:
    return [name for name, endpoints in graph.nodes(data="endpoints") if endpoints]


def carried(graph: nx.Graph[Any], algbw_gbps: Fraction) -> bool:
    """Whether every GPU can get all parts at this rate: networkx's flow from a source that feeds one part to each."""
    names = gpus(graph)
    whole = nx.DiGraph()
    for a, b, gbps in graph.edges(data="gbps"):
        for arc in ((a, b), (b, a)):
            whole.add_edge(*arc, capacity=int(gbps) * algbw_gbps.denominator * len(names))
    for name in names:
        whole.add_edge("source", name, capacity=algbw_gbps.numerator)
    wanted = algbw_gbps.numerator * len(names)
    return all(nx.maximum_flow_value(whole, "source", name) == wanted for name in names)


@pytest.mark.parametrize("name", BOXES)
def test_a_flow_of_the_optimum_exists_and_none_of_more(name: str) -> None:
    fabric = fabric_of_boxes(name)
    found = optima(fabric, place(fabric))
    best = found["all-gather"].algbw_gbps
    assert found["all-gather"].complete
    assert carried(BOXES[name], best)
    assert not carried(BOXES[name], best * Fraction(1_000_001, 1_000_000))
    for bound in found.values():
        proved = verify_certificate(fabric, bound.certificate)
        if bound.by == "cut":
            assert proved.bounds["upper"] == bound.algbw_gbps
        else:
            assert bound.operation == "all-to-all"
            assert proved.question["traffic"] == "gpu-all-to-all"


def test_one_mi250_box_by_every_cut() -> None:
    graph = BOXES["mi250_1_box"]
    number = {name: i for i, name in enumerate(gpus(graph))}
    sets = np.arange(1, (1 << 16) - 1)
    inside = (sets[:, None] >> np.arange(16)) & 1
    out = np.zeros(len(sets))
    for a, b, gbps in graph.edges(data="gbps"):
        out += gbps * (inside[:, number[a]] != inside[:, number[b]])
    fabric = fabric_of_boxes("mi250_1_box")
    found = optima(fabric, place(fabric))
    assert float(found["all-gather"].algbw_gbps) == pytest.approx((16 * out / inside.sum(axis=1)).min())
    broadcast = out[inside[:, 0] == 1].min()
    assert float(found["broadcast"].algbw_gbps) == pytest.approx(broadcast)


def test_closed_forms_of_the_switched_boxes() -> None:
    """A GPU gets all other parts by its ports, or a box sends its own by its NICs."""
    for name, boxes in (("a100_2_boxes", 2), ("a100_4_boxes", 4)):
        n = 8 * boxes
        fabric = fabric_of_boxes(name)
        expected = min(n / (n - 1) * 2600, n / (n - 8) * 8 * 200)
        assert float(optima(fabric, place(fabric))["all-gather"].algbw_gbps) == pytest.approx(expected)


@pytest.mark.parametrize(
    "name", ["a100_2_boxes", "mi250_2_boxes_8_gpus_each", pytest.param("mi250_2_boxes", marks=pytest.mark.slow)]
)
def test_trees_reach_it(name: str) -> None:
    fabric = fabric_of_boxes(name)
    bound = optima(fabric, place(fabric))["all-gather"]
    proof = schedule(fabric, bound)
    assert proof is not None
    assert verify_certificate(fabric, proof).bounds == {"lower": bound.algbw_gbps}
