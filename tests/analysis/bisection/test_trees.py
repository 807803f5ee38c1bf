"""Trees: the interval is one number, and it is the right one."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import assume
from hypothesis import strategies as st

from tests.slow import often
from topo.analysis.bisection import bisection
from topo.analysis.bisection.sides import with_switches
from topo.certificates.kinds.bisection import check
from topo.certificates.reading.cut import cut_graph
from topo.design.loader import parse_design
from topo.design.wire import build
from topo.errors import InputError
from topo.fabric import Fabric

from .oracles import by_constraints, by_every_side, by_flows
from .small import fabric, host

TREES = ("ft2", "ft3", "mpft", "mrft")


def design(family: str, gpus: int, extra: str = "") -> Fabric:
    words = f"{{family: {family}, switch: nvidia-qm9700{extra}}}"
    return build(parse_design(f"name: t\ngpus: {gpus}\nhost: h800-node\nnetworks:\n  compute: {words}\n"))


def least_over_flows(one: Fabric) -> int:
    """Every balanced set of hosts, each with its minimum cut."""
    graph = cut_graph(one, 0)
    halves = combinations(range(graph.hosts), graph.hosts // 2)
    return min(with_switches(graph, np.array(a, dtype=np.int64)).cut for a in halves)


@st.composite
def small_trees(draw: Any, most_hosts: int = 10) -> Fabric:
    family = draw(st.sampled_from(TREES))
    hosts = [(host(draw(st.integers(1, 4))), draw(st.integers(1, most_hosts)))]
    if draw(st.integers(0, 4)) == 0:
        hosts.append((host(1, gpus=0), draw(st.integers(1, 2))))
    keys: dict[str, object] = {
        "oversubscription": draw(st.sampled_from([1, 1, 2, 3, "1:2"])),
        "spine_oversubscription": draw(st.sampled_from([1, 1, 2, 3])),
    }
    if family == "mrft":
        keys |= {"pods": draw(st.sampled_from(["rail", "scalable-unit"])), "tiers": draw(st.sampled_from([2, 3, None]))}
    try:
        return fabric(family, hosts, draw(st.sampled_from([4, 6, 8, 12])), **keys)
    except InputError:
        assume(False)
        raise


@often(40, 120, small_trees())
def test_every_intact_tree_is_exact(one: Fabric) -> None:
    answer = bisection(one)
    graph = cut_graph(one, 0)
    assert answer.exact
    assert answer.certificate["upper"] == least_over_flows(one)
    assert check(one, json.loads(json.dumps(answer.certificate))) == (
        Fraction(answer.certificate["lower"]) * graph.unit,
        Fraction(answer.certificate["upper"]) * graph.unit,
    )


@often(8, 80, small_trees(), st.data())
def test_degraded_trees_contain_the_truth(one: Fabric, data: st.DataObject) -> None:
    lost = data.draw(st.lists(st.sampled_from(one.links.id.tolist()), max_size=6, unique=True))
    less = one.without(links=lost)
    answer = bisection(less)
    check(less, answer.certificate)
    assert answer.certificate["lower"] * cut_graph(less, 0).unit <= least_over_flows(less) * cut_graph(less, 0).unit
    assert least_over_flows(less) <= answer.certificate["upper"]
    assert answer.lower_gbps <= bisection(one).upper_gbps


@pytest.mark.parametrize("family", TREES)
def test_three_oracles_agree(family: str) -> None:
    one = fabric(family, [(host(2), 5)], 6)
    assert by_constraints(one) == by_flows(one) == bisection(one).upper_gbps


def test_every_side_of_every_node() -> None:
    one = fabric("ft2", [(host(1), 6)], 4, oversubscription=3)
    assert bisection(one).upper_gbps == by_every_side(cut_graph(one, 0)) * 400


@pytest.mark.parametrize(
    ("family", "gpus", "extra", "expected_gbps"),
    [
        ("ft2", 2048, "", 128 * 8 * 400),
        ("ft2", 2040, "", 127 * 8 * 400),
        ("ft3", 16384, "", 1024 * 8 * 400),
        ("mpft", 16384, ", planes: 8", 1024 * 8 * 400),
        ("mrft", 16384, "", 1024 * 8 * 400),
        ("mrft", 16384, ", pods: rail", 1024 * 8 * 400),
        ("ft2", 1536, ", oversubscription: 3", 16 * 16 * 400),
        ("mpft", 12288, ", planes: 8, oversubscription: 3", 8 * 16 * 16 * 400),
    ],
)
def test_closed_forms(family: str, gpus: int, extra: str, expected_gbps: float) -> None:
    """Half the hosts at line rate without oversubscription; half the leaves' uplinks with it, for full leaves."""
    answer = bisection(design(family, gpus, extra))
    assert answer.exact
    assert answer.upper_gbps == answer.lower_gbps == expected_gbps
    if not extra or "over" not in extra:
        assert answer.full_gbps == expected_gbps


def test_halves_are_balanced_and_named() -> None:
    one = fabric("ft3", [(host(2), 9)], 8)
    a, b = bisection(one).halves
    assert sorted([*a.tolist(), *b.tolist()]) == one.devices.name[one.is_host].tolist()
    assert abs(len(a) - len(b)) == 1


def test_two_planes_do_not_cut_for_free() -> None:
    """Splitting endpoints instead of hosts would give 0 on two planes with no common switch."""
    assert bisection(fabric("mpft", [(host(2), 8)], 8)).upper_gbps == 4 * 2 * 400
